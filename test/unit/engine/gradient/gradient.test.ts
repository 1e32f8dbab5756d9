// Every operator's gradient against differences, and the forms of it that differ in their formula.
import { expect, test } from 'vitest'
import { AppError } from '../../../../src-main/base/errors.ts'
import { differentiate } from '../../../../src-main/engine/gradient/differentiate.ts'
import { gradientRules } from '../../../../src-main/engine/gradient/rules/index.ts'
import { withSquaredError } from '../../../../src-main/engine/gradient/squared-error.ts'
import { openHostModel } from '../../../../src-main/engine/host-model.ts'
import type { Attr, Shape } from '../../../../src-main/ir/graph.ts'
import { inferShapes } from '../../../../src-main/ir/infer.ts'
import type { Tensor } from '../../../../src-main/ir/tensor.ts'
import { ints, makeGraph, type NodeRow, noise, positive, scalar } from '../../passes/graphs.ts'
import { gradientError } from './check.ts'

interface Case {
  readonly of: string
  readonly x: Shape
  readonly op: NodeRow
  readonly constants?: Readonly<Record<string, Tensor>>
  /** Constants that are differentiated too. */
  readonly also?: readonly string[]
  /** Whether the function has kinks, which the inputs then keep away from. */
  readonly kinks?: boolean
  readonly opset?: number
}

const conv = (of: string, x: Shape, w: readonly number[], attrs: Record<string, Attr> = {}): Case => ({
  of,
  x,
  op: ['Conv', 'x w b', 'y', attrs],
  constants: { w: noise(w, 3, 0.4), b: noise([w[0]!], 4) },
  also: ['w', 'b'],
})

const gemm = (of: string, a: Shape, b: readonly number[], c: readonly number[], attrs: Record<string, Attr>): Case => ({
  of,
  x: a,
  op: ['Gemm', 'x w b', 'y', attrs],
  constants: { w: noise(b, 3, 0.4), b: noise(c, 4) },
  also: ['w', 'b'],
})

const binary = (op: string, x: Shape, w: Tensor): Case => ({
  of: `${op} [${x}] and [${w.shape}]`,
  x,
  op: [op, 'x w', 'y'],
  constants: { w },
  also: ['w'],
})

const plain = (op: string, x: Shape, attrs: Record<string, Attr> = {}, kinks = false): Case => ({
  of: `${op} ${JSON.stringify(attrs)}`,
  x,
  op: [op, 'x', 'y', attrs],
  kinks,
})

