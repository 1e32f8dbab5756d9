// Quantisation without training: accuracy on the twin, size and time of the recipes over the reference models.
// `node test/bench/ptq.ts [--model PART]... [--recipe NAME|FILE]... [--samples N] [--notes]`; needs the reference models
// beside the project. Markdown on stdout.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { systemClock } from '../../src-main/base/clock.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { packSizes } from '../../src-main/formats/shoe/index.ts'
import { resolveRecipe } from '../../src-main/services/recipes.ts'
import { hostRows, twinRows } from '../../src-main/services/run/outputs.ts'
import { anyDevice } from '../../src-main/services/run/pack-target.ts'
import { compressLoaded, type Loaded, load } from '../../src-main/services/run/prepare.ts'
import { qualityOf } from '../../src-main/services/run/quality.ts'
import type { RunEvents } from '../../src-main/services/run/run-input.ts'
import { hasShared, sharedData, sharedModel } from '../support/shared.ts'

const { values } = parseArgs({
  options: {
    model: { type: 'string', multiple: true, default: [''] },
    recipe: {
      type: 'string',
      multiple: true,
      default: ['int8', 'w4a8', 'w4a8-nearest', 'w4a8-adaround', 'w3a8', 'w3a8-nearest', 'w3a8-adaround', 'w2a8', 'ternary', 'binary', 'power-of-two'],
    },
    samples: { type: 'string', default: '2000' },
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

const recipeOf = (name: string) => resolveRecipe(/[./]/.test(name) ? readFileSync(name, 'utf8') : name, seed)

async function measure(network: Network, loaded: Loaded, recipe: string) {
  const startMs = systemClock.monotonicMs()
  const { pack, steps } = await compressLoaded({ ...inputOf(network), recipe: recipeOf(recipe) }, loaded, {
    clock: systemClock,
    events,
  })
  const durationMs = systemClock.monotonicMs() - startMs
  for (const { pass, durationMs: ms, warnings } of steps)
    log(`${pass}: ${(ms / 1000).toFixed(1)} s${warnings.map((warning) => `\n    WARNING ${warning}`).join('')}`)
  using twin = await openTwin(pack)
  const passesMs = steps.reduce((sum, step) => sum + step.durationMs, 0)
  const { weightsBytes, codecTablesBytes } = packSizes(pack)
  return {
    top1: top1(loaded, await twinRows(twin, loaded.data.samples, walk)),
    bytes: weightsBytes + codecTablesBytes,
    packBytes: pack.length,
    durationMs,
    passesMs,
  }
}

function top1({ data }: Loaded, rows: Parameters<typeof qualityOf>[0]): number {
  const found = qualityOf(rows, { labels: data.labels, targets: data.targets })
  return found.task === 'classification' ? 100 * found.top1 : Number.NaN
}

async function tableOf(network: Network) {
  const loaded = await load(inputOf(network), events)
  const original = top1(loaded, await hostRows(loaded.model.graph, loaded.data.samples, 'fake', walk))
  const { count } = loaded.data.samples
  console.log(`\n### ${network.model}: ${original.toFixed(2)} % as it came, ${count} test samples, ${loaded.calibration.samples.count} for calibration\n`)
  console.log('| recipe | top-1 on the twin | against the original | weights and tables | pack | passes |')
  console.log('|---|---:|---:|---:|---:|---:|')
  for (const recipe of values.recipe) {
    const found = await measure(network, loaded, recipe)
    const difference = found.top1 - original
    console.log(
      `| ${recipe} | ${found.top1.toFixed(2)} % | ${difference >= 0 ? '+' : ''}${difference.toFixed(2)} | ${found.bytes} | ${found.packBytes} | ${(found.passesMs / 1000).toFixed(1)} s |`,
    )
  }
}

if (!hasShared) {
  console.error('skipped: ../shared/models is not there')
  process.exit(0)
}
for (const network of networks)
  if (values.model.some((part) => network.model.includes(part))) await tableOf(network)
