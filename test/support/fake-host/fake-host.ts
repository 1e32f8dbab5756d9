// Serves out/web and the fake router over the same address and paths as the web host: `node fake-host.ts [port] [stepMs]`.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { RPCHandler } from '@orpc/server/ws'
import { WebSocketServer } from 'ws'
import { createFakeRouter } from './fake-router.ts'

const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
const builtInterface = join(import.meta.dirname, '../../../out/web')

export interface FakeHostOptions {
  readonly port: number
  readonly stepMs: number
  readonly token: string
  /** Folder of the built interface. */
  readonly assets?: string
}

export async function startFakeHost(options: FakeHostOptions) {
  const { assets = builtInterface } = options
  const { router, fake } = createFakeRouter(options)
  const handler = new RPCHandler(router)
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://fake').pathname
    const file = join(assets, normalize(path === '/' ? '/index.html' : path))
    try {
      const body = await readFile(file)
      response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://fake')
    if (url.pathname !== '/rpc' || url.searchParams.get('token') !== options.token) return socket.destroy()
    sockets.handleUpgrade(request, socket, head, (ws) => void handler.upgrade(ws, { context: {} }))
  })
  await new Promise<void>((resolve) => server.listen(options.port, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/#token=${options.token}`,
    fake,
    /** Ends every connection, as a host that was closed would. */
    disconnect: () => {
      for (const client of sockets.clients) client.terminate()
    },
    async [Symbol.asyncDispose]() {
      for (const client of sockets.clients) client.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

if (import.meta.main) {
  const host = await startFakeHost({
    port: Number(process.argv[2] ?? 0),
    stepMs: Number(process.argv[3] ?? 400),
    token: 'test',
  })
  process.stdout.write(`${host.url}\n`)
}
