// A board on a serial port or USB CDC. A pseudo terminal works as well.
import { readdir, readFile, readlink, realpath } from 'node:fs/promises'
import type { SerialPort } from 'serialport'
import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import type { Link, LinkDriver, LinkStream } from './link.ts'

const defaultBaudRate = 115_200

export const serialDriver: LinkDriver = {
  scheme: 'serial',
  link(rest, id) {
    // Paths under /dev/serial/by-id hold colons, so only a number at the very end is the baud rate.
    const [, path = '', baud] = /^(.+?)(?::(\d+))?$/.exec(rest) ?? []
    const baudRate = baud === undefined ? defaultBaudRate : Number(baud)
    if (path === '' || baudRate < 1) throw new AppError('usage.noDevice', { device: id })
    return serialLink(path, baudRate, id)
  },
}

function serialLink(path: string, baudRate: number, id: string): Link {
  return {
    id,
    name: path,
    kind: 'measured',
    emulated: false,
    instructionsPerSecond: null,
    // Ten bits a byte, and half of it as reserve.
    bytesPerSecond: baudRate / 20,
    async open(signal) {
      const { SerialPort } = await import('serialport')
      const port = new SerialPort({ path, baudRate, autoOpen: false, hupcl: false })
      await openPort(port, path, signal)
      return portStream(port)
    },
  }
}

async function openPort(port: SerialPort, path: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  try {
    await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())))
  } catch (cause) {
    throw await openError(path, cause)
  }
  if (!signal.aborted) return
  await closePort(port)
  throw signal.reason
}

function portStream(port: SerialPort): LinkStream {
  let closing = false
  let onClose: (cause?: unknown) => void = () => undefined
  let failure: unknown
  port.on('error', (error: Error) => {
    failure = error
  })
  port.on('close', (error: unknown) => {
    if (!closing) onClose(error ?? failure)
  })
  return {
    kind: 'measured',
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (!port.isOpen) reject(failure ?? new Error('the port is closed'))
        else port.write(Buffer.from(bytes), (error) => (error ? reject(error) : resolve()))
      }),
    onData: (listener) => void port.on('data', (chunk: Buffer) => listener(chunk)),
    onClose: (listener) => {
      onClose = listener
      if (!port.isOpen && !closing) listener(failure)
    },
    async close() {
      closing = true
      await closePort(port)
    },
  }
}

async function closePort(port: SerialPort): Promise<void> {
  if (!port.isOpen) return
  // A device that vanished makes closing fail; it is closed all the same.
  await new Promise<void>((resolve) => port.close(() => resolve()))
}

async function openError(path: string, cause: unknown): Promise<unknown> {
  if (!(cause instanceof Error)) return cause
  const { message } = cause
  if (/EACCES|permission denied|access denied/i.test(message)) {
    const holder = process.platform === 'win32' ? say`another program` : null
    if (holder !== null) return new AppError('device.busy', { device: path, holder }, { cause })
    return new AppError(
      'device.open',
      { device: path, problem: say`you may not use it`, help: permissionHelp() },
      { cause },
    )
  }
  if (/lock port|EBUSY|temporarily unavailable|resource busy/i.test(message)) {
    const holder = (await portHolder(path)) ?? say`another program`
    return new AppError('device.busy', { device: path, holder }, { cause })
  }
  const missing = /ENOENT|no such file|file not found|ENXIO|ENODEV/i.test(message)
  return new AppError(
    'device.open',
    {
      device: path,
      problem: missing ? say`there is no such port` : message,
      help: missing
        ? say`Plug the board in, and run "shoehorn devices" to see its port.`
        : say`Unplug the board, plug it in again, and try once more.`,
    },
    { cause },
  )
}

function permissionHelp(): Note {
  return process.platform === 'linux'
    ? say`Add yourself to the group dialout ("sudo usermod -aG dialout $USER") and log in again, or install a udev rule for the board.`
    : say`Give your user the right to use serial ports, and try again.`
}

/** On Linux: the process that has the port open, as far as we may see it. */
export async function portHolder(path: string): Promise<string | null> {
  if (process.platform !== 'linux') return null
  const target = await realpath(path).catch(() => path)
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    if (Number(pid) === process.pid) continue
    const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
    const links = await Promise.all(files.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
    if (!links.includes(target)) continue
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'a program')
    return `${name.trim()} (process ${pid})`
  }
  return null
}
