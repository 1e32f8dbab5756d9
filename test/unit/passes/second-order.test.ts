import { expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import { memorySamples } from '../../../src-main/engine/samples.ts'
import type { Graph } from '../../../src-main/ir/graph.ts'
import { readFloats, tensor } from '../../../src-main/ir/tensor.ts'
import type { Gram, Matrix } from '../../../src-main/kernels/kernels.ts'
import { referenceKernels } from '../../../src-main/kernels/reference/kernels.ts'
import { runRecipe } from '../../../src-main/passes/pipeline.ts'
import { allocateShares } from '../../../src-main/passes/prune/allocation.ts'
import { damped, layerError, refit } from '../../../src-main/passes/prune/masked-least-squares.ts'
import { symmetricGrid } from '../../../src-main/passes/quantize/grid.ts'
import { readRecipe } from '../../../src-main/passes/recipe.ts'
import { makeGraph, noise } from './graphs.ts'

const floats = (shape: readonly number[], seed: number) => noise(shape, seed).read() as Float32Array
const folded = ['fold-constants', 'canonical-linear', 'fold-batch-norm']
const kernels = referenceKernels

/** Inputs whose features repeat each other in part. */
function correlated(rows: number, columns: number, seed: number): Float32Array {
  const own = floats([rows, columns], seed)
  return own.map((value, i) => value + 1.5 * (own[i - (i % columns)] ?? 0) + (own[i - (i % columns) + 1] ?? 0))
}

async function run(graph: Graph, shape: readonly number[], pass: string, params: object) {
  const recipe = readRecipe({ passes: [...folded, { pass, params: { minElements: 0, ...params } }] })
  const calibration = memorySamples({ x: { shape, data: correlated(shape[0]!, 16, 3) } })
  const context = { engine: { open: openHostModel }, kernels, clock: systemClock, calibration }
  const { graph: pruned, steps } = await runRecipe(graph, recipe, context)
  return { pruned, notes: steps.at(-1)!.notes }
}

const dense = () =>
  makeGraph({
    inputs: { x: ['N', 16] },
    outputs: 'y',
    constants: { w: noise([12, 16], 1) },
    nodes: [['Gemm', 'x w', 'y', { transB: 1 }]],
  })

const weightsOf = (graph: Graph) => readFloats(graph.constants.get(graph.nodes[0]!.inputs[1]!)!)

async function outputError(graph: Graph, pruned: Graph): Promise<number> {
  const inputs = { x: { data: correlated(200, 16, 3), shape: [200, 16] } }
  await using before = await openHostModel(graph)
  await using after = await openHostModel(pruned)
  const wanted = (await before.run(inputs)).y!.data
  const found = (await after.run(inputs)).y!.data
  return found.reduce((sum, value, i) => sum + (value - wanted[i]!) ** 2, 0)
}

test('second order keeps the outputs better than magnitude or activation, at the same number of zeros', async () => {
  const errors: number[] = []
  for (const pass of ['prune-obs', 'prune-activation', 'prune-magnitude']) {
    const { pruned } = await run(dense(), [200, 16], pass, { sparsity: 0.5 })
    expect(weightsOf(pruned).filter((value) => value === 0).length).toBe(96)
    errors.push(await outputError(dense(), pruned))
  }
  expect(errors[0]! * 2).toBeLessThan(Math.min(errors[1]!, errors[2]!))
})

test.each(['magnitude', 'activation', 'second-order'])('at most two of four in a row, by %s', async (score) => {
  const graph = makeGraph({
    inputs: { x: ['N', 16, 1, 1] },
    outputs: 'y',
    constants: { w: noise([12, 16, 1, 1], 1) },
    nodes: [['Conv', 'x w', 'y']],
  })
  const { pruned } = await run(graph, [200, 16, 1, 1], 'prune-nm', { score })
  const data = weightsOf(pruned)
  const kept = Array.from(
    { length: data.length / 4 },
    (_, i) => data.subarray(4 * i, 4 * i + 4).filter((v) => v !== 0).length,
  )
  expect(new Set(kept)).toEqual(new Set([2]))
})

test('in convolutions, weights follow each other as the device stores them: channels innermost', async () => {
  const graph = makeGraph({
    inputs: { x: ['N', 4, 2, 2] },
    outputs: 'y',
    constants: { w: noise([3, 4, 2, 2], 1) },
    nodes: [['Conv', 'x w', 'y']],
  })
  const { pruned } = await run(graph, [200, 4, 2, 2], 'prune-nm', { score: 'magnitude', n: 1 })
  const data = weightsOf(pruned)
  for (let o = 0; o < 3; o++)
    for (let k = 0; k < 4; k++) {
      const channels = Array.from({ length: 4 }, (_, c) => data[(o * 4 + c) * 4 + k]!)
      expect(channels.filter((value) => value !== 0).length).toBe(1)
    }
})

test('n of m of a layer on a grid stays on it', async () => {
  const grid = symmetricGrid([0.25], null)
  const w = tensor(
    'i8',
    [2, 16],
    Int8Array.from({ length: 32 }, (_, i) => ((i * 37) % 101) - 50),
  )
  const graph = makeGraph({
    inputs: { x: ['N', 16] },
    outputs: 'y',
    constants: { w },
    quants: { w: grid },
    nodes: [['Gemm', 'x w', 'y', { transB: 1 }]],
  })
  const { pruned } = await run(graph, [50, 16], 'prune-nm', { score: 'magnitude' })
  const held = pruned.constants.get('w.pruned')!
  expect([held.dtype, pruned.values.get('w.pruned')!.quant]).toEqual(['i8', grid])
  const before = [...readFloats(w)]
  expect([...readFloats(held)].filter((value, i) => value !== 0 && value !== before[i])).toEqual([])
})

test('layers share the zeros so that the errors are least together', () => {
  const line = (slope: number) => ({
    weights: 100,
    points: [0, 0.5, 0.9].map((share) => ({ share, error: slope * share })),
  })
  expect(allocateShares([line(1), line(2)], 0.5)).toEqual([0.9, expect.closeTo(0.1)])
  const bent = {
    weights: 300,
    points: [
      { share: 0, error: 0 },
      { share: 0.5, error: 0.01 },
      { share: 1, error: 9 },
    ],
  }
  expect(allocateShares([line(1), bent], 0.5)).toEqual([expect.closeTo(0.5), 0.5])
})

test('the weights that are left solve the least squares problem', async () => {
  const gramOf = (x: Matrix): Promise<Gram> => kernels.gram(x, null)
  const gram = await gramOf({ rows: 60, columns: 8, data: correlated(60, 8, 5) })
  const hessian = damped(gram, 0.001)
  const w = { rows: 5, columns: 8, data: floats([5, 8], 6) }
  const start = { ...w, data: w.data.map((value, i) => (i % 3 === 0 ? 0 : value)) }
  const found = await refit(kernels, w, start, hessian, { iterations: 100, tolerance: 1e-6 })
  const least = await layerError(kernels, w, found, hessian)
  for (let i = 0; i < 40; i++) {
    if (start.data[i] === 0) {
      expect(found.data[i]).toBe(0)
      continue
    }
    for (const step of [-0.02, 0.02]) {
      const moved = { ...found, data: found.data.map((value, at) => (at === i ? value + step : value)) }
      expect(await layerError(kernels, w, moved, hessian)).toBeGreaterThan(least)
    }
  }
})
