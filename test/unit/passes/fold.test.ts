import { expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import type { Graph } from '../../../src-main/ir/graph.ts'
import { floatToHalf, tensor } from '../../../src-main/ir/tensor.ts'
import { referenceKernels } from '../../../src-main/kernels/reference/kernels.ts'
import { runRecipe } from '../../../src-main/passes/pipeline.ts'
import { readRecipe } from '../../../src-main/passes/recipe.ts'
import { plain } from '../../support/plain.ts'
import { makeGraph, scalar } from './graphs.ts'

const run = (graph: Graph, ...passes: unknown[]) =>
  runRecipe(graph, readRecipe({ passes }), {
    calibration: null,
    engine: { open: openHostModel },
    kernels: referenceKernels,
    clock: systemClock,
  })

test('widen-floats', async () => {
  const half = tensor('f16', [2], Uint16Array.from([1.5, -0.25], floatToHalf))
  const graph = makeGraph({
    inputs: { x: ['N', 2] },
    outputs: 'y',
    constants: { k: half },
    nodes: [
      ['Cast', 'x', 'h', { to: 10 }],
      ['Mul', 'h k', 'y'],
    ],
  })
  const { graph: wide, steps } = await run(graph, 'widen-floats', 'remove-dead')
  expect(plain(steps[0]!.notes)).toEqual(['1 constants and 2 other values became float32'])
  expect([...wide.values.values()].map((value) => value.dtype)).toEqual(['f32', 'f32', 'f32'])
  expect(wide.nodes.map((node) => node.op)).toEqual(['Mul'])
  await using model = await openHostModel(wide)
  const { y } = await model.run({ x: { data: Float32Array.of(2, 4), shape: [1, 2] } })
  expect([...y!.data]).toEqual([3, -1])
})

test('constant-batch', async () => {
  const graph = makeGraph({ inputs: { x: ['N', 2] }, outputs: 'y', nodes: [['Relu', 'x', 'y']] })
  const { graph: bound } = await run(graph, { pass: 'constant-batch', params: { size: 4 } })
  expect(bound.values.get('y')!.shape).toEqual([4, 2])
})

test('a step says what it did and how long it took', async () => {
  const graph = makeGraph({
    inputs: { x: ['N', 2] },
    outputs: 'y',
    constants: { a: scalar(2), b: scalar(3) },
    nodes: [
      ['Add', 'a b', 'c'],
      ['Mul', 'x c', 'y'],
    ],
  })
  const { steps } = await run(graph, 'fold-constants')
  expect(steps.map((step) => ({ ...step, notes: plain(step.notes) }))).toEqual([
    {
      pass: 'fold-constants',
      params: { maxElements: 16_777_216 },
      durationMs: expect.any(Number),
      nodesBefore: 2,
      nodesAfter: 1,
      notes: ['1 nodes computed beforehand'],
      warnings: [],
    },
  ])
})
