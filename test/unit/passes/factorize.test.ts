import { expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { textOf } from '../../../src-main/base/note.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import { memorySamples } from '../../../src-main/engine/samples.ts'
import type { Graph } from '../../../src-main/ir/graph.ts'
import { f32Tensor } from '../../../src-main/ir/tensor.ts'
import { referenceKernels } from '../../../src-main/kernels/reference/kernels.ts'
import { symmetricEigen } from '../../../src-main/passes/factorize/eigen.ts'
import { runRecipe } from '../../../src-main/passes/pipeline.ts'
import { readRecipe } from '../../../src-main/passes/recipe.ts'
import { type GraphRows, makeGraph, noise } from './graphs.ts'

const floats = (shape: readonly number[], seed: number) => noise(shape, seed).read() as Float32Array

function product(rows: number, rank: number, columns: number): Float32Array {
  const [a, b] = [floats([rows, rank], 1), floats([rank, columns], 2)]
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const [r, c] = [Math.floor(i / columns), i % columns]
    return Array.from({ length: rank }, (_, k) => a[r * rank + k]! * b[k * columns + c]!).reduce((x, y) => x + y, 0)
  })
}

test.each([1, 2, 3, 10, 40])('eigenvectors of a symmetric matrix of %i rows', (n) => {
  const half = floats([n, n], n)
  const matrix = half.map((value, i) => value + half[(i % n) * n + Math.floor(i / n)]!)
  const { values, vectors } = symmetricEigen(matrix, n)
  const dot = (a: number, b: number) =>
    vectors.subarray(a * n, (a + 1) * n).reduce((s, v, i) => s + v * vectors[b * n + i]!, 0)
  let worst = 0
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let j = 0; j < n; j++) sum += matrix[i * n + j]! * vectors[k * n + j]!
      worst = Math.max(worst, Math.abs(sum - values[k]! * vectors[k * n + i]!))
    }
    for (let other = 0; other < k; other++) worst = Math.max(worst, Math.abs(dot(k, other)))
    worst = Math.max(worst, Math.abs(dot(k, k) - 1))
  }
  expect(worst).toBeLessThan(1e-10)
  expect([...values].sort((a, b) => b - a)).toEqual([...values])
})

test('repeated and zero eigenvalues', () => {
  const { values } = symmetricEigen([2, 0, 0, 0, 2, 0, 0, 0, 0], 3)
  expect([...values]).toEqual([2, 2, 0])
})

async function outputsOf(graph: Graph, shape: readonly number[], seed: number): Promise<Float32Array> {
  await using host = await openHostModel(graph)
  const { data } = { data: floats(shape, seed) }
  return (await host.run({ x: { data, shape } })).y!.data
}

const layers: readonly [string, GraphRows, readonly number[], readonly (readonly number[])[]][] = [
  [
    'Gemm',
    {
      inputs: { x: ['N', 40] },
      outputs: 'y',
      constants: { w: f32Tensor([30, 40], product(30, 5, 40)), b: noise([30], 3) },
      nodes: [['Gemm', 'x w b', 'y', { transB: 1 }]],
    },
    [16, 40],
    [
      [5, 40],
      [30, 5],
    ],
  ],
  [
    'MatMul over sequences',
    {
      inputs: { x: ['N', 4, 40] },
      outputs: 'y',
      constants: { w: f32Tensor([40, 30], product(40, 5, 30)) },
      nodes: [['MatMul', 'x w', 'y']],
    },
    [16, 4, 40],
    [
      [40, 5],
      [5, 30],
    ],
  ],
  [
    'Conv with strides',
    {
      inputs: { x: ['N', 8, 7, 7] },
      outputs: 'y',
      constants: { w: f32Tensor([24, 8, 3, 3], product(24, 5, 72)), b: noise([24], 3) },
      nodes: [['Conv', 'x w b', 'y', { strides: [2, 2], pads: [1, 1, 1, 1] }]],
    },
    [16, 8, 7, 7],
    [
      [5, 8, 3, 3],
      [24, 5, 1, 1],
    ],
  ],
]

test.each(layers)('a layer of low rank becomes two without loss: %s', async (_, rows, shape, expected) => {
  const graph = makeGraph(rows)
  const calibration = memorySamples({ x: { shape, data: floats(shape, 9) } })
  const step = { pass: 'factorize', params: { energy: 0.999999, minElements: 0, kernels: 'all' } }
  const recipe = readRecipe({ passes: ['fold-constants', 'canonical-linear', 'fold-batch-norm', step] })
  const context = { engine: { open: openHostModel }, kernels: referenceKernels, clock: systemClock, calibration }
  const { graph: thin } = await runRecipe(graph, recipe, context)
  expect(thin.nodes.map(({ inputs }) => thin.constants.get(inputs[1]!)!.shape)).toEqual(expected)
  const [found, wanted] = [await outputsOf(thin, shape, 10), await outputsOf(graph, shape, 10)]
  const scale = Math.max(...wanted.map(Math.abs))
  expect(Math.max(...found.map((value, i) => Math.abs(value - wanted[i]!))) / scale).toBeLessThan(1e-2)
})

test('a layer of full rank stays, and masks are not undone', async () => {
  const graph = makeGraph({
    inputs: { x: ['N', 40] },
    outputs: 'y',
    constants: { w: noise([30, 40], 1) },
    nodes: [['Gemm', 'x w', 'y', { transB: 1 }]],
  })
  const folded = ['fold-constants', 'canonical-linear', 'fold-batch-norm']
  const context = { engine: { open: openHostModel }, kernels: referenceKernels, clock: systemClock, calibration: null }
  const step = { pass: 'factorize', params: { minElements: 0 } }
  const { graph: same, steps } = await runRecipe(graph, readRecipe({ passes: [...folded, step] }), context)
  expect(same.nodes.length).toBe(1)
  expect(textOf(steps.at(-1)!.notes[0]!)).toMatch(/^gemm0 stays: rank \d+ of 30 keeps 9\d\.\d\d % of the energy/)
  const wrong = readRecipe({ passes: [...folded, 'prune-magnitude', step] })
  await expect(runRecipe(graph, wrong, context)).rejects.toMatchObject({ code: 'recipe.order' })
})
