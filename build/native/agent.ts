// The agent firmware: one image a board, and the agent as a WebAssembly module. Board data is here; the commands are the
// same for all Cortex-M boards.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { BuildPaths, NativeTarget } from './native-target.ts'
import { runtimeHeaders, runtimeSources, strictFlags } from './runtime.ts'

const folder = 'resources/agent'
const ports = `${folder}/ports`

const filesIn = (path: string, pattern: RegExp): string[] =>
  readdirSync(path)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(path, name))

const agentSources = () => filesIn(`${folder}/src`, /\.c$/)
const agentHeaders = () => filesIn(`${folder}/src`, /\.h$/)

/** First 8 bytes of the SHA-256 over an image's sources. */
function agentBuild(inputs: readonly string[]): Buffer {
  const hash = createHash('sha256')
  for (const path of [...inputs].sort()) hash.update(`${path}\0`).update(readFileSync(path)).update('\0')
  return hash.digest().subarray(0, 8)
}

const commonFlags = (inputs: readonly string[]) => [
  ...strictFlags,
  '-O3',
  '-fno-ident',
  `-ffile-prefix-map=${process.cwd()}=.`,
  `-DAGENT_BUILD={${[...agentBuild(inputs)].join(',')}}`,
  `-I${folder}/src`,
  '-Iresources/runtime/include',
]

interface CortexBoard {
  readonly port: string
  readonly cpu: readonly string[]
  readonly defines: readonly string[]
  /** Files of ports/cortex-m that it does without. */
  readonly without?: readonly string[]
}

const cortexM4 = ['-mcpu=cortex-m4', '-mfpu=fpv4-sp-d16', '-mfloat-abi=hard']

const boards: readonly CortexBoard[] = [
  { port: 'stm32f405', cpu: cortexM4, defines: ['UART_INTERRUPT=37u', 'HSE_HZ=25000000u'] },
  { port: 'mps2-an386', cpu: cortexM4, defines: ['UART_INTERRUPT=0u'] },
]

/** The core has neither SysTick nor a vector table that can move; a frame is as long as `bench` needs for 32 runs. */
const nrf51822: CortexBoard = {
  port: 'nrf51822',
  cpu: ['-mcpu=cortex-m0'],
  defines: [
    ...['UART_INTERRUPT=2u', 'COUNTER_INTERRUPT=8u', 'VECTORS_IN_FLASH', 'IN_RAM='],
    ...['RECEIVE_RING_BYTES=512u', 'FRAME_PAYLOAD_BYTES=260u'],
  ],
  without: ['systick.c'],
}

const pico: CortexBoard = { port: 'rp2040', cpu: ['-mcpu=cortex-m0plus'], defines: ['UART_INTERRUPT=20u'] }

const cortexFiles = ({ without = [] }: CortexBoard, pattern: RegExp): string[] =>
  filesIn(`${ports}/cortex-m`, pattern).filter((path) => !without.includes(basename(path)))

const cortexInputs = (board: CortexBoard): string[] => [
  ...agentSources(),
  ...agentHeaders(),
  ...cortexFiles(board, /\.(c|h|ld)$/),
  ...filesIn(`${ports}/${board.port}`, /\.(c|h|S|ld)$/),
  ...runtimeSources(),
  ...runtimeHeaders(),
]

const portSources = (board: CortexBoard): string[] => [
  ...cortexFiles(board, /\.c$/),
  ...filesIn(`${ports}/${board.port}`, /\.c$/),
]

const cortexSources = (board: CortexBoard, more: readonly string[] = []): string[] => [
  ...agentSources(),
  ...portSources(board),
  ...runtimeSources(),
  ...more,
]

const mapIn = (work: string) => join(work, 'link.map')

const linkCortex = (
  board: CortexBoard,
  output: string,
  work: string,
  sources: readonly string[] = cortexSources(board),
): string[] => [
  'arm-none-eabi-gcc',
  ...board.cpu,
  '-mthumb',
  ...commonFlags(cortexInputs(board)),
  ...board.defines.map((define) => `-D${define}`),
  `-I${ports}/cortex-m`,
  // Small addresses are real: the Pico's boot ROM begins at 0.
  '--param=min-pagesize=0',
  '-ffunction-sections',
  '-fdata-sections',
  ...sources,
  '-nostartfiles',
  '-Wl,--gc-sections',
  '-Wl,--build-id=none',
  '-Wl,--strip-all',
  `-Wl,-Map=${mapIn(work)}`,
  `-L${ports}/cortex-m`,
  `-T${ports}/${board.port}/memory.ld`,
  '-o',
  output,
]

const elfTarget = (board: CortexBoard): NativeTarget => ({
  name: `agent-${board.port}`,
  output: `agent-${board.port}.elf`,
  inputs: cortexInputs(board),
  compilerVersion: ['arm-none-eabi-gcc', '--version'],
  commands: ({ output, work }: BuildPaths) => [linkCortex(board, output, work)],
  agentBuild: agentBuild(cortexInputs(board)).toString('hex'),
  linkMap: ({ work }) => ({ path: mapIn(work), sources: cortexSources(board) }),
})

