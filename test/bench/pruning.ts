// Pruning, codebooks and low rank without training: accuracy on the twin and bytes of the pack, for the reference models beside
// the project. `node test/bench/pruning.ts [--only TEXT]... [--model TEXT]... [--samples N] [--encode] [--steps JSON]`; Markdown on stdout. Calibration is
// at most 512 training samples; the keyword data has no training part, so a seeded quarter of it calibrates and is not
// measured on.
import { parseArgs } from 'node:util'
import { systemClock } from '../../src-main/base/clock.ts'
import { textOf } from '../../src-main/base/note.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { openHostModel } from '../../src-main/engine/host-model.ts'
import { packSizes } from '../../src-main/formats/shoe/index.ts'
import type { Graph } from '../../src-main/ir/graph.ts'
import { openKernels } from '../../src-main/kernels/open.ts'
import { runRecipe, type StepRecord } from '../../src-main/passes/pipeline.ts'
import { readRecipe } from '../../src-main/passes/recipe.ts'
import { packGraph } from '../../src-main/services/run/compress.ts'
import { hostRows, type Rows, twinRows } from '../../src-main/services/run/outputs.ts'
import { anyDevice } from '../../src-main/services/run/pack-target.ts'
import { type Loaded, load } from '../../src-main/services/run/prepare.ts'
import type { RunEvents } from '../../src-main/services/run/run-input.ts'
import { hasShared, sharedData, sharedModel } from '../support/shared.ts'
import { type Case, cases, networks, type PruningNetwork } from './pruning-cases.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    model: { type: 'string', multiple: true, default: [] },
    samples: { type: 'string', default: '2000' },
    notes: { type: 'boolean', default: false },
    encode: { type: 'boolean', default: false },
    steps: { type: 'string' },
  },
})
const seed = 0
const events: RunEvents = { signal: new AbortController().signal, progress: () => undefined, log: () => undefined }

if (!hasShared) {
  console.error('skipped: ../shared/models is not there')
  process.exit(0)
}

function inputOf({ model, data, calibration, preprocess }: PruningNetwork) {
  const source = (path: string, limit: number | null) => ({ path: sharedData(path), name: path, preprocess, limit })
  return {
    producer: 'bench',
    model: { path: sharedModel(model), name: model },
    data: source(data, Number(values.samples)),
    calibration: calibration === null ? null : source(calibration, null),
    calibrationLimit: 512,
    recipe: { name: 'bench', seed, passes: [] },
    encoding: values.encode ? ('smallest' as const) : ('int8' as const),
    target: anyDevice,
    seed,
  }
}

/** Percent of the samples measured on whose winner is the label. */
function accuracy(
  { width, data }: Rows,
  { data: { labels, indices }, calibration }: Loaded,
  separate: boolean,
): number {
  const seen = separate ? new Set<number>() : new Set(calibration.indices)
  let [right, count] = [0, 0]
  for (const [i, index] of indices.entries()) {
    if (seen.has(index)) continue
    const row = data.subarray(i * width, (i + 1) * width)
    if (row.indexOf(row.reduce((a, b) => Math.max(a, b))) === labels![i]) right++
    count++
  }
  return (100 * right) / count
}

interface Outcome {
  readonly accuracy: number
  readonly weightsBytes: number
  readonly packBytes: number
  readonly parameters: number
  readonly macs: number
  readonly seconds: number
  readonly steps: readonly StepRecord[]
}

async function measure(network: PruningNetwork, loaded: Loaded, { passes }: Case): Promise<Outcome> {
  await using kernels = await openKernels('auto')
  const input = inputOf(network)
  const recipe = readRecipe({ name: 'bench', seed, passes: ['widen-floats', ...folding, ...passes] })
  const startMs = systemClock.monotonicMs()
  const result = await runRecipe(loaded.model.graph, recipe, {
    calibration: loaded.calibration.samples,
    engine: { open: openHostModel },
    kernels,
    clock: systemClock,
  })
  const seconds = (systemClock.monotonicMs() - startMs) / 1000
  const { pack, graph } = packGraph(
    {
      graph: loaded.model.graph,
      modelName: network.model,
      modelSha256: loaded.model.sha256,
      recipe: { ...recipe, passes: [...recipe.passes] },
      encoding: input.encoding,
      target: input.target,
      calibration: loaded.calibration.samples,
      calibrationSha256: null,
      producer: 'bench',
      clock: systemClock,
      signal: events.signal,
      progress: () => undefined,
      log: () => undefined,
    },
    result,
  )
  using twin = await openTwin(pack)
  const rows = await twinRows(twin, loaded.data.samples, { signal: events.signal, progress: () => undefined })
  const { weightsBytes, codecTablesBytes } = packSizes(pack)
  return {
    accuracy: accuracy(rows, loaded, network.calibration !== null),
    weightsBytes: weightsBytes + codecTablesBytes,
    packBytes: pack.length,
    parameters: parametersOf(graph),
    macs: 0,
    seconds,
    steps: result.steps,
  }
}

const parametersOf = (graph: Graph) =>
  [...graph.constants.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)

const folding = [
  'fold-constants',
  'remove-dead',
  'canonical-activations',
  'canonical-linear',
  'fold-batch-norm',
  'fold-pad',
  'remove-dead',
]

/** Passes given as JSON instead of the list. */
const chosen: readonly Case[] = values.steps ? [{ name: values.steps, passes: JSON.parse(values.steps) }] : cases

const matches = (name: string, wanted: readonly string[]) =>
  wanted.length === 0 || wanted.some((text) => name.includes(text))

for (const network of networks.filter(({ name }) => matches(name, values.model))) {
  const loaded = await load(inputOf(network), events)
  const float = await hostRows(loaded.model.graph, loaded.data.samples, 'drop', {
    signal: events.signal,
    progress: () => undefined,
  })
  const reference = accuracy(float, loaded, network.calibration !== null)
  console.log(`\n### ${network.name}\n\nFloat on the host: ${reference.toFixed(2)} %.\n`)
  console.log('| recipe | twin accuracy % | change | parameters | weights, bytes | pack, bytes | passes, s |')
  console.log('|---|---|---|---|---|---|---|')
  for (const each of chosen.filter(
    ({ name, models }) => matches(name, values.only) && (models ?? [network.name]).includes(network.name),
  )) {
    const found = await measure(network, loaded, each)
    const cells = [
      each.name,
      found.accuracy.toFixed(2),
      (found.accuracy - reference).toFixed(2),
      found.parameters,
      found.weightsBytes,
      found.packBytes,
      found.seconds.toFixed(1),
    ]
    console.log(`| ${cells.join(' | ')} |`)
    if (values.notes)
      for (const { pass, notes, warnings } of found.steps)
        for (const line of [...notes, ...warnings]) console.error(`${pass}: ${textOf(line)}`)
  }
}
