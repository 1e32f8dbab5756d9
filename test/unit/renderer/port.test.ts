// The desktop application's way: the page asks its own window, the preload answers with a port, the contract runs on it.
import { createORPCClient } from '@orpc/client'
import { RPCHandler } from '@orpc/server/message-port'
import { expect, test } from 'vitest'
import type { Api } from '../../../src-main/contract/contract.ts'
import { connectChannel, portChannel } from '../../../src-main/hosts/electron/channels.ts'
import { type PageMessage, type PagePort, type PageWindow, portOpener } from '../../../src-renderer/api/openers.ts'
import { createFakeRouter } from '../../support/fake-host/fake-router.ts'

/** A window whose messages are handled as the preload handles them. */
function pageWithPreload() {
  const { router, fake } = createFakeRouter({ stepMs: 0 })
  const handler = new RPCHandler(router)
  const { port1, port2 } = new MessageChannel()
  const listeners = new Set<(event: PageMessage) => void>()
  const tell = (data: string, source: unknown, ports: readonly PagePort[]) => {
    for (const listen of listeners) listen({ data, source, ports })
  }
  const window: PageWindow = {
    origin: 'app://shoehorn',
    addEventListener: (_type, listen) => listeners.add(listen),
    removeEventListener: (_type, listen) => listeners.delete(listen),
    postMessage: (message, origin) => {
      if (message !== connectChannel || origin !== window.origin) return
      tell(portChannel, 'another window', [new MessageChannel().port2])
      handler.upgrade(port1, { context: {} })
      port1.start()
      tell(portChannel, window, [port2])
    },
  }
  return { window, fake, hangUp: () => port1.close() }
}

test('calls, streams and file chunks cross the port, and its end is seen', async () => {
  const { window, fake, hangUp } = pageWithPreload()
  const { link, closed } = await portOpener(window)()
  const api: Api = createORPCClient(link)

  const { id } = await api.uploads.begin({ files: [{ path: 'a.onnx', bytes: 5 }] })
  await api.uploads.chunk({ id, file: 0, offset: 0, data: new Blob(['abc']) })
  await api.uploads.chunk({ id, file: 0, offset: 3, data: new Blob(['de']) })
  const model = await api.models.add({ source: { kind: 'upload', upload: id } })
  const data = fake.addData('a.npz')
  const { job } = await api.runs.start({
    project: null,
    model: model.id,
    data: data.id,
    device: 'pico' as never,
    recipe: 'int8',
    seed: 1,
    warmup: 1,
    runs: 1,
  })
  const states: string[] = []
  for await (const { state } of await api.jobs.watch({ id: job })) if (states.at(-1) !== state) states.push(state)
  expect([model.name, states]).toEqual(['a.onnx', ['running', 'done']])
  hangUp()
  await closed
})
