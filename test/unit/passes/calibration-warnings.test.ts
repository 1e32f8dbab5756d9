// What should make the user doubt a result is told: samples that do not show the whole range, classes that fall together.
import { expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { textOf } from '../../../src-main/base/note.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import { memorySamples } from '../../../src-main/engine/samples.ts'
import { f32Tensor, readFloats } from '../../../src-main/ir/tensor.ts'
import { referenceKernels } from '../../../src-main/kernels/reference/kernels.ts'
import { runRecipe } from '../../../src-main/passes/pipeline.ts'
import { readRecipe } from '../../../src-main/passes/recipe.ts'
import { makeGraph, noise } from './graphs.ts'

const folding = ['fold-constants', 'canonical-activations', 'canonical-linear', 'fold-batch-norm']
const count = 256

async function warningsOf(weights: readonly number[], data: Float32Array, steps: readonly unknown[]) {
  const graph = makeGraph({
    inputs: { x: ['N', 2] },
    outputs: 'y',
    constants: { w: f32Tensor([2, 2], weights) },
    nodes: [['Gemm', 'x w', 'y', { transB: 1 }]],
  })
  const calibration = memorySamples({ x: { data, shape: [count, 2] } })
  const context = { calibration, engine: { open: openHostModel }, kernels: referenceKernels, clock: systemClock }
  const { steps: done } = await runRecipe(graph, readRecipe({ passes: [...folding, ...steps] }), context)
  return done.flatMap(({ warnings }) => warnings)
}

const even = readFloats(noise([count, 2], 3)).map((v) => Math.tanh(v))
const int8 = { pass: 'quantize-int8', params: { method: 'min-max' } }

test('samples whose second half goes beyond the first', async () => {
  const growing = even.map((v, i) => (i < count ? v : 5 * v))
  expect(await warningsOf([1, 0.5, -1, 1], even, [int8])).toEqual([])
  const [warning] = await warningsOf([1, 0.5, -1, 1], growing, [int8])
  expect(textOf(warning!)).toContain(
    'the second half of the calibration samples goes far beyond the range of the first at x, y',
  )
})

test('classes that only small weights tell apart', async () => {
  const coarse = { bits: 2, granularity: 'tensor', method: 'nearest', range: 'max' }
  const [warning] = await warningsOf([9, 0.1, 9, -0.1], even, [{ pass: 'quantize-weights', params: coarse }])
  expect(textOf(warning!)).toBe('every one of 64 samples gets the same class at y after this step, and did not before')
})