/** For the drive that a micro:bit shows. */
const microbitHexTarget = (): NativeTarget => ({
  ...elfTarget(nrf51822),
  name: 'agent-nrf51822-hex',
  output: 'agent-nrf51822.hex',
  commands: ({ output, work }: BuildPaths) => [
    linkCortex(nrf51822, join(work, 'agent.elf'), work),
    ['arm-none-eabi-objcopy', '-O', 'ihex', join(work, 'agent.elf'), output],
  ],
})

const bootImage = (work: string) => join(work, 'boot2-image.S')

/** The second-stage boot is assembled, given its CRC and linked as data before the vectors. */
function linkPico(output: string, work: string): string[][] {
  const [elf, code, image] = [join(work, 'boot2.elf'), join(work, 'boot2.bin'), bootImage(work)]
  const source = `${ports}/rp2040/boot2.S`
  return [
    [
      'arm-none-eabi-gcc',
      ...pico.cpu,
      '-nostdlib',
      '-Wl,-Ttext=0',
      '-Wl,--entry=0',
      '-Wl,--build-id=none',
      source,
      '-o',
      elf,
    ],
    ['arm-none-eabi-objcopy', '-O', 'binary', elf, code],
    [process.execPath, 'build/native/rp2040.ts', 'boot2', code, image],
    linkCortex(pico, output, work, cortexSources(pico, [image])),
  ]
}

const picoTarget = (): NativeTarget => ({
  ...elfTarget(pico),
  commands: ({ output, work }: BuildPaths) => linkPico(output, work),
  linkMap: ({ work }) => ({ path: mapIn(work), sources: cortexSources(pico, [bootImage(work)]) }),
})

/** The same program as a file for the Pico's mass storage, and for the emulator. */
const picoUf2Target = (): NativeTarget => ({
  ...picoTarget(),
  name: 'agent-rp2040-uf2',
  output: 'agent-rp2040.uf2',
  inputs: [...cortexInputs(pico), 'build/native/rp2040.ts'],
  commands: ({ output, work }: BuildPaths) => [
    ...linkPico(join(work, 'agent.elf'), work),
    ['arm-none-eabi-objcopy', '-O', 'binary', join(work, 'agent.elf'), join(work, 'agent.bin')],
    [process.execPath, 'build/native/rp2040.ts', 'uf2', join(work, 'agent.bin'), output],
  ],
})

const twinInputs = (): string[] => [
  ...agentSources(),
  ...agentHeaders(),
  ...filesIn(`${ports}/twin`, /\.c$/),
  ...filesIn(`${ports}/twin/include`, /\.h$/),
  ...runtimeSources(),
  ...runtimeHeaders(),
]

const twinTarget = (): NativeTarget => ({
  name: 'agent-twin',
  output: 'agent-twin.wasm',
  inputs: twinInputs(),
  compilerVersion: ['clang', '--version'],
  agentBuild: agentBuild(twinInputs()).toString('hex'),
  commands: ({ output }: BuildPaths) => [
    [
      'clang',
      '--target=wasm32',
      '-nostdlib',
      '-ffreestanding',
      '-msimd128',
      '-mbulk-memory',
      ...commonFlags(twinInputs()),
      // Address 0 stays free for the null pointer; the stack grows down to this.
      '-DSTACK_LIMIT=64u',
      '-isystem',
      `${ports}/twin/include`,
      ...agentSources(),
      ...filesIn(`${ports}/twin`, /\.c$/),
      ...runtimeSources(),
      '-Wl,--no-entry',
      '-Wl,--strip-all',
      '-Wl,--stack-first',
      '-Wl,-z,stack-size=65536',
      '-o',
      output,
    ],
  ],
})

/** Another program in the agent's place on a board's port, for benches; not in resources/prebuilt. */
export const benchFirmwareCommand = (
  port: string,
  { sources, include, defines, output }: BenchFirmware,
): readonly string[] => {
  const board = [...boards, nrf51822].find((each) => each.port === port)
  if (!board) throw new Error(`there is no port ${port}`)
  const withDefines = { ...board, defines: [...board.defines, ...defines] }
  const command = linkCortex(withDefines, output, dirname(output), [...portSources(board), ...sources])
  // Its own agent.h before the agent's.
  return command.toSpliced(1, 0, `-I${include}`, '-Iresources/runtime/src')
}

export interface BenchFirmware {
  readonly sources: readonly string[]
  /** Folder of its own agent.h. */
  readonly include: string
  readonly defines: readonly string[]
  readonly output: string
}

/** The agent as a program on this computer under the sanitizers, for the tests; not in resources/prebuilt. */
export const sanitizedAgentCommand = (output: string): readonly string[] => [
  'gcc',
  ...commonFlags(agentSources()).map((flag) => (flag === '-O3' ? '-O1' : flag)),
  // Alignment faults matter on a board, so they must not pass here.
  '-g',
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover=all',
  '-D_ISOC11_SOURCE',
  ...agentSources(),
  ...filesIn(`${ports}/host`, /\.c$/),
  ...runtimeSources(),
  '-o',
  output,
]

export function agentTargets(): readonly NativeTarget[] {
  return [
    twinTarget(),
    ...boards.map(elfTarget),
    elfTarget(nrf51822),
    microbitHexTarget(),
    picoTarget(),
    picoUf2Target(),
  ]
}