const cases: readonly Case[] = [
  conv('Conv without padding', [2, 3, 5, 6], [4, 3, 3, 2]),
  conv('Conv, padded all around', [2, 3, 5, 5], [4, 3, 3, 3], { pads: [1, 1, 1, 1] }),
  conv('Conv by strides that leave elements over', [2, 2, 6, 7], [3, 2, 3, 3], { strides: [2, 3] }),
  conv('Conv, padded at the end, strides', [2, 2, 6, 6], [3, 2, 3, 3], { strides: [2, 2], pads: [0, 0, 1, 1] }),
  conv('Conv, padding that no window reaches', [1, 2, 6, 6], [3, 2, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  conv('Conv, dilated', [1, 2, 7, 7], [2, 2, 3, 2], { dilations: [2, 3], pads: [1, 0, 2, 1] }),
  conv('Conv, 1x1', [3, 4, 3, 3], [5, 4, 1, 1]),
  conv('Conv, 1x1 by strides', [2, 4, 5, 5], [3, 4, 1, 1], { strides: [2, 2] }),
  conv('Conv in groups', [2, 4, 5, 5], [6, 2, 3, 3], { group: 2, pads: [1, 1, 1, 1], strides: [2, 2] }),
  conv('Conv by channel', [2, 3, 5, 5], [3, 1, 3, 3], { group: 3, pads: [1, 1, 1, 1] }),
  conv('Conv by channel, two filters each, strides', [2, 3, 6, 7], [6, 1, 3, 3], {
    group: 3,
    strides: [2, 2],
    pads: [0, 0, 1, 1],
  }),
  conv('Conv by channel, strides that leave elements over', [2, 3, 6, 6], [3, 1, 3, 3], { group: 3, strides: [2, 2] }),
  conv('Conv by channel, dilated', [1, 2, 7, 7], [2, 1, 3, 3], { group: 2, dilations: [2, 2], pads: [2, 2, 2, 2] }),
  conv('Conv, auto_pad SAME_UPPER', [1, 2, 6, 5], [3, 2, 3, 3], { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
  conv('Conv, auto_pad SAME_LOWER', [1, 2, 6, 5], [3, 2, 4, 4], { auto_pad: 'SAME_LOWER' }),
  conv('Conv over one dimension', [2, 3, 9], [4, 3, 3], { pads: [1, 1], strides: [2] }),
  gemm('Gemm', [3, 4], [4, 5], [5], {}),
  gemm('Gemm, both transposed, scaled', [4, 3], [5, 4], [3, 5], { transA: 1, transB: 1, alpha: 0.5, beta: 2 }),
  gemm('Gemm, A transposed', [4, 3], [4, 5], [3, 1], { transA: 1 }),
  gemm('Gemm, B transposed', [3, 4], [5, 4], [1, 5], { transB: 1 }),
  binary('MatMul', [3, 4], noise([4, 5], 2)),
  binary('MatMul', [2, 3, 4], noise([4, 5], 2)),
  binary('MatMul', [2, 3, 4], noise([2, 4, 2], 2)),
  binary('MatMul', [2, 1, 3, 4], noise([3, 4, 2], 2)),
  binary('Add', [2, 3, 4], noise([3, 1], 2)),
  binary('Sub', [2, 3, 4], noise([4], 2)),
  binary('Mul', [2, 3, 4], noise([2, 1, 4], 2)),
  binary('Mul', [3], noise([2, 3], 2)),
  binary('Div', [2, 3, 4], positive([3, 1], 2)),
  plain('Relu', [3, 8], {}, true),
  plain('LeakyRelu', [3, 8], { alpha: 0.2 }, true),
  plain('Sigmoid', [3, 7]),
  plain('Tanh', [3, 7]),
  plain('Identity', [3, 7]),
  {
    of: 'Clip',
    x: [3, 8],
    op: ['Clip', 'x low high', 'y'],
    constants: { low: scalar(-1), high: scalar(1.4) },
    kinks: true,
  },
  { of: 'Clip from above', x: [3, 8], op: ['Clip', 'x _ high', 'y'], constants: { high: scalar(1.4) }, kinks: true },
  { of: 'Clip of opset 10', x: [3, 8], op: ['Clip', 'x', 'y', { min: -1, max: 1.4 }], kinks: true, opset: 10 },
  plain('MaxPool', [2, 2, 4, 6], { kernel_shape: [2, 2], strides: [2, 2] }, true),
  plain('MaxPool', [1, 2, 5, 5], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }, true),
  plain('MaxPool', [1, 2, 6, 6], { kernel_shape: [3, 2] }, true),
  plain('MaxPool', [1, 2, 5, 5], { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }, true),
  plain('MaxPool', [1, 2, 7, 7], { kernel_shape: [2, 2], dilations: [2, 2], strides: [2, 2] }, true),
  plain('AveragePool', [2, 2, 4, 6], { kernel_shape: [2, 2], strides: [2, 2] }),
  plain('AveragePool', [1, 2, 5, 5], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
  plain('AveragePool', [1, 2, 5, 5], {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
    count_include_pad: 1,
    strides: [2, 2],
  }),
  plain('AveragePool', [1, 2, 5, 5], { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }),
  plain('GlobalAveragePool', [2, 3, 4, 5]),
  plain('ReduceMean', [2, 3, 4], { axes: [1, -1], keepdims: 0 }),
  plain('ReduceMean', [2, 3, 4], { axes: [1], keepdims: 1 }),
  plain('ReduceMean', [2, 3, 4], { keepdims: 0 }),
  {
    of: 'ReduceMean of opset 18',
    x: [2, 3, 4],
    op: ['ReduceMean', 'x axes', 'y'],
    constants: { axes: ints(2) },
    opset: 18,
  },
  plain('Flatten', [2, 3, 4], { axis: 2 }),
  { of: 'Reshape', x: [2, 3, 4], op: ['Reshape', 'x to', 'y'], constants: { to: ints(0, -1) } },
  { of: 'Squeeze', x: [2, 1, 4], op: ['Squeeze', 'x axes', 'y'], constants: { axes: ints(1) } },
  { of: 'Unsqueeze', x: [2, 4], op: ['Unsqueeze', 'x axes', 'y'], constants: { axes: ints(1) } },
  plain('Transpose', [2, 3, 4], { perm: [1, 2, 0] }),
  plain('Transpose', [2, 3, 4]),
  { ...binary('Concat', [2, 3, 4], noise([2, 2, 4], 2)), op: ['Concat', 'x w x', 'y', { axis: -2 }] },
  { of: 'Pad', x: [2, 3, 4], op: ['Pad', 'x pads', 'y'], constants: { pads: ints(0, 1, 2, 1, 0, 3) } },
  plain('Softmax', [3, 5], { axis: -1 }),
  plain('Softmax', [2, 5, 3], { axis: 1 }),
]

/** Of the largest gradient: what float32 differences can tell. */
const tolerance = 2e-4

test.each(cases)('$of', async ({ x, op, constants = {}, also = [], kinks = false, opset }) => {
  const graph = makeGraph({ inputs: { x }, outputs: 'y', constants, nodes: [op], ...(opset && { opset }) })
  const errors = await gradientError(graph, also, { grid: kinks })
  expect(Object.keys(errors)).toEqual(['x', ...also])
  for (const error of Object.values(errors)) expect(error).toBeLessThan(tolerance)
})

test('every operator that has a rule is in the list', () => {
  expect([...gradientRules.keys()].sort()).toEqual([...new Set(cases.map(({ op }) => op[0]))].sort())
})

test('a block with a fork and a join', async () => {
  const graph = makeGraph({
    inputs: { x: [2, 3, 6, 6] },
    outputs: 'y',
    constants: {
      w: noise([4, 3, 3, 3], 1, 0.3),
      v: noise([4, 4, 3, 3], 2, 0.3),
      u: noise([4, 3, 1, 1], 3, 0.3),
      b: noise([4], 4),
    },
    nodes: [
      ['Conv', 'x w b', 'a', { pads: [1, 1, 1, 1], strides: [2, 2] }],
      ['Sigmoid', 'a', 'r'],
      ['Conv', 'r v', 'c', { pads: [1, 1, 1, 1] }],
      ['Conv', 'x u', 'd', { strides: [2, 2] }],
      ['Add', 'c d', 'e'],
      ['Tanh', 'e', 'y'],
    ],
  })
  const errors = await gradientError(graph, ['w', 'v', 'u', 'b'])
  for (const error of Object.values(errors)) expect(error).toBeLessThan(tolerance)
})

test('the check tells a gradient that is one part in a hundred off', async () => {
  const graph = makeGraph({
    inputs: { x: [3, 4] },
    outputs: 'y',
    nodes: [['Sigmoid', 'x', 'y']],
  })
  // Differences over so wide a step are not the slope any more.
  expect((await gradientError(graph, [], { step: 1 })).x).toBeGreaterThan(1e-2)
})

test('equal elements: the first takes the gradient', async () => {
  const graph = makeGraph({
    inputs: { x: [1, 1, 2, 2], seed: [1, 1, 1, 1] },
    outputs: 'y',
    nodes: [['MaxPool', 'x', 'y', { kernel_shape: [2, 2] }]],
  })
  const made = differentiate(graph, { of: ['x'], seeds: new Map([['y', 'seed']]) })
  await using model = await openHostModel(made.graph)
  const x = { data: Float32Array.of(1, 3, 3, 3), shape: [1, 1, 2, 2] }
  const found = await model.run({ x, seed: { data: Float32Array.of(5), shape: [1, 1, 1, 1] } })
  expect([...found[made.gradients.get('x')!]!.data]).toEqual([0, 5, 0, 0])
})

test('squared error: the loss and its gradient', async () => {
  const graph = makeGraph({
    inputs: { x: [2, 2] },
    outputs: 'y',
    constants: { two: scalar(2) },
    nodes: [['Mul', 'x two', 'y']],
  })
  const error = withSquaredError(graph, ['y'], 2, true)
  const made = differentiate(inferShapes(error.graph), { of: ['x'], seeds: error.seeds })
  await using model = await openHostModel(made.graph)
  const fed = (...data: number[]) => ({ data: Float32Array.from(data), shape: [2, 2] })
  const found = await model.run({
    x: fed(1, 2, 3, 4),
    [error.targets.get('y')!]: fed(2, 2, 6, 6),
    [error.weights.get('y')!]: { data: Float32Array.of(1, 3), shape: [1, 2] },
  })
  // Errors 0 2 0 2, weights 1 3 for each of two samples; dy/dx = 2.
  expect(found[error.loss]!.data[0]).toBeCloseTo((3 * 4 + 3 * 4) / 2, 5)
  expect([...found[made.gradients.get('x')!]!.data]).toEqual([0, 12, 0, 12])
})

test.each([
  ['an operator without a rule', ['Erf', 'x', 'y']],
  ['a padding that reflects', ['Pad', 'x pads', 'y', { mode: 'reflect' }]],
] as const)('%s is named', (_, [op, from, to, attrs]) => {
  const graph = makeGraph({
    inputs: { x: [2, 3], seed: [2, 3] },
    outputs: 'y',
    constants: { pads: ints(0, 0, 0, 0) },
    nodes: [[op, from, to, attrs ?? {}]],
  })
  const request = { of: ['x'], seeds: new Map([['y', 'seed']]) }
  expect(() => differentiate(graph, request)).toThrow(
    expect.objectContaining({ code: 'graph.gradient', data: expect.objectContaining({ op }) }),
  )
  expect(() => differentiate(graph, request)).toThrow(AppError)
})
