import { expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { textOf } from '../../../src-main/base/note.ts'
import { bestCodec } from '../../../src-main/codecs/registry.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import { memorySamples } from '../../../src-main/engine/samples.ts'
import type { Graph } from '../../../src-main/ir/graph.ts'
import { f32Tensor } from '../../../src-main/ir/tensor.ts'
import { referenceKernels } from '../../../src-main/kernels/reference/kernels.ts'
import { runRecipe } from '../../../src-main/passes/pipeline.ts'
import { readRecipe } from '../../../src-main/passes/recipe.ts'
import { nearestCode } from '../../../src-main/passes/share-weights/codebook.ts'
import { makeGraph, noise } from './graphs.ts'

const floats = (shape: readonly number[], seed: number) => noise(shape, seed).read() as Float32Array
const inputs = floats([256, 24], 5).map((value, i, all) => value + (i % 24 > 0 ? 2 * all[i - 1]! : 0))

async function run(graph: Graph, ...steps: unknown[]) {
  const recipe = readRecipe({
    passes: ['fold-constants', 'canonical-activations', 'canonical-linear', 'fold-batch-norm', ...steps],
  })
  const calibration = memorySamples({ x: { shape: [256, 24], data: inputs } })
  const context = { engine: { open: openHostModel }, kernels: referenceKernels, clock: systemClock, calibration }
  return runRecipe(graph, recipe, context)
}

const share = (params: object = {}) => ({ pass: 'share-weights', params: { minElements: 0, ...params } })

/** Rows of very different size. */
const dense = (rows = 32) =>
  makeGraph({
    inputs: { x: ['N', 24] },
    outputs: 'y',
    constants: {
      w: f32Tensor(
        [rows, 24],
        floats([rows, 24], 1).map((value, i) => value * 3 ** (Math.floor(i / 24) % 5)),
      ),
    },
    nodes: [['Gemm', 'x w', 'y', { transB: 1 }]],
  })

const integersOf = (graph: Graph) => graph.constants.get(graph.nodes[0]!.inputs[1]!)!.read() as Int8Array

async function outputError(graph: Graph): Promise<number> {
  const feed = { x: { data: inputs, shape: [256, 24] } }
  await using before = await openHostModel(dense())
  await using after = await openHostModel(graph)
  const [wanted, found] = [(await before.run(feed)).y!.data, (await after.run(feed)).y!.data]
  return (
    found.reduce((sum, value, i) => sum + (value - wanted[i]!) ** 2, 0) /
    wanted.reduce((sum, value) => sum + value * value, 0)
  )
}

test.each([
  { k: 4 },
  { k: 16 },
  { k: 256 },
  { k: 16, weighting: 'none', compensate: false },
  { k: 16, weighting: 'activation' },
  { k: 16, scales: 'per-tensor' },
])('at most k distinct integers, which quantisation keeps: %o', async (params) => {
  const { graph } = await run(dense(), share(params))
  const integers = integersOf(graph)
  expect(new Set(integers).size).toBeLessThanOrEqual(params.k)
  const { graph: quantised } = await run(dense(), share(params), 'quantize-int8')
  expect(integersOf(quantised)).toEqual(integers)
})

test('the codebook codec stores 16 entries in 4 bits', async () => {
  const { graph } = await run(dense(), share({ k: 16 }))
  const data = integersOf(graph)
  const { best } = bestCodec({ data, rows: 32, rowElements: 24, inner: 24 }, ['codebook'])
  expect([best.payload.length, best.table.length]).toEqual([384, new Set(data).size])
})

test('passing errors on beats k-means alone, and scales by channel beat one for all', async () => {
  const errors = []
  for (const params of [{}, { compensate: false }, { compensate: false, scales: 'per-tensor' }])
    errors.push(await outputError((await run(dense(), share({ k: 8, ...params }))).graph))
  expect(errors[0]!).toBeLessThan(errors[1]!)
  expect(errors[1]!).toBeLessThan(errors[2]!)
})

test('zeros of a pruned layer stay, and nothing warns', async () => {
  const prune = { pass: 'prune-magnitude', params: { minElements: 0 } }
  const { graph: pruned } = await run(dense(), prune)
  const mask = [...(pruned.constants.get(pruned.nodes[0]!.inputs[1]!)!.read() as Float32Array)].map(
    (value) => value === 0,
  )
  const { graph, steps } = await run(dense(), prune, share({ k: 16 }), 'quantize-int8')
  expect([...integersOf(graph)].filter((value, i) => mask[i] && value !== 0)).toEqual([])
  expect(steps.flatMap(({ warnings }) => warnings.filter((line) => textOf(line).includes('pruned')))).toEqual([])
})

test('small layers share one codebook', async () => {
  const graph = makeGraph({
    inputs: { x: ['N', 24] },
    outputs: 'y',
    constants: { w: noise([16, 24], 1), v: noise([8, 16], 2) },
    nodes: [
      ['Gemm', 'x w', 'a', { transB: 1 }],
      ['Relu', 'a', 'b'],
      ['Gemm', 'b v', 'y', { transB: 1 }],
    ],
  })
  const { graph: shared } = await run(graph, share({ k: 64, scope: 'shared' }))
  const values = shared.nodes.flatMap(({ inputs: names }) => [
    ...((shared.constants.get(names[1] ?? '')?.read() ?? []) as Int8Array),
  ])
  expect(new Set(values).size).toBeLessThanOrEqual(64)
  const { graph: apart } = await run(graph, share({ k: 64, scope: 'layer' }))
  const own = apart.nodes.flatMap(({ inputs: names }) => [
    ...((apart.constants.get(names[1] ?? '')?.read() ?? []) as Int8Array),
  ])
  expect(new Set(own).size).toBeGreaterThan(64)
})

test('a layer that is not there is refused', async () => {
  await expect(run(dense(), share({ layers: { fc9: 4 } }))).rejects.toMatchObject({ code: 'recipe.invalid' })
})

test.each([
  [-200, 0],
  [-1.5, 0],
  [-1.4, 1],
  [0.5, 1],
  [0.6, 2],
  [300, 3],
])('the code nearest to %d', (value, index) => {
  expect(nearestCode(Int8Array.of(-3, 0, 1, 100), value)).toBe(index)
})
