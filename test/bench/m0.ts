// Instructions per symbol of every decoder on Cortex-M0 and Cortex-M4, and of kernels that read coded weights: `node test/bench/m0.ts`.
// With --write, the report goes into test/bench/RESULTS-m0.md, and the lines that cost-fit.ts lays through the counts become the
// packer's figures, resources/runtime/decode-costs.json and direct-costs.json. Needs QEMU and arm-none-eabi-gcc.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CodecName } from '../../src-main/codecs/codec.ts'
import { codecs } from '../../src-main/codecs/registry.ts'
import { repository } from '../support/cli.ts'
import { type CostLine, fitCost, type Point, worstError } from './cost-fit.ts'
import { type BenchBoard, benchBoards, buildBench, codeBytes, runBench } from './decode-board.ts'
import { caseBlock, type DecodeCase, decodeCases } from './decode-cases.ts'
import { type LayerFigure, measureDirect, measureLayers } from './dense-layer.ts'

interface Measured extends DecodeCase {
  readonly core: string
  readonly perSymbol: number
  readonly openInstructions: number
  readonly stateBytes: number
}

/** Boards in QEMU that the kernels run on, in the order of benchBoards. */
const directDevices = ['qemu:microbit', 'qemu:netduinoplus2']

process.chdir(repository)
const cases = await decodeCases()
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
  const direct = await measureDirect(directDevices)
  const fits = { decode: decodeFits(measured), direct: directFits(layers, direct) }
  const text = report(measured, sizes, { layers, direct }, fits)
  console.log(text)
  if (process.argv.includes('--write')) {
    writeFileSync('test/bench/RESULTS-m0.md', text)
    writeCosts(fits)
  }
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

interface Fit {
  readonly core: string
  readonly codec: CodecName
  readonly line: CostLine
  readonly points: number
  readonly worst: number
}

function fitted(core: string, codec: CodecName, points: readonly Point[]): Fit[] {
  if (points.length === 0) return []
  const line = fitCost(codec, points)
  return [{ core, codec, line, points: points.length, worst: worstError(line, points) }]
}

function decodeFits(measured: readonly Measured[]): Fit[] {
  return benchBoards.flatMap(({ core }) =>
    codecs.flatMap(({ name }) => {
      const own = measured.filter((each) => each.core === core && each.codec.name === name)
      const points = own.map(({ entropyBits, zeros, elements, perSymbol }) => ({
        ...{ entropyBits, density: 1 - zeros / elements, instructions: perSymbol },
      }))
      return fitted(core, name, points)
    }),
  )
}

/** What no choice meets is left out: sparse codecs for weights without zeros. */
function directFits(...figures: readonly (readonly LayerFigure[])[]): Fit[] {
  const all = figures.flat().filter(({ mode, density, codec }) => {
    return mode === 'direct' && !(density === 1 && ['bitmap', 'relative'].includes(codec))
  })
  return benchBoards.flatMap(({ core, machine }, i) =>
    codecs.flatMap(({ name }) => {
      const own = all.filter(
        ({ codec, device }) => codec === name && [`qemu:${machine}`, directDevices[i]].includes(device),
      )
      const points = own.map(({ density, instructionsPerWeight }) => ({
        ...{ entropyBits: 0, density, instructions: instructionsPerWeight },
      }))
      return fitted(core, name, points)
    }),
  )
}

function writeCosts({ decode, direct }: { readonly decode: readonly Fit[]; readonly direct: readonly Fit[] }) {
  const byCore = (fits: readonly Fit[]) =>
    Object.fromEntries(
      benchBoards.map(({ core }) => {
        const own = fits.filter((fit) => fit.core === core)
        return [core, Object.fromEntries(own.map(({ codec, line }) => [codec, line]))]
      }),
    )
  const lines = 'base, and more for each bit of zero-order entropy or each weight that is not zero'
  const fit = 'Fitted to the counts of test/bench/RESULTS-m0.md by test/bench/cost-fit.ts.'
  const obtained = { kind: 'simulated', source: 'node test/bench/m0.ts --write (QEMU counts executed instructions)' }
  writeJson('decode-costs.json', {
    comment: `Instructions that a decoder executes for one weight, by class of core: ${lines}. ${fit}`,
    ...obtained,
    instructionsPerElement: byCore(decode),
  })
  writeJson('direct-costs.json', {
    comment: `Instructions that a dense layer executes for one multiply-accumulate, reading weights in their coded form: ${lines}. ${fit}`,
    ...obtained,
    instructionsPerMac: byCore(direct),
  })
}

/** The innermost objects on one line, as they are checked in. */
function writeJson(name: string, document: unknown) {
  const text = JSON.stringify(document, null, 2).replace(/\{\s*("base": [^{}]*?)\s*\}/g, (_, inside: string) => {
    return `{ ${inside.replace(/,\s+/g, ', ')} }`
  })
  writeFileSync(`resources/runtime/${name}`, `${text}\n`)
}

function fitTable(title: string, fits: readonly Fit[]): string[] {
  const rows = fits.map(({ core, codec, line, points, worst }) => {
    const { base, perBit = '', perNonzero = '' } = line
    return `| ${[core, codec, base, perBit, perNonzero, points, `${Math.round(100 * worst)} %`].join(' | ')} |`
  })
  const head = '| core | codec | base | per bit of entropy | per nonzero weight | counts | worst error |'
  return [`### ${title}`, '', head, `|${'---|'.repeat(7)}`, ...rows, '']
}

function directTable(direct: readonly LayerFigure[]): string[] {
  const ways = direct.filter(({ device }) => device === directDevices[0])
  return ways.map(({ weights, codec, mode, packBytes }) => {
    const counts = directDevices.map((device) => {
      const found = direct.find((each) => {
        return each.device === device && each.weights === weights && each.codec === codec && each.mode === mode
      })
      return found?.instructionsPerWeight.toFixed(2) ?? ''
    })
    return `| ${[weights, `${codec}, ${mode}`, packBytes, ...counts].join(' | ')} |`
  })
}

function report(
  measured: readonly Measured[],
  sizes: ReadonlyMap<string, ReadonlyMap<CodecName, number>>,
  { layers, direct }: { readonly layers: readonly LayerFigure[]; readonly direct: readonly LayerFigure[] },
  fits: { readonly decode: readonly Fit[]; readonly direct: readonly Fit[] },
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
    '## The same layer with made-up weights: kernels that read the coded form, beside plain int8 and decoding first',
    '',
    `Seeded, each value as likely as its negative. Instructions of the whole operator for each weight, on ${directDevices.join(' and ')};`,
    "outputs equal the twin's. int8, direct is the plain kernel.",
    '',
    `| weights | stored | pack, bytes | ${benchBoards.map(({ core }) => core).join(' | ')} |`,
    `|${'---|'.repeat(5)}`,
    ...directTable(direct),
    '',
    "## The packer's lines",
    '',
    'Least squares of relative errors, no coefficient below 0, three digits (cost-fit.ts); `--write` puts them into',
    'resources/runtime/decode-costs.json and direct-costs.json. Sparse codecs without any zero are left out of the second.',
    '',
    ...fitTable('Decoding, instructions for a weight', fits.decode),
    ...fitTable('Kernels on coded weights, instructions for a multiply-accumulate', fits.direct),
    '## The tensors',
    '',
    '| set | elements | zeros, % |',
    '|---|---|---|',
    ...shares,
    '',
  ].join('\n')
}
