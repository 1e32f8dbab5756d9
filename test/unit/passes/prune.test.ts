import { expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { AppError } from '../../../src-main/base/errors.ts'
import { seededRandom } from '../../../src-main/base/random.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import { memorySamples } from '../../../src-main/engine/samples.ts'
import type { Graph } from '../../../src-main/ir/graph.ts'
import { f32Tensor, readFloats, type Tensor, tensor } from '../../../src-main/ir/tensor.ts'
import { referenceKernels } from '../../../src-main/kernels/reference/kernels.ts'
import { runRecipe } from '../../../src-main/passes/pipeline.ts'
import { cutAt, withoutSmallest } from '../../../src-main/passes/prune-magnitude/smallest.ts'
import { symmetricGrid } from '../../../src-main/passes/quantize/grid.ts'
import { presetRecipe, readRecipe } from '../../../src-main/passes/recipe.ts'
import { plain } from '../../support/plain.ts'
import { makeGraph } from './graphs.ts'

const folded = ['fold-constants', 'canonical-linear', 'fold-batch-norm']
const context = { calibration: null, engine: { open: openHostModel }, kernels: referenceKernels, clock: systemClock }

async function prune(graph: Graph, params: object) {
  const recipe = readRecipe({ passes: [...folded, { pass: 'prune-magnitude', params }] })
  const { graph: pruned, steps } = await runRecipe(graph, recipe, context)
  return { pruned, notes: plain(steps.at(-1)!.notes), warnings: plain(steps.at(-1)!.warnings) }
}

/** Weights of the layers in order. */
const weightsOf = (graph: Graph) =>
  graph.nodes.flatMap(({ inputs }) => {
    const held = graph.constants.get(inputs[1] ?? '')
    return held?.dtype === 'f32' ? [[...readFloats(held)]] : []
  })

const weights = (...values: number[]): Tensor => f32Tensor([1, values.length], Float32Array.from(values))

/** Two dense layers beside each other. */
const twoLayers = (a: Tensor, b: Tensor) =>
  makeGraph({
    inputs: { x: [1, a.shape[1]!], z: [1, b.shape[1]!] },
    outputs: 'p q',
    constants: { a, b },
    nodes: [
      ['Gemm', 'x a', 'p', { transB: 1 }],
      ['Gemm', 'z b', 'q', { transB: 1 }],
    ],
  })

const small = weights(0.25, -0.5, 4, -8)
const large = weights(16, -32, 64, 1)

test.each([
  [
    'each layer its share',
    { sparsity: 0.5 },
    [
      [0, 0, 4, -8],
      [0, -32, 64, 0],
    ],
  ],
  [
    'one threshold for all',
    { sparsity: 0.5, scope: 'global' },
    [
      [0, 0, 0, -8],
      [16, -32, 64, 0],
    ],
  ],
  [
    'a share for one layer',
    { sparsity: 0.25, layers: { gemm0: 0.75 } },
    [
      [0, 0, 0, -8],
      [16, -32, 64, 0],
    ],
  ],
  [
    'by the name of the weights, apart from the threshold of the others',
    { sparsity: 0.75, scope: 'global', layers: { a: 0 } },
    [
      [0.25, -0.5, 4, -8],
      [0, 0, 64, 0],
    ],
  ],
  [
    'nothing',
    { sparsity: 0 },
    [
      [0.25, -0.5, 4, -8],
      [16, -32, 64, 1],
    ],
  ],
])('%s', async (_, params, expected) => {
  const { pruned } = await prune(twoLayers(small, large), { minElements: 0, ...params })
  expect(weightsOf(pruned)).toEqual(expected)
})

test('small layers stay, and the notes count the zeros', async () => {
  const { pruned, notes } = await prune(twoLayers(small, weights(1, 2, 3, 4, 5)), { sparsity: 0.6, minElements: 5 })
  expect(weightsOf(pruned)).toEqual([
    [0.25, -0.5, 4, -8],
    [0, 0, 0, 4, 5],
  ])
  expect(notes).toEqual(['gemm1: 3 of 5 weights are zero (60.0 %)'])
})

test('weights that something else reads too stay as they are there', async () => {
  const graph = makeGraph({
    inputs: { x: [1, 4] },
    outputs: 'p q',
    constants: { a: small },
    nodes: [
      ['Gemm', 'x a', 'p', { transB: 1 }],
      ['Mul', 'x a', 'q'],
    ],
  })
  const { pruned } = await prune(graph, { minElements: 0 })
  expect(weightsOf(pruned)).toEqual([
    [0, 0, 4, -8],
    [0.25, -0.5, 4, -8],
  ])
})

test('integer weights are compared as the numbers they stand for, and stay on their grid', async () => {
  const a = tensor('i8', [2, 3], Int8Array.of(1, 2, -3, 100, 20, -30))
  const graph = makeGraph({
    inputs: { x: [1, 3] },
    outputs: 'p',
    constants: { a },
    quants: { a: symmetricGrid([1, 0.0625], 0) },
    nodes: [['Gemm', 'x a', 'p', { transB: 1 }]],
  })
  const { pruned } = await prune(graph, { minElements: 0 })
  expect([...pruned.constants.values()].map((held) => [held.dtype, ...readFloats(held)])).toEqual([
    ['i8', 0, 2, -3, 100, 0, 0],
  ])
  expect(pruned.values.get('a.pruned')!.quant).toEqual(symmetricGrid([1, 0.0625], 0))
})

test('half precision stays, with a warning', async () => {
  const a = tensor('f16', [1, 2], new Uint16Array(2))
  const graph = makeGraph({
    inputs: { x: [1, 2] },
    outputs: 'p',
    constants: { a },
    nodes: [['Gemm', 'x a', 'p', { transB: 1 }]],
  })
  const { warnings } = await prune(graph, { minElements: 0 })
  expect(warnings).toEqual(['gemm0: weights of type f16 stay as they are; widen-floats goes before'])
})

test('a layer that is not there is refused', async () => {
  const failure = await prune(twoLayers(small, large), { layers: { fc9: 0.5 } }).catch((error) => error)
  expect(failure).toBeInstanceOf(AppError)
  expect(plain([failure.code, failure.data.problem])).toEqual([
    'recipe.invalid',
    'prune-magnitude: there is no layer fc9; there are a, gemm0, b, gemm1',
  ])
})

test('zeros stay zero in 8 bits', async () => {
  const random = seededRandom(3)
  const held = f32Tensor(
    [64, 64],
    Float32Array.from({ length: 4096 }, () => random.next() - 0.5),
  )
  const graph = makeGraph({
    inputs: { x: ['N', 64] },
    outputs: 'p',
    constants: { a: held },
    nodes: [['Gemm', 'x a', 'p', { transB: 1 }]],
  })
  const data = Float32Array.from({ length: 640 }, () => random.next() - 0.5)
  const calibration = memorySamples({ x: { shape: [10, 64], data } })
  const recipe = presetRecipe('int8-pruned')!
  const { graph: quantised } = await runRecipe(graph, recipe, { ...context, calibration })
  const int8 = [...quantised.constants.values()].find(({ dtype }) => dtype === 'i8')!
  const zeros = readFloats(int8).filter((value) => value === 0).length
  const nearZero = readFloats(held).filter((value) => Math.abs(value) < 0.5 / 254).length
  expect(zeros).toBeGreaterThanOrEqual(2048)
  expect(zeros).toBeLessThan(2048 + nearZero + 64)
})

test('exactly as many as asked for are taken, also among equals', () => {
  const random = seededRandom(1)
  for (let round = 0; round < 200; round++) {
    const lengths = Array.from({ length: 1 + Math.floor(random.next() * 3) }, () => Math.floor(random.next() * 50))
    const parts = lengths.map((length) =>
      Float32Array.from({ length }, () => (Math.floor(random.next() * 9) + 1) * (random.next() < 0.5 ? -1 : 1)),
    )
    const share = random.next()
    let cut = cutAt(parts, share)
    let zeros = 0
    let largestCut = 0
    let smallestKept = Number.POSITIVE_INFINITY
    for (const part of parts) {
      const { kept, left } = withoutSmallest(part, cut)
      cut = left
      for (const [i, value] of kept.entries()) {
        if (value === 0) largestCut = Math.max(largestCut, Math.abs(part[i]!))
        else smallestKept = Math.min(smallestKept, Math.abs(value))
        if (value === 0) zeros++
      }
    }
    expect(zeros).toBe(Math.round(share * lengths.reduce((sum, length) => sum + length, 0)))
    expect(largestCut).toBeLessThanOrEqual(smallestKept)
  }
})

test('what is no number is not small', () => {
  const part = Float32Array.of(Number.NaN, 1, -0, 3)
  const { kept } = withoutSmallest(part, cutAt([part], 0.5))
  expect([...kept]).toEqual([Number.NaN, 0, 0, 3])
})
