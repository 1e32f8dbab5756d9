import type { FakeRoutes } from '../fake-state.ts'
import { devices, type FakeState } from '../fake-state.ts'
import { fakeDetails } from '../fake-views.ts'

export function fakeDevices(os: FakeRoutes, fake: FakeState) {
  return {
    list: os.devices.list.handler(() => devices),
    details: os.devices.details.handler(({ input }) => fakeDetails(input.id)),
    agentImage: os.devices.agentImage.handler(({ input }) => ({ fileName: input.file, data: new Blob(['UF2']) })),
    console: os.devices.console.handler(({ input, signal }) => fake.console.watch(input.id, signal)),
    send: os.devices.send.handler(({ input }) => fake.console.send(input.id, input.line)),
    identify: os.devices.identify.handler(({ input, errors }) => {
      if (input.id !== 'pico') {
        throw errors.APP_ERROR({
          data: {
            code: 'device.noAnswer',
            message: `No answer from ${input.id} in 500 ms.`,
            next: 'Press reset on the board, check the cable, and try again.',
            data: {},
          },
        })
      }
      return {
        board: 'rp2040',
        core: 'Cortex-M0+',
        clockHz: 125e6,
        agentBuild: 'agent-0.1.0',
        poolBytes: 196_608,
        codeBytes: 32_000,
        handshake: ['> 03 01 01 05 a1 8c 2e 11 00', '< 11 81 01 72 70 32 30 34 30 00'],
      }
    }),
  }
}
