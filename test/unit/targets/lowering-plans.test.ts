// Golden plans: which operators a graph becomes, and which it does not need.
import { expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import { lower } from '../../../src-main/targets/lowering/lower.ts'
import { floats, type GraphSpec, graphOf, ints, printPlan, quant, random, weights } from './graphs.ts'

const q = quant(0.05)

const cases: readonly { readonly name: string; readonly graph: GraphSpec; readonly plan: readonly string[] }[] = [
  {
    name: 'Relu without a quantisation before it becomes the clamp; NCHW input is turned once',
    graph: {
      inputs: { x: [1, 3, 4, 4] },
      outputs: ['y'],
      nodes: [
        { op: 'Conv', inputs: ['x', 'w', 'b'], outputs: ['c'], attrs: { pads: [1, 1, 1, 1] } },
        { op: 'Relu', inputs: ['c'], outputs: ['r'] },
        { op: 'GlobalAveragePool', inputs: ['r'], outputs: ['p'] },
        { op: 'Flatten', inputs: ['p'], outputs: ['y'] },
      ],
      constants: { w: weights([8, 3, 3, 3], 0, random(1)), b: floats([8], random(2)) },
      quants: { x: q, r: quant(0.02, -128), p: quant(0.02, -128) },
    },
    plan: [
      'x[1x4x4x3] = transpose(x[1x3x4x4])',
      'r[1x4x4x8] = conv2d(x[1x4x4x3], w[8x3x3x3]!, b[8]!)',
      'p[1x1x1x8] = mean(r[1x4x4x8])',
    ],
  },
  {
    name: 'a graph that begins with a transpose from NHWC needs none',
    graph: {
      inputs: { x: [1, 4, 4, 3] },
      outputs: ['y'],
      nodes: [
        { op: 'Transpose', inputs: ['x'], outputs: ['t'], attrs: { perm: [0, 3, 1, 2] } },
        { op: 'Conv', inputs: ['t', 'w'], outputs: ['c'] },
        { op: 'Transpose', inputs: ['c'], outputs: ['y'], attrs: { perm: [0, 2, 3, 1] } },
      ],
      constants: { w: weights([8, 3, 3, 3], 0, random(1)) },
      quants: { x: q, c: q },
    },
    plan: ['c[1x2x2x8] = conv2d(x[1x4x4x3], w[8x3x3x3]!)'],
  },
  {
    name: 'Flatten before a Gemm costs nothing: the columns of the weights are moved instead',
    graph: {
      inputs: { x: [1, 1, 4, 4] },
      outputs: ['y'],
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['c'] },
        { op: 'Flatten', inputs: ['c'], outputs: ['f'] },
        { op: 'Relu', inputs: ['f'], outputs: ['r'] },
        { op: 'Gemm', inputs: ['r', 'm'], outputs: ['y'], attrs: { transB: 1 } },
      ],
      constants: { w: weights([2, 1, 3, 3], 0, random(1)), m: weights([5, 8], 0, random(3)) },
      quants: { x: q, c: q, y: q },
    },
    plan: [
      'c[1x2x2x2] = conv2d(x[1x4x4x1], w[2x3x3x1]!)',
      'r[1x8] = requantize(c[1x8])',
      'y[1x5] = fullyConnected(r[1x8], m[5x8]!)',
    ],
  },
  {
    name: 'channel shuffle moves its elements once',
    graph: {
      inputs: { x: [1, 1, 4, 3] },
      outputs: ['y'],
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['c'] },
        { op: 'Reshape', inputs: ['c', 'split'], outputs: ['s'] },
        { op: 'Transpose', inputs: ['s'], outputs: ['t'], attrs: { perm: [0, 2, 1, 3, 4] } },
        { op: 'Reshape', inputs: ['t', 'joined'], outputs: ['j'] },
        { op: 'Conv', inputs: ['j', 'v'], outputs: ['d'] },
        { op: 'GlobalAveragePool', inputs: ['d'], outputs: ['y'] },
      ],
      constants: {
        split: ints(1, 2, 3, 4, 3),
        joined: ints(1, 6, 4, 3),
        w: weights([6, 1, 1, 1], 0, random(1)),
        v: weights([3, 6, 2, 2], 0, random(2)),
      },
      quants: { x: q, c: q, d: q, y: q },
    },
    plan: [
      'c[1x4x3x6] = conv2d(x[1x4x3x1], w[6x1x1x1]!)',
      'c[1x4x3x3x2] = transpose(c[1x4x3x2x3])',
      'd[1x3x2x3] = conv2d(c[1x4x3x6], v[3x2x2x6]!)',
      'y[1x1x1x3] = mean(d[1x3x2x3])',
    ],
  },
  {
    name: 'one-dimensional depthwise convolution runs along W',
    graph: {
      inputs: { x: [1, 4, 10] },
      outputs: ['y'],
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['c'], attrs: { group: 4, strides: [2] } },
        { op: 'Clip', inputs: ['c', '', ''], outputs: ['y'] },
      ],
      constants: { w: weights([8, 1, 3], 0, random(1)) },
      quants: { x: q, c: q, y: q },
    },
    plan: [
      'x[1x10x4] = transpose(x[1x4x10])',
      'y[1x1x4x8] = depthwiseConv2d(x[1x1x10x4], w[1x1x3x8]!)',
      'y[1x8x4] = transpose(y[1x4x8])',
    ],
  },
  {
    name: 'parts with another scale are rescaled before they are joined',
    graph: {
      inputs: { a: [1, 2, 3], b: [1, 2, 3] },
      outputs: ['y'],
      nodes: [{ op: 'Concat', inputs: ['a', 'b'], outputs: ['y'], attrs: { axis: 1 } }],
      quants: { a: q, b: quant(0.1), y: q },
    },
    plan: ['b[1x2x3] = requantize(b[1x2x3])', 'y[1x4x3] = concat(a[1x2x3], b[1x2x3])'],
  },
  {
    name: 'a float input takes the quantisation it is given first',
    graph: {
      inputs: { x: [1, 4, 4, 2] },
      outputs: ['y'],
      nodes: [
        { op: 'Transpose', inputs: ['x'], outputs: ['t'], attrs: { perm: [0, 3, 1, 2] } },
        { op: 'Identity', inputs: ['t'], outputs: ['i'] },
        { op: 'GlobalMaxPool', inputs: ['i'], outputs: ['y'] },
      ],
      quants: { i: q },
    },
    plan: ['y[1x1x1x2] = maxPool2d(x[1x4x4x2])'],
  },
  {
    name: 'values that only pass through: Identity with another scale is a requantisation',
    graph: {
      inputs: { x: [1, 6] },
      outputs: ['y', 'z'],
      nodes: [
        { op: 'Identity', inputs: ['x'], outputs: ['y'] },
        { op: 'Reshape', inputs: ['x', 's'], outputs: ['z'] },
      ],
      constants: { s: ints(2, 3) },
      quants: { x: q, y: quant(0.1) },
    },
    plan: ['y[1x6] = requantize(x[1x6])', 'z[2x3] = copy(x[2x3])'],
  },
]

