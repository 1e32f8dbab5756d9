// Quantisation without training: accuracy on the twin, size and time of the recipes over the reference models.
// `node test/bench/ptq.ts [--model PART]... [--recipe NAME|FILE]... [--samples N] [--notes]`; needs the reference models
// beside the project. Markdown on stdout.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { systemClock } from '../../src-main/base/clock.ts'
import { textOf } from '../../src-main/base/note.ts'
import { argmax } from '../../src-main/data/metrics.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { packSizes } from '../../src-main/formats/shoe/index.ts'
import { resolveRecipe } from '../../src-main/services/recipes.ts'
import { hostRows, type Rows, twinRows } from '../../src-main/services/run/outputs.ts'
import { anyDevice } from '../../src-main/services/run/pack-target.ts'
import { compressLoaded, type Loaded, load } from '../../src-main/services/run/prepare.ts'
import { crossOf } from '../../src-main/services/run/quality.ts'
import type { RunEvents } from '../../src-main/services/run/run-input.ts'
import { hasShared, sharedData, sharedModel } from '../support/shared.ts'

const fewBits = ['w4a8', 'w3a8'].flatMap((name) => [`${name}-nearest`, name, `${name}-adaround`])
const { values } = parseArgs({
  options: {
    model: { type: 'string', multiple: true, default: [''] },
    recipe: {
      type: 'string',
      multiple: true,
      default: ['int8', ...fewBits, 'w4a8-po2', 'w4a8-groups', 'w2a8', 'ternary', 'binary'],
    },
    samples: { type: 'string', default: '2000' },
    /** Recipes whose packs are made as small as they get; the others keep plain int8 and show no size. */
    sizes: { type: 'string', multiple: true, default: ['int8', 'w4a8', 'w4a8-groups', 'w2a8', 'ternary', 'binary'] },
    notes: { type: 'boolean', default: false },
  },
})
const seed = 0

interface Network {
  readonly model: string
  readonly data: string
  /** null: the data set's own training split, or a seeded quarter of the samples. */
  readonly calibration: string | null
  readonly scale: number | null
}

const mnist = { data: 'mnist', calibration: null, scale: 1 / 255 }
const cifar = { data: 'cifar10/test-even.npz', calibration: 'cifar10/train.npz', scale: 1 / 255 }
const kws = { data: 'kws/kws.npz', calibration: null, scale: null }
const networks: readonly Network[] = [
  { model: 'kws_ref_model.tflite', ...kws },
  { model: 'kws_ref_model_float32.tflite', ...kws },
  { model: 'lenet-300-100.onnx', ...mnist },
  { model: 'lenet-5.onnx', ...mnist },
  { model: 'resnet8-cifar10.onnx', ...cifar },
  { model: 'mobilenetv2-cifar10.onnx', ...cifar },
]

const log = (line: string) => void (values.notes && console.error(`  ${line}`))
const events: RunEvents = { signal: new AbortController().signal, progress: () => undefined, log }
const walk = { signal: events.signal, progress: () => undefined }

function inputOf({ model, data, calibration, scale }: Network) {
  const preprocess = scale === null ? {} : { scale, layout: 'nchw' as const }
  const source = (path: string, limit: number | null) => ({ path: sharedData(path), name: path, preprocess, limit })
  return {
    producer: 'bench',
    model: { path: sharedModel(model), name: model },
    data: source(data, Number(values.samples)),
    calibration: calibration === null ? null : source(calibration, null),
    calibrationLimit: 512,
    encoding: 'smallest' as const,
    target: anyDevice,
    seed,
    recipe: resolveRecipe('float', seed),
  }
}

/** A preset, a file, or the preset of 4 bits with 3. */
function recipeOf(name: string) {
  if (/[./]/.test(name)) return resolveRecipe(readFileSync(name, 'utf8'), seed)
  if (!/^w3a8-/.test(name)) return resolveRecipe(name, seed)
  const recipe = resolveRecipe(name.replace('w3', 'w4'), seed)
  const fewer = (step: (typeof recipe.passes)[number]) =>
    ['quantize-weights', 'reconstruct-blocks'].includes(step.pass)
      ? { ...step, params: { ...step.params, bits: 3 } }
      : step
  return { ...recipe, name, passes: recipe.passes.map(fewer) }
}

async function measure(network: Network, loaded: Loaded, original: Rows, recipe: string) {
  const startCpu = process.cpuUsage()
  const sized = values.sizes.includes(recipe)
  const input = { ...inputOf(network), recipe: recipeOf(recipe), encoding: sized ? 'smallest' : 'int8' } as const
  const { pack, steps } = await compressLoaded(input, loaded, { clock: systemClock, events })
  const cpu = process.cpuUsage(startCpu)
  for (const { pass, durationMs: ms, warnings } of steps)
    log(`${pass}: ${(ms / 1000).toFixed(1)} s${warnings.map((warning) => `\n    WARNING ${textOf(warning)}`).join('')}`)
  using twin = await openTwin(pack)
  const passesMs = steps.reduce((sum, step) => sum + step.durationMs, 0)
  const { weightsBytes, codecTablesBytes } = packSizes(pack)
  const rows = await twinRows(twin, loaded.data.samples, walk)
  return {
    top1: top1(loaded, rows),
    sqnrDb: crossOf(rows, original).sqnrDb,
    bytes: sized ? weightsBytes + codecTablesBytes : null,
    packBytes: sized ? pack.length : null,
    passesMs,
    cpuMs: (cpu.user + cpu.system) / 1000,
  }
}

/** Share of right answers over the test samples, those left out that calibrated as well (a data set without a split). */
function top1({ data, calibration }: Loaded, rows: Rows): number {
  const overlap = data.dataset.sha256 === calibration.dataset.sha256 ? new Set(calibration.indices) : new Set<number>()
  let [right, count] = [0, 0]
  for (const [i, index] of data.indices.entries()) {
    if (overlap.has(index)) continue
    count++
    if (argmax(rows.data, i * rows.width, rows.width) === data.labels![i]) right++
  }
  return (100 * right) / count
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`

async function tableOf(network: Network) {
  const loaded = await load(inputOf(network), events)
  const rows = await hostRows(loaded.model.graph, loaded.data.samples, 'fake', walk)
  const original = top1(loaded, rows)
  const overlap = loaded.data.dataset.splits.train === null && network.calibration === null
  const count = loaded.data.samples.count - (overlap ? loaded.calibration.samples.count : 0)
  console.log(
    `\n### ${network.model}: ${original.toFixed(2)} % as it came, ${count} test samples, ${loaded.calibration.samples.count} for calibration\n`,
  )
  console.log(
    '| recipe | top-1 on the twin | against the original | SQNR of outputs | weights and tables | pack | passes | CPU time, packing included |',
  )
  console.log('|---|---:|---:|---:|---:|---:|---:|---:|')
  for (const recipe of values.recipe) {
    const found = await measure(network, loaded, rows, recipe)
    const difference = found.top1 - original
    console.log(
      `| ${recipe} | ${found.top1.toFixed(2)} % | ${difference >= 0 ? '+' : ''}${difference.toFixed(2)} | ${found.sqnrDb?.toFixed(1)} dB | ${found.bytes ?? ''} | ${found.packBytes ?? ''} | ${seconds(found.passesMs)} | ${seconds(found.cpuMs)} |`,
    )
  }
}

if (!hasShared) {
  console.error('skipped: ../shared/models is not there')
  process.exit(0)
}
for (const network of networks) if (values.model.some((part) => network.model.includes(part))) await tableOf(network)
