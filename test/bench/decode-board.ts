// The bench firmware, compiled for a core and run in QEMU with a counted instruction as the unit of time.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { benchFirmwareCommand } from '../../build/native/agent.ts'
import { runtimeSources } from '../../build/native/runtime.ts'

export interface BenchBoard {
  readonly core: string
  readonly machine: string
  /** Folder of the agent's port. */
  readonly port: string
  /** Of the board's counter. */
  readonly clockHz: number
  /** Address and bytes of the first flash slot. */
  readonly slot: number
  readonly slotBytes: number
  readonly cpu: readonly string[]
}

export const benchBoards: readonly BenchBoard[] = [
  {
    ...{ core: 'cortex-m0', machine: 'microbit', port: 'nrf51822', clockHz: 16e6 },
    ...{ slot: 0x18000, slotBytes: 0x28000, cpu: ['-mcpu=cortex-m0'] },
  },
  {
    ...{ core: 'cortex-m4', machine: 'mps2-an386', port: 'mps2-an386', clockHz: 25e6 },
    ...{ slot: 0x200000, slotBytes: 0x100000, cpu: ['-mcpu=cortex-m4', '-mfpu=fpv4-sp-d16', '-mfloat-abi=hard'] },
  },
]

const folder = 'resources/bench-firmware'
/** An instruction lasts 2^6 ns: about a tick of the boards' counters. */
const shift = 6

export interface CaseTicks {
  /** 0, or the decoder's status. */
  readonly status: number
  readonly stateBytes: number
  readonly openInstructions: number
  readonly readInstructions: number
  readonly crc: number
}

/** The decoders, and what the firmware checks them with. */
const decoderSources = () => runtimeSources().filter((path) => /\/(codec[^/]*|crc32)\.c$/.test(path))

/** @param mask codecs to link, bit i for id i */
export function buildBench(board: BenchBoard, mask: number, work: string): string {
  const output = join(work, `${board.core}.elf`)
  const defines = [`SHOE_CODECS=0x${mask.toString(16)}`]
  const sources = [`${folder}/bench.c`, ...decoderSources()]
  const command = benchFirmwareCommand(board.port, { sources, include: folder, defines, output })
  execFileSync(command[0]!, command.slice(1), { stdio: 'inherit' })
  return output
}

/** Flash that one decoder takes with all that it alone needs, and that without any decoder: the difference is its price. */
export function codeBytes(board: BenchBoard, mask: number, work: string): number {
  const output = join(work, 'size.elf')
  const flags = [...board.cpu, '-mthumb', '-O3', '-std=c99', '-ffunction-sections', '-fdata-sections']
  const roots = ['shoe_decoder_bytes', 'shoe_decoder_open', 'shoe_decoder_read'].map((name) => `-Wl,-u,${name}`)
  const link = ['-nostartfiles', '-Wl,--gc-sections', '-Wl,--entry=shoe_decoder_open', ...roots]
  const includes = ['-Iresources/runtime/include', '-Iresources/runtime/src', `-DSHOE_CODECS=0x${mask.toString(16)}`]
  execFileSync('arm-none-eabi-gcc', [...flags, ...includes, ...decoderSources(), ...link, '-o', output], {
    stdio: 'inherit',
  })
  const size = execFileSync('arm-none-eabi-size', [output], { encoding: 'utf8' }).split('\n')[1]!.trim().split(/\s+/)
  return Number(size[0]) + Number(size[1])
}

/** One line a case, in their order. */
export async function runBench(board: BenchBoard, image: string, block: Uint8Array, work: string) {
  if (block.length > board.slotBytes) throw new Error(`${block.length} bytes of cases do not fit ${board.machine}`)
  const [socketPath, file] = [join(work, `${board.core}.sock`), join(work, 'cases.bin')]
  writeFileSync(file, block)
  const server = createServer()
  server.listen(socketPath)
  await once(server, 'listening')
  const options = [
    ...['-M', board.machine, '-display', 'none', '-monitor', 'none', '-icount', `shift=${shift}`],
    ...['-chardev', `socket,id=uart,path=${socketPath},server=off`, '-serial', 'chardev:uart'],
    ...['-kernel', image, '-device', `loader,file=${file},addr=0x${board.slot.toString(16)},force-raw=on`],
  ]
  const child = spawn('qemu-system-arm', options, { stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    const [socket] = (await once(server, 'connection')) as [Socket]
    return (await linesUntilDone(socket)).map((line) => caseTicks(board, line))
  } finally {
    child.kill('SIGKILL')
    server.close()
  }
}

async function linesUntilDone(socket: Socket): Promise<string[]> {
  let text = ''
  for await (const chunk of socket.setEncoding('latin1')) {
    text += chunk
    if (text.endsWith('done\n')) return text.split('\n').slice(0, -2)
  }
  throw new Error(`the board stopped after: ${text}`)
}

function caseTicks({ clockHz }: BenchBoard, line: string): CaseTicks {
  const [, status, stateBytes, openTicks, readTicks, crc] = line.split(' ').map(Number) as number[]
  const instructions = (ticks: number) => (ticks * 1e9) / clockHz / 2 ** shift
  return {
    status: -status!,
    stateBytes: stateBytes!,
    openInstructions: instructions(openTicks!),
    readInstructions: instructions(readTicks!),
    crc: crc!,
  }
}
