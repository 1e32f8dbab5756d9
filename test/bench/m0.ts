// Instructions per symbol of every decoder on Cortex-M0 and Cortex-M4: `node test/bench/m0.ts`, with --write also into
// test/bench/RESULTS-m0.md, from which the packer's figures in resources/runtime/decode-costs.json are taken. Needs QEMU and
// arm-none-eabi-gcc.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CodecName } from '../../src-main/codecs/codec.ts'
import { codecs } from '../../src-main/codecs/registry.ts'
import { repository } from '../support/cli.ts'
import { type BenchBoard, benchBoards, buildBench, codeBytes, runBench } from './decode-board.ts'
import { caseBlock, type DecodeCase, decodeCases } from './decode-cases.ts'
import { type LayerFigure, measureLayers } from './dense-layer.ts'

interface Measured extends DecodeCase {
  readonly core: string
  readonly perSymbol: number
  readonly openInstructions: number
  readonly stateBytes: number
}

process.chdir(repository)
const cases = decodeCases()
if (cases === null) {
  console.error('skipped: ../shared/data/codec is not there')
  process.exit(0)
}
const work = mkdtempSync(join(tmpdir(), 'shoehorn-bench-'))
try {
  const measured: Measured[] = []
  const sizes = new Map<string, ReadonlyMap<CodecName, number>>()
  for (const board of benchBoards) {
    measured.push(...(await measureBoard(board, cases)))
    sizes.set(board.core, codeSizes(board))
  }
  const layers = await measureLayers(benchBoards.map(({ machine }) => `qemu:${machine}`))
  const text = report(measured, sizes, layers)
  console.log(text)
  if (process.argv.includes('--write')) writeFileSync('test/bench/RESULTS-m0.md', text)
} finally {
  rmSync(work, { recursive: true, force: true })
}

async function measureBoard(board: BenchBoard, all: ReadonlyMap<string, readonly DecodeCase[]>): Promise<Measured[]> {
  const mask = codecs.reduce((bits, codec) => bits | (1 << codec.id), 0)
  const image = buildBench(board, mask, work)
  const measured: Measured[] = []
  for (const [set, each] of all) {
    const ticks = await runBench(board, image, caseBlock(each), work)
    for (const [i, { status, crc, readInstructions, openInstructions, stateBytes }] of ticks.entries()) {
      const of = each[i]!
      if (status !== 0 || crc !== of.crc) throw new Error(`${board.core}, ${set}, ${of.codec.name}: status ${status}`)
      measured.push({
        ...of,
        core: board.core,
        perSymbol: readInstructions / of.elements,
        openInstructions,
        stateBytes,
      })
    }
  }
  return measured
}

function codeSizes(board: BenchBoard): ReadonlyMap<CodecName, number> {
  const none = codeBytes(board, 0, work)
  return new Map(codecs.map(({ name, id }) => [name, codeBytes(board, 1 << id, work) - none]))
}

function layerTable(layers: readonly LayerFigure[]): string[] {
  const ways = layers.filter(({ device }) => device === layers[0]!.device)
  return ways.map(({ weights, codec, mode, packBytes, scratchBytes }) => {
    const own = layers.filter((each) => each.weights === weights && each.codec === codec && each.mode === mode)
    const counts = own.map(({ instructionsPerWeight }) => instructionsPerWeight.toFixed(2))
    return `| ${[weights, `${codec}, ${mode}`, packBytes, scratchBytes, ...counts].join(' | ')} |`
  })
}

function report(
  measured: readonly Measured[],
  sizes: ReadonlyMap<string, ReadonlyMap<CodecName, number>>,
  layers: readonly LayerFigure[],
): string {
  const sets = [...new Set(measured.map(({ set }) => set))]
  const find = (core: string, codec: string, set: string) =>
    measured.find((each) => each.core === core && each.codec.name === codec && each.set === set)
  const parts = benchBoards.map(({ core, machine }) => {
    const rows = codecs.map(({ name }) => {
      const cells = sets.map((set) => find(core, name, set)?.perSymbol.toFixed(1) ?? '')
      const state = Math.max(...measured.filter((each) => each.codec.name === name).map((each) => each.stateBytes))
      return `| ${[name, ...cells, state, sizes.get(core)!.get(name)!].join(' | ')} |`
    })
    const head = `| codec | ${sets.join(' | ')} | state, bytes of RAM | code, bytes of flash |`
    return [`## ${core} (QEMU ${machine})`, '', head, `|${'---|'.repeat(sets.length + 3)}`, ...rows, ''].join('\n')
  })
  const shares = sets.map((set) => {
    const { zeros, elements } = measured.find((each) => each.set === set)!
    return `| ${set} | ${elements} | ${((100 * zeros) / elements).toFixed(1)} |`
  })
  return [
    '# Decoders on Cortex-M0 and Cortex-M4: instructions per symbol',
    '',
    '`node test/bench/m0.ts --write`. Each decoder reads one tensor of each set of ../shared/data/codec row by row, in QEMU 7.2',
    'with `-icount shift=6`, where the counter gives executed instructions; compiled by arm-none-eabi-gcc 12.2 -O3 as the agent',
    'is. What was decoded is checked by its CRC. Instructions are no cycles: a Cortex-M0 takes 1 to 3 for each. An empty cell:',
    'the codec does not take these values.',
    '',
    ...parts,
    '## A dense layer, 784 to 100: instructions of the whole operator for each weight',
    '',
    "Run by the agent from its flash slot; outputs equal the twin's.",
    '',
    `| weights | stored | pack, bytes | scratch, bytes | ${benchBoards.map(({ core }) => core).join(' | ')} |`,
    `|${'---|'.repeat(benchBoards.length + 4)}`,
    ...layerTable(layers),
    '',
    '## The tensors',
    '',
    '| set | elements | zeros, % |',
    '|---|---|---|',
    ...shares,
    '',
  ].join('\n')
}
