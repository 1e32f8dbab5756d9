import { expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import { f32Tensor, type Tensor, tensor } from '../../../src-main/ir/tensor.ts'
import { referenceKernels } from '../../../src-main/kernels/reference/kernels.ts'
import { runRecipe } from '../../../src-main/passes/pipeline.ts'
import { lostMasks } from '../../../src-main/passes/prune/mask-check.ts'
import { symmetricGrid } from '../../../src-main/passes/quantize/grid.ts'
import { readRecipe } from '../../../src-main/passes/recipe.ts'
import { plain } from '../../support/plain.ts'
import { makeGraph, noise } from './graphs.ts'

const dense = (w: Tensor, quant = false) =>
  makeGraph({
    inputs: { x: ['N', 4] },
    outputs: 'y',
    constants: { w },
    ...(quant && { quants: { w: symmetricGrid([0.5], null) } }),
    nodes: [['Gemm', 'x w', 'y', { transB: 1 }]],
  })

const half = f32Tensor([2, 4], [0, 1, 0, 2, 0, 3, 0, 4])

test('a pass that fills zeros is told, one that keeps them is not', () => {
  expect(plain(lostMasks(dense(half), dense(f32Tensor([2, 4], [1, 1, 0, 2, 1, 3, 1, 4]))))).toEqual([
    'gemm0 was pruned: 50 % of its weights were zero, 13 % are left',
  ])
  expect(lostMasks(dense(half), dense(f32Tensor([2, 4], [0, 9, 0, 2, 0, 3, 0, 4])))).toEqual([])
  expect(lostMasks(dense(half), dense(tensor('i8', [2, 4], Int8Array.of(0, 2, 0, 4, 0, 6, 0, 8)), true))).toEqual([])
  expect(lostMasks(dense(f32Tensor([2, 4], [1, 2, 3, 4, 5, 6, 7, 0])), dense(half))).toEqual([])
})

test('an order that undoes pruning is refused with the reason', async () => {
  const recipe = readRecipe({
    passes: ['fold-constants', 'canonical-linear', 'fold-batch-norm', 'prune-magnitude', 'prune-channels'],
  })
  const context = { calibration: null, engine: { open: openHostModel }, kernels: referenceKernels, clock: systemClock }
  await expect(runRecipe(dense(noise([2, 4])), recipe, context)).rejects.toMatchObject({
    code: 'recipe.order',
    data: { pass: 'prune-magnitude' },
  })
})
