// The recipes on the real models beside the repository: folding keeps the numbers, int8 keeps the accuracy, the same input
// gives the same bytes, and models that come quantised stay as they are.
import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { bytesOf } from '../../src-main/base/bytes.ts'
import { systemClock } from '../../src-main/base/clock.ts'
import { sha256 } from '../../src-main/base/hash.ts'
import { fileSource } from '../../src-main/base/source.ts'
import { openDataset } from '../../src-main/data/open.ts'
import type { Preprocess } from '../../src-main/data/preprocess.ts'
import { openHostModel } from '../../src-main/engine/host-model.ts'
import { memorySamples, type Samples } from '../../src-main/engine/samples.ts'
import { importModel } from '../../src-main/formats/registry.ts'
import type { Graph } from '../../src-main/ir/graph.ts'
import { printGraph } from '../../src-main/ir/print.ts'
import { referenceKernels } from '../../src-main/kernels/reference/kernels.ts'
import { runRecipe } from '../../src-main/passes/pipeline.ts'
import { presetRecipe, type Recipe, readRecipe } from '../../src-main/passes/recipe.ts'
import { plain } from '../support/plain.ts'

const shared = new URL('../../../shared/', import.meta.url).pathname
const present = existsSync(shared)
if (!present) console.info(`skipped: there is no ${shared}`)

const image: Preprocess = { scale: 1 / 255, layout: 'nchw' }

interface Case {
  readonly model: string
  readonly calibration: string
  readonly testing: string
  readonly preprocess: Preprocess
  /** 'train' and 'test' where the data set has both. */
  readonly split: boolean
}

const cifar = { calibration: 'data/cifar10/train.npz', testing: 'data/cifar10/test-even.npz', split: false }
const mnist = { calibration: 'data/mnist', testing: 'data/mnist', split: true }
const cases: readonly Case[] = [
  { model: 'resnet8-cifar10.onnx', ...cifar, preprocess: image },
  { model: 'mobilenetv2-cifar10.onnx', ...cifar, preprocess: image },
  { model: 'lenet-5.onnx', ...mnist, preprocess: image },
  { model: 'lenet-300-100.onnx', ...mnist, preprocess: image },
  { model: 'pretrainedResnet.tflite', ...cifar, preprocess: {} },
]

const load = async (model: string) => (await importModel(fileSource(`${shared}models/${model}`), () => null)).graph

async function loadSamples(
  graph: Graph,
  path: string,
  preprocess: Preprocess,
  count: number,
  split: 'train' | 'test' | null,
) {
  const data = await openDataset(shared + path, { preprocess })
  const all = (split && data.splits[split]) || Uint32Array.from({ length: data.count }, (_, i) => i)
  const indices = all.subarray(0, count)
  const [x] = Object.values(data.read(indices))
  const input = graph.inputs[0]!
  const shape = graph.values.get(input)!.shape!.slice(1).map(Number)
  const samples = memorySamples({ [input]: { data: x!, shape: [indices.length, ...shape] } })
  return { samples, labels: Array.from(indices, (i) => data.labels![i]!) }
}

async function outputsOf(graph: Graph, samples: Samples): Promise<number[]> {
  await using model = await openHostModel(graph)
  const all: number[] = []
  for await (const { outputs } of model.runBatches(samples, { batchSize: 64 }))
    all.push(...outputs[graph.outputs[0]!]!.data)
  return all
}

function accuracy(outputs: readonly number[], labels: readonly number[]): number {
  const classes = outputs.length / labels.length
  const right = labels.filter((label, i) => {
    const row = outputs.slice(i * classes, (i + 1) * classes)
    return row.indexOf(Math.max(...row)) === label
  })
  return (100 * right.length) / labels.length
}

const compress = (graph: Graph, recipe: Recipe, calibration: Samples | null) =>
  runRecipe(graph, recipe, {
    calibration,
    engine: { open: openHostModel },
    kernels: referenceKernels,
    clock: systemClock,
  })

const fingerprint = (graph: Graph) =>
  sha256(
    printGraph(graph),
    ...[...graph.constants.keys()].sort().map((name) => bytesOf(graph.constants.get(name)!.read())),
  )

describe.skipIf(!present).each(cases)('$model', ({ model, calibration, testing, preprocess, split }) => {
  let graph: Graph
  let calibrating: Samples
  let tested: Awaited<ReturnType<typeof loadSamples>>
  beforeAll(async () => {
    graph = await load(model)
    calibrating = (await loadSamples(graph, calibration, preprocess, 256, split ? 'train' : null)).samples
    tested = await loadSamples(graph, testing, preprocess, 1000, split ? 'test' : null)
  })

  test('folding keeps the outputs', async () => {
    const folded = await compress(graph, presetRecipe('float')!, null)
    expect(folded.graph.nodes.filter((node) => node.op === 'BatchNormalization')).toEqual([])
    const [before, after] = [await outputsOf(graph, tested.samples), await outputsOf(folded.graph, tested.samples)]
    const largest = before.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
    const difference = before.reduce((most, v, i) => Math.max(most, Math.abs(v - after[i]!)), 0)
    expect(difference / largest).toBeLessThan(1e-4)
  })

  test('int8 loses at most a point, and comes out the same twice', async () => {
    const recipe = readRecipe({ ...presetRecipe('int8-mse')!, name: 'int8-mse' })
    const [first, second] = [await compress(graph, recipe, calibrating), await compress(graph, recipe, calibrating)]
    expect(fingerprint(first.graph)).toBe(fingerprint(second.graph))
    const original = accuracy(await outputsOf(graph, tested.samples), tested.labels)
    const quantised = accuracy(await outputsOf(first.graph, tested.samples), tested.labels)
    expect(quantised).toBeGreaterThan(original - 1)
  })
})

describe.skipIf(!present).each(['kws_ref_model.tflite', 'pretrainedResnet_quant.tflite'])('%s', (model) => {
  test('comes quantised and stays as it is, without calibration', async () => {
    const graph = await load(model)
    const { graph: same, steps } = await compress(graph, presetRecipe('int8')!, null)
    expect(fingerprint(same)).toBe(fingerprint(graph))
    expect(plain(steps.at(-1)!.notes)).toEqual(['the model is quantised already; its scales are kept'])
  })
})

test.skipIf(!present)('a float model without calibration', async () => {
  const graph = await load('lenet-5.onnx')
  await expect(compress(graph, presetRecipe('int8')!, null)).rejects.toMatchObject({
    code: 'recipe.noCalibration',
    data: { pass: 'quantize-int8' },
  })
})
