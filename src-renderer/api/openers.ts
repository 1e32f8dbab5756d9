import { RPCLink as PortLink, type SupportedMessagePort } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import { type Opener, Refused } from './link.ts'

/** What page and preload say to each other; the preload answers with a transferred port. */
const connectMessage = 'shoehorn:connect'
const portMessage = 'shoehorn:port'
const socketTimeoutMs = 10_000

export function socketOpener(page: URL, token: string): Opener {
  const address = new URL('/rpc', page)
  address.protocol = page.protocol === 'https:' ? 'wss:' : 'ws:'
  address.searchParams.set('token', token)
  return async () => {
    const socket = new WebSocket(address)
    let isLate = false
    const closed = new Promise<void>((resolve) => socket.addEventListener('close', () => resolve()))
    const isOpen = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => {
        isLate = true
        socket.close()
      }, socketTimeoutMs)
      const end = (opened: boolean) => () => {
        clearTimeout(timer)
        resolve(opened)
      }
      socket.addEventListener('open', end(true))
      socket.addEventListener('close', end(false))
    })
    // A socket does not say why it was not opened; a request does: any answer at all comes from a host that is there. One
    // that took too long has refused nothing.
    if (!isOpen) throw !isLate && (await answers(page)) ? new Refused() : new Error('the host did not open the socket')
    return { link: new SocketLink({ websocket: socket }), closed }
  }
}

const answers = (page: URL) =>
  fetch(new URL('/', page), { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(socketTimeoutMs) }).then(
    () => true,
    () => false,
  )

export type PagePort = SupportedMessagePort & {
  start(): void
  addEventListener(type: 'close', listen: () => void): void
}

export interface PageMessage {
  readonly source: unknown
  readonly data: unknown
  readonly ports: readonly PagePort[]
}

/** What the opener needs of the page's window. */
export interface PageWindow {
  readonly origin: string
  addEventListener(type: 'message', listen: (event: PageMessage) => void): void
  removeEventListener(type: 'message', listen: (event: PageMessage) => void): void
  postMessage(message: string, targetOrigin: string): void
}

/** In the desktop application: the port that the preload hands over. It lives as long as the window. */
export function portOpener(window: PageWindow): Opener {
  return () =>
    new Promise((resolve) => {
      const receive = (event: PageMessage) => {
        const port = event.ports[0]
        if (event.source !== window || event.data !== portMessage || !port) return
        window.removeEventListener('message', receive)
        port.start()
        resolve({
          link: new PortLink({ port }),
          closed: new Promise((ended) => port.addEventListener('close', () => ended())),
        })
      }
      window.addEventListener('message', receive)
      window.postMessage(connectMessage, window.origin)
    })
}