test.each(cases)('$name', ({ graph, plan }) => {
  expect(printPlan(lower(graphOf(graph)))).toEqual(plan)
})

const refusals: readonly { readonly name: string; readonly graph: GraphSpec; readonly says: RegExp }[] = [
  {
    name: 'an operator without a rule',
    graph: {
      inputs: { x: [1, 4] },
      outputs: ['y'],
      nodes: [{ op: 'Einsum', inputs: ['x'], outputs: ['y'] }],
      quants: { x: q },
    },
    says: /Node Einsum_0: operator Einsum .* no kernel/,
  },
  {
    name: 'an activation that was not quantised',
    graph: {
      inputs: { x: [1, 4] },
      outputs: ['y'],
      nodes: [{ op: 'Exp', inputs: ['x'], outputs: ['y'] }],
      quants: { x: q },
    },
    says: /its output y has no quantisation/,
  },
  {
    name: 'an activation with the scale 0',
    graph: {
      inputs: { x: [1, 4] },
      outputs: ['y'],
      nodes: [{ op: 'Exp', inputs: ['x'], outputs: ['y'] }],
      quants: { x: q, y: quant(0) },
    },
    says: /y is quantised as i8 with the scale 0 /,
  },
  {
    name: 'weights that are still float',
    graph: {
      inputs: { x: [1, 4] },
      outputs: ['y'],
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
      constants: { w: floats([4, 2], random(1)) },
      quants: { x: q, y: q },
    },
    says: /its weights w are not int8/,
  },
]

test.each(refusals)('refuses $name', ({ graph, says }) => {
  expect(() => lower(graphOf(graph))).toThrow(AppError)
  expect(() => lower(graphOf(graph))).toThrow(says)
})
