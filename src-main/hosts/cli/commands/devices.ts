import type { Command } from 'commander'
import { textOf } from '../../../base/note.ts'
import { deviceId } from '../../../contract/ids.ts'
import { formatBytes, table } from '../output.ts'
import { withSession } from '../session.ts'
import { deviceBenchCommands } from './device-bench.ts'

export function deviceCommands(program: Command) {
  const devices = program.command('devices').description('What a model can run on here, and why not where it cannot.')
  devices.action((_options: unknown, command: Command) =>
    withSession(command, async ({ api, output }) => {
      const list = await api.devices.list()
      output.result(list, () =>
        table(
          ['device', 'name', 'core', 'flash', 'RAM', 'state'],
          list.map((d) => [
            d.id,
            d.name,
            d.core,
            bytes(d.flashBytes),
            bytes(d.ramBytes),
            d.available ? 'ready' : textOf(d.problem ?? 'not available'),
          ]),
        ),
      )
    }),
  )
  deviceBenchCommands(devices)
  devices
    .command('identify <device>')
    .description('Opens the link, says hello, and shows what came back.')
    .action((id: string, _options: unknown, command: Command) =>
      withSession(command, async ({ api, output }) => {
        const found = await api.devices.identify({ id: deviceId.parse(id) })
        output.result(found, () =>
          [`${found.board}, ${found.core}, ${found.clockHz} Hz, agent ${found.agentBuild}`, ...found.handshake].join(
            '\n',
          ),
        )
      }),
    )
}

const bytes = (count: number | null) => (count === null ? null : formatBytes(count))
