// The web host: the built interface over HTTP and the contract over one WebSocket, on this computer only, behind a token.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { RPCHandler } from '@orpc/server/ws'
import { WebSocketServer } from 'ws'
import type { App } from '../../app.ts'
import { AppError } from '../../base/errors.ts'
import { toErrorInfo } from '../../contract/error.ts'
import { uploadId } from '../../contract/ids.ts'
import { maxChunkBytes, uploadFolder } from '../../contract/upload.ts'

export interface WebHostOptions {
  readonly port: number
  /** Folder of the built interface. */
  readonly assets: string
  /** Made up when left out. */
  readonly token?: string
}

export interface WebHost extends AsyncDisposable {
  /** Open this: it carries the token. */
  readonly url: string
  readonly port: number
}

const address = '127.0.0.1'

/** Not imported by name: then Node makes all exports of the module at once, its own WebSocket client with them, 26 ms. */
const { createServer } = process.getBuiltinModule('node:http')

export async function startWebHost(app: App, options: WebHostOptions): Promise<WebHost> {
  if (!existsSync(join(options.assets, 'index.html'))) throw new AppError('serve.notBuilt')
  const token = options.token ?? randomBytes(24).toString('base64url')
  const server = createServer((request, response) => {
    const answered =
      request.method === 'PUT' ? takeUpload(app, request, response) : serveAsset(options.assets, request, response)
    answered.catch(() => response.writeHead(500).end())
  })
  // A large upload may last.
  server.requestTimeout = 0
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxChunkBytes * 2 })
  const handler = new RPCHandler(app.router)
  server.on('upgrade', (request, socket, head) => {
    if (!mayConnect(request, token)) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (ws) => void handler.upgrade(ws, { context: {} }))
  })
  const port = await listen(server, options.port)
  return {
    port,
    url: `http://${address}:${port}/#token=${token}`,
    async [Symbol.asyncDispose]() {
      for (const client of sockets.clients) client.terminate()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, address, resolve)
  try {
    await promise
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('serve.port', { port, problem }, { cause })
  }
  const bound = server.address()
  return typeof bound === 'object' && bound ? bound.port : port
}

/** A page of another origin must not reach the socket even if it learnt the port, and nobody without the token. */
function mayConnect(request: IncomingMessage, token: string): boolean {
  const url = URL.parse(request.url ?? '/', `http://${address}`)
  if (url?.pathname !== '/rpc' || !isOwnPage(request)) return false
  return sameText(url.searchParams.get('token') ?? '', token)
}

function isOwnPage({ headers: { origin, host } }: IncomingMessage): boolean {
  return isLocalHost(host) && (origin === undefined || URL.parse(origin)?.host === host)
}

/** Against DNS rebinding: only names of this computer. */
const isLocalHost = (host: string | undefined) => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host ?? '')

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

const mediaTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

const headers = {
  'content-security-policy':
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
}

/** The bundler names these files by their content: the browser keeps them, and what it compiled of them. */
const namedByContent = { 'cache-control': 'max-age=31536000, immutable' }

/** The id of an upload is random, good for that upload alone, and told only to whom the token let in. */
async function takeUpload(app: App, request: IncomingMessage, response: ServerResponse) {
  const id = request.url?.startsWith(uploadFolder) ? request.url.slice(uploadFolder.length) : ''
  if (id === '' || !isOwnPage(request)) return response.writeHead(403, headers).end()
  try {
    await app.services.uploads.receive(uploadId.parse(id), request.iterator({ destroyOnReturn: false }))
    response.writeHead(204, headers).end()
  } catch (error) {
    // A page hears an answer only when all that it sends was taken.
    request.resume()
    response.writeHead(400, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(toErrorInfo(error)))
  }
}

async function serveAsset(assets: string, request: IncomingMessage, response: ServerResponse) {
  if (!isLocalHost(request.headers.host)) return response.writeHead(403, headers).end()
  if (request.method !== 'GET' && request.method !== 'HEAD') return response.writeHead(405, headers).end()
  const { pathname } = new URL(request.url ?? '/', `http://${address}`)
  const path = normalize(join(assets, pathname === '/' ? 'index.html' : safeDecode(pathname)))
  if (!path.startsWith(assets + sep)) return response.writeHead(404, headers).end()
  const body = await readFile(path).catch(() => null)
  if (!body) return response.writeHead(404, headers).end()
  const type = mediaTypes[extname(path)] ?? 'application/octet-stream'
  const kept = path.startsWith(join(assets, 'assets') + sep) ? namedByContent : {}
  response.writeHead(200, { ...headers, ...kept, 'content-type': type })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function safeDecode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return '\0'
  }
}
