// A link stream over a connected socket, for tcp, unix sockets and QEMU.
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import type { FigureKind, LinkStream } from './link.ts'

export async function connectSocket(target: NetConnectOpts, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted()
  const socket = connect(target)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  socket.once('connect', resolve).once('error', reject)
  try {
    await promise
    socket.off('error', reject)
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

export function socketStream(socket: Socket, kind: FigureKind): LinkStream {
  let closing = false
  let onClose: (cause?: unknown) => void = () => undefined
  let cause: unknown
  socket.setNoDelay(true)
  socket.on('error', (error) => {
    cause = error
  })
  socket.on('close', () => {
    if (!closing) onClose(cause)
  })
  return {
    kind,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) reject(new Error('the connection is closed'))
        else socket.write(bytes, (error) => (error ? reject(error) : resolve()))
      }),
    onData: (listener) => void socket.on('data', (chunk: Buffer) => listener(chunk)),
    onClose: (listener) => {
      onClose = listener
      if (socket.destroyed && !closing) listener(cause)
    },
    close: () =>
      new Promise((resolve) => {
        closing = true
        if (socket.closed) return resolve()
        socket.once('close', () => resolve())
        socket.destroy()
      }),
  }
}
