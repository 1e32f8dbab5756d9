// A device behind a socket: a board on a network bridge, or another program that speaks the protocol.
import type { NetConnectOpts } from 'node:net'
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { Link, LinkDriver } from './link.ts'
import { connectSocket, socketStream } from './socket-stream.ts'

export const tcpDriver: LinkDriver = {
  scheme: 'tcp',
  link(rest, id) {
    const colon = rest.lastIndexOf(':')
    const host = rest.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
    const port = Number(rest.slice(colon + 1))
    if (colon < 1 || !Number.isInteger(port) || port < 1 || port > 65535) {
      throw new AppError('usage.noDevice', { device: id })
    }
    return socketLink(id, { host, port })
  },
}

export const unixDriver: LinkDriver = {
  scheme: 'unix',
  link(rest, id) {
    if (rest === '') throw new AppError('usage.noDevice', { device: id })
    return socketLink(id, { path: rest })
  },
}

function socketLink(id: string, target: NetConnectOpts): Link {
  return {
    id,
    name: id,
    kind: 'measured',
    emulated: false,
    instructionsPerSecond: null,
    // Behind the socket there may be a serial line of 9600 baud.
    bytesPerSecond: 960,
    async open(signal) {
      try {
        return socketStream(await connectSocket(target, signal), 'measured')
      } catch (cause) {
        if (signal.aborted || !(cause instanceof Error)) throw cause
        throw new AppError(
          'device.open',
          { device: id, problem: cause.message, help: say`Check that the program behind the address is running.` },
          { cause },
        )
      }
    },
  }
}
