// A board in QEMU: a process of its own, its UART on a unix socket. -icount makes every run take the same virtual time: each
// instruction is 2^shift ns. QEMU does not model cycles, so the shift is chosen per machine to come near the core's usual
// cycles per instruction at its clock.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import type { Link, LinkDriver, LinkStream } from './link.ts'
import { type LinkPorts, readPrebuilt } from './ports.ts'
import { socketStream } from './socket-stream.ts'

export interface QemuMachine {
  readonly name: string
  readonly image: string
  /** Virtual time of an instruction: 2^shift ns. */
  readonly shift: number
  /** Of the agent's counter. */
  readonly clockHz: number
}

export const qemuMachines: Readonly<Record<string, QemuMachine>> = {
  // 168 MHz: 8 ns are 1.34 cycles an instruction.
  netduinoplus2: { name: 'Netduino Plus 2 in QEMU', image: 'agent-stm32f405.elf', shift: 3, clockHz: 168e6 },
  // 25 MHz: 64 ns are 1.6 cycles an instruction.
  'mps2-an386': { name: 'Arm MPS2 AN386 in QEMU', image: 'agent-mps2-an386.elf', shift: 6, clockHz: 25e6 },
  // 16 MHz: 128 ns are 2.05 cycles an instruction.
  microbit: { name: 'BBC micro:bit v1 in QEMU', image: 'agent-nrf51822.elf', shift: 7, clockHz: 16e6 },
}

export const qemuProgram = 'qemu-system-arm'

export const qemuDriver = (ports: LinkPorts): LinkDriver => ({
  scheme: 'qemu',
  link(rest, id) {
    const machine = qemuMachines[rest]
    if (machine === undefined) throw new AppError('usage.noDevice', { device: id })
    const link: Link = {
      id,
      name: machine.name,
      kind: 'simulated',
      emulated: true,
      instructionsPerSecond: 2e7,
      ticksPerInstruction: (2 ** machine.shift * machine.clockHz) / 1e9,
      bytesPerSecond: 1500,
      async open(signal) {
        // Only to say plainly that it is missing: QEMU reads the file itself.
        await readPrebuilt(ports, machine.name, machine.image)
        const board = new QemuBoard(ports, machine, rest)
        try {
          await board.start(null, signal)
          return board.stream()
        } catch (error) {
          await board.stop()
          throw error
        }
      },
    }
    return link
  },
})

class QemuBoard {
  readonly #ports: LinkPorts
  readonly #machine: QemuMachine
  readonly #type: string
  #dir: string | null = null
  #running: RunningQemu | null = null
  #wire: LinkStream | null = null
  #onData: (chunk: Uint8Array) => void = () => undefined
  #onClose: (cause?: unknown) => void = () => undefined

  constructor(ports: LinkPorts, machine: QemuMachine, type: string) {
    this.#ports = ports
    this.#machine = machine
    this.#type = type
  }

  stream(): LinkStream {
    return {
      kind: 'simulated',
      write: (bytes) => this.#wire?.write(bytes) ?? Promise.reject(new Error('QEMU has ended')),
      onData: (listener) => {
        this.#onData = listener
      },
      onClose: (listener) => {
        this.#onClose = listener
      },
      close: () => this.stop(),
      programFlash: (address, bytes, signal) => this.start({ address, bytes }, signal),
    }
  }

  /** Starts QEMU anew, with bytes in its flash. */
  async start(flash: { readonly address: number; readonly bytes: Uint8Array } | null, signal: AbortSignal) {
    await this.#end()
    this.#dir ??= await mkdtemp(join(tmpdir(), 'shoehorn-'))
    const socketPath = join(this.#dir, 'uart')
    const options = [
      ...['-M', this.#type, '-display', 'none', '-monitor', 'none'],
      ...['-icount', `shift=${this.#machine.shift}`],
      ...['-chardev', `socket,id=uart,path=${socketPath},server=off`, '-serial', 'chardev:uart'],
      ...['-kernel', join(this.#ports.prebuiltDir, this.#machine.image)],
    ]
    if (flash !== null) {
      const file = join(this.#dir, 'slot.bin')
      await writeFile(file, flash.bytes)
      options.push('-device', `loader,file=${file},addr=0x${flash.address.toString(16)},force-raw=on`)
    }
    this.#running = await runQemu(this.#ports, this.#machine.name, options, socketPath, signal)
    this.#wire = socketStream(this.#running.socket, 'simulated')
    this.#wire.onData((chunk) => this.#onData(chunk))
    this.#wire.onClose((cause) => this.#onClose(cause))
  }

  async stop() {
    await this.#end()
    const dir = this.#dir
    this.#dir = null
    if (dir !== null) await rm(dir, { recursive: true, force: true })
  }

  async #end() {
    await this.#wire?.close()
    this.#wire = null
    const running = this.#running
    this.#running = null
    await running?.end()
  }
}

interface RunningQemu {
  readonly socket: Socket
  end(): Promise<void>
}

/** QEMU connects to us: so there is nothing to poll, and its end before that is noticed. */
async function runQemu(
  ports: LinkPorts,
  device: string,
  options: readonly string[],
  socketPath: string,
  signal: AbortSignal,
): Promise<RunningQemu> {
  signal.throwIfAborted()
  await rm(socketPath, { force: true })
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socketPath, resolve))
  const child = spawnWithUs(qemuProgram, options, ports)
  const end = () => reap(child)
  try {
    const socket = await connected(server, child, device, signal)
    return { socket, end }
  } catch (error) {
    await end()
    throw error
  } finally {
    server.close()
  }
}

async function connected(server: Server, child: ChildProcess, device: string, signal: AbortSignal): Promise<Socket> {
  let stop: () => void = () => undefined
  const connection = new Promise<Socket>((resolve, reject) => {
    let said = ''
    stop = () => reject(signal.reason)
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-500)
    })
    child.once('error', (cause) => reject(missing(device, cause)))
    child.once('exit', (status) => {
      const problem = said.trim().split('\n').at(-1) ?? ''
      if (status === 127) reject(new AppError('usage.missingTool', { tool: qemuProgram, package: qemuProgram }))
      else reject(qemuError(device, problem || say`QEMU ended with status ${status}`))
    })
    server.once('connection', resolve)
  })
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await connection
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function missing(device: string, cause: Error): AppError {
  return 'code' in cause && cause.code === 'ENOENT'
    ? new AppError('usage.missingTool', { tool: qemuProgram, package: qemuProgram }, { cause })
    : qemuError(device, cause.message, cause)
}

const qemuError = (device: string, problem: Note, cause?: unknown) =>
  new AppError('device.open', { device, problem, help: say`Check that QEMU 7 or newer is installed.` }, { cause })

const setpriv = '/usr/bin/setpriv'

/** The child ends when we end, even when we are killed (where the system can do that). */
function spawnWithUs(program: string, options: readonly string[], { env }: LinkPorts): ChildProcess {
  const how: SpawnOptions = { stdio: ['ignore', 'ignore', 'pipe'], env: { ...env } }
  return process.platform === 'linux' && existsSync(setpriv)
    ? spawn(setpriv, ['--pdeathsig', 'KILL', program, ...options], how)
    : spawn(program, [...options], how)
}

async function reap(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGKILL')
  await ended
}
