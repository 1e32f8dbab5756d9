// One graph for each rule and each of its branches. `steps`: how many steps of the output's scale the integers may be off.
import type { Attr } from '../../src-main/ir/graph.ts'
import { tensor } from '../../src-main/ir/tensor.ts'
import {
  type Constant,
  floats,
  type GraphSpec,
  ints,
  listOf,
  quant,
  random,
  scalar,
  weights,
} from '../unit/targets/graphs.ts'

interface Case {
  readonly name: string
  readonly graph: GraphSpec
  readonly steps?: number
}

const x8 = quant(0.03, -5)
const y8 = quant(0.05, 3)
const wide = quant(0.2, 7)
type Attrs = Readonly<Record<string, Attr>>
type Constants = Readonly<Record<string, Constant>>

/** One operator with the input x and constants. */
function one(
  op: string,
  shape: readonly number[],
  options: {
    attrs?: Attrs
    constants?: Constants
    x?: GraphSpec['quants'][string]
    y?: typeof x8 | null
    opset?: number
    inputs?: string[]
  } = {},
): GraphSpec {
  const { attrs, constants = {}, x = x8, y = y8, opset, inputs } = options
  return {
    inputs: { x: shape },
    outputs: ['y'],
    nodes: [{ op, inputs: inputs ?? ['x', ...Object.keys(constants)], outputs: ['y'], attrs }],
    constants,
    quants: y ? { x, y } : { x },
    opset,
  }
}

const two = (op: string, a: readonly number[], b: readonly number[], bQuant = quant(0.04, 9)): GraphSpec => ({
  inputs: { a, b },
  outputs: ['y'],
  nodes: [{ op, inputs: ['a', 'b'], outputs: ['y'] }],
  quants: { a: x8, b: bQuant, y: wide },
})

const convs: readonly Case[] = [
  {
    name: 'Conv 3x3 with padding and bias',
    graph: one('Conv', [1, 5, 8, 7], {
      attrs: { pads: [1, 1, 1, 1] },
      constants: { w: weights([6, 5, 3, 3], 0, random(1)), b: floats([6], random(2)) },
      y: wide,
    }),
  },
  {
    name: 'Conv, asymmetric padding, stride 2',
    graph: one('Conv', [1, 3, 9, 8], {
      attrs: { pads: [0, 0, 1, 1], strides: [2, 2] },
      constants: { w: weights([4, 3, 3, 3], 0, random(3)) },
      y: wide,
    }),
  },
  {
    name: 'Conv, SAME_UPPER',
    graph: one('Conv', [1, 3, 9, 8], {
      attrs: { auto_pad: 'SAME_UPPER', strides: [2, 2] },
      constants: { w: weights([4, 3, 4, 4], 0, random(3)) },
      y: wide,
    }),
  },
  {
    name: 'Conv, dilated',
    graph: one('Conv', [1, 3, 9, 8], {
      attrs: { dilations: [2, 3] },
      constants: { w: weights([4, 3, 3, 2], 0, random(4)) },
      y: wide,
    }),
  },
  {
    name: 'Conv, grouped',
    graph: one('Conv', [1, 6, 5, 5], {
      attrs: { group: 3 },
      constants: { w: weights([9, 2, 3, 3], 0, random(5)) },
      y: wide,
    }),
  },
  {
    name: 'Conv, depthwise',
    graph: one('Conv', [1, 6, 7, 5], {
      attrs: { group: 6, pads: [1, 1, 1, 1] },
      constants: { w: weights([6, 1, 3, 3], 0, random(6)), b: floats([6], random(7)) },
      y: wide,
    }),
  },
  {
    name: 'Conv, depthwise with multiplier 2, dilated',
    graph: one('Conv', [1, 4, 9, 9], {
      attrs: { group: 4, dilations: [2, 2] },
      constants: { w: weights([8, 1, 3, 3], 0, random(8)) },
      y: wide,
    }),
  },
  {
    name: 'Conv, one-dimensional',
    graph: one('Conv', [1, 4, 20], {
      attrs: { pads: [2, 1], strides: [2] },
      constants: { w: weights([6, 4, 5], 0, random(9)), b: floats([6], random(10)) },
      y: wide,
    }),
  },
  {
    name: 'Conv, one-dimensional, depthwise, dilated',
    graph: one('Conv', [1, 4, 20], {
      attrs: { group: 4, dilations: [3] },
      constants: { w: weights([4, 1, 3], 0, random(11)) },
    }),
  },
  {
    name: 'Conv from uint8',
    graph: one('Conv', [1, 3, 6, 6], {
      constants: { w: weights([4, 3, 3, 3], 0, random(12)) },
      x: quant(0.02, 110, 'u8'),
      y: quant(0.1, 140, 'u8'),
    }),
  },
  {
    name: 'Conv with a channel of zeros whose scale is 0',
    graph: one('Conv', [1, 2, 4, 4], {
      constants: {
        w: {
          tensor: tensor('i8', [2, 2, 1, 1], Int8Array.of(0, 0, 50, -70)),
          quant: {
            dtype: 'i8',
            bits: 8,
            min: -127,
            max: 127,
            scale: [0, Math.fround(0.01)],
            zeroPoint: [0, 0],
            axis: 0,
          },
        },
        b: listOf(1.5, -2),
      },
    }),
  },
  {
    name: 'Conv with a bias far too large for its scale',
    graph: one('Conv', [1, 2, 4, 4], {
      constants: { w: weights([2, 2, 3, 3], 0, random(13), 1e-8), b: listOf(3, -2) },
    }),
  },
  {
    name: 'ConvTranspose',
    graph: one('ConvTranspose', [1, 3, 4, 5], {
      attrs: { strides: [2, 2], pads: [1, 1, 1, 1] },
      constants: { w: weights([3, 4, 3, 3], 1, random(14)), b: floats([4], random(15)) },
      y: wide,
    }),
  },
  {
    name: 'ConvTranspose, output padding',
    graph: one('ConvTranspose', [1, 3, 4, 5], {
      attrs: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
      constants: { w: weights([3, 4, 3, 3], 1, random(14)) },
      y: wide,
    }),
  },
  {
    name: 'ConvTranspose, one-dimensional',
    graph: one('ConvTranspose', [1, 3, 7], {
      attrs: { strides: [2] },
      constants: { w: weights([3, 4, 3], 1, random(16)) },
      y: wide,
    }),
  },
  {
    name: 'BatchNormalization that stands alone',
    graph: one('BatchNormalization', [1, 4, 5, 5], {
      constants: {
        s: listOf(1.5, -0.7, 0.01, 2),
        b: listOf(0.1, 2, -1, 0),
        m: listOf(1, -1, 0, 0.3),
        v: listOf(1, 2, 0.5, 4),
      },
      y: wide,
    }),
  },
]

const dense: readonly Case[] = [
  {
    name: 'Gemm, transB',
    graph: one('Gemm', [1, 20], {
      attrs: { transB: 1 },
      constants: { w: weights([7, 20], 0, random(20)), b: floats([7], random(21)) },
      y: wide,
    }),
  },
  {
    name: 'Gemm, alpha and beta',
    graph: one('Gemm', [3, 20], {
      attrs: { alpha: 0.5, beta: 2 },
      constants: { w: weights([20, 7], 1, random(22)), b: floats([7], random(23)) },
      y: wide,
    }),
  },
  {
    name: 'MatMul with a matrix, rank 3',
    graph: one('MatMul', [1, 4, 12], { constants: { w: weights([12, 5], 1, random(24)) }, y: wide }),
  },
  {
    name: 'MatMul and Add become one',
    graph: {
      inputs: { x: [1, 12] },
      outputs: ['y'],
      nodes: [
        { op: 'MatMul', inputs: ['x', 'w'], outputs: ['p'] },
        { op: 'Add', inputs: ['b', 'p'], outputs: ['s'] },
        { op: 'Relu', inputs: ['s'], outputs: ['y'] },
      ],
      constants: { w: weights([12, 5], 1, random(25)), b: floats([5], random(26)) },
      quants: { x: x8, y: quant(0.1, -128) },
    },
  },
  { name: 'MatMul of two activations', graph: two('MatMul', [1, 2, 3, 6], [1, 2, 6, 4], quant(0.02, -4)) },
  {
    name: 'Flatten of NCHW before a Gemm',
    graph: {
      inputs: { x: [1, 2, 6, 6] },
      outputs: ['y'],
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['c'] },
        { op: 'Flatten', inputs: ['c'], outputs: ['f'] },
        { op: 'Sigmoid', inputs: ['f'], outputs: ['s'] },
        { op: 'Gemm', inputs: ['s', 'm'], outputs: ['y'] },
      ],
      constants: { w: weights([3, 2, 3, 3], 0, random(27)), m: weights([48, 5], 1, random(28)) },
      quants: { x: x8, c: wide, s: quant(1 / 256, -128), y: y8 },
    },
    steps: 2,
  },
  {
    name: 'Reshape of NCHW that is read as it is',
    graph: {
      inputs: { x: [1, 2, 6, 6] },
      outputs: ['y', 'z'],
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['c'] },
        { op: 'Reshape', inputs: ['c', 'shape'], outputs: ['y'] },
        { op: 'Flatten', inputs: ['c'], outputs: ['z'] },
      ],
      constants: { w: weights([3, 2, 3, 3], 0, random(29)), shape: ints(1, 6, -1) },
      quants: { x: x8, c: wide },
    },
  },
]

const image = [1, 4, 5, 6]
const constant8 = (values: readonly number[], shape: readonly number[]): Constant => ({
  tensor: tensor('i8', shape, Int8Array.from(values)),
  quant: quant(0.02, 5),
})

const elementwise: readonly Case[] = [
  {
    name: 'Mul by an int8 constant, as TFLite has it',
    graph: one('Mul', image, { constants: { c: constant8([100, -90, 30, 60], [4, 1, 1]) } }),
  },
  {
    name: 'Add of an int8 constant along W',
    graph: one('Add', image, { constants: { c: constant8([100, -90, 30, 60, 5, 7], [6]) } }),
  },
  {
    name: 'Mul by gains per channel of very different size',
    graph: one('Mul', image, { constants: { c: { tensor: floats([1, 4, 1, 1], random(50), 2).tensor } }, y: wide }),
  },
  {
    name: 'Sub from constants per channel',
    graph: one('Sub', image, { constants: { c: floats([4, 1, 1], random(51)) }, inputs: ['c', 'x'] }),
  },
  { name: 'Pow', graph: one('Pow', image, { constants: { e: scalar(2) }, y: quant(0.07, -128) }) },
  { name: 'Relu', graph: one('Relu', image, { y: x8 }) },
  { name: 'Relu with another scale', graph: one('Relu', image) },
  { name: 'Clip', graph: one('Clip', image, { constants: { lo: scalar(-0.5), hi: scalar(1.5) } }) },
  { name: 'Clip by attributes', graph: one('Clip', image, { attrs: { min: 0, max: 6 }, opset: 6 }) },
  { name: 'Sigmoid', graph: one('Sigmoid', image, { y: quant(1 / 256, -128) }) },
  { name: 'Sigmoid, own scale', graph: one('Sigmoid', image, { y: quant(0.005, -100) }) },
  { name: 'Sigmoid without an output scale', graph: one('Sigmoid', image, { y: null }) },
  { name: 'Tanh', graph: one('Tanh', image, { y: quant(1 / 128, 0) }) },
  { name: 'HardSwish', graph: one('HardSwish', image, { y: quant(0.03, -110) }) },
  {
    name: 'HardSigmoid',
    graph: one('HardSigmoid', image, { attrs: { alpha: 0.25, beta: 0.4 }, y: quant(1 / 256, -128) }),
  },
  { name: 'LeakyRelu', graph: one('LeakyRelu', image, { attrs: { alpha: 0.1 } }) },
  { name: 'Elu', graph: one('Elu', image, { attrs: { alpha: 0.7 } }) },
  { name: 'Exp', graph: one('Exp', image, { y: quant(0.2, -128) }) },
  {
    name: 'PRelu per channel',
    graph: one('PRelu', image, { constants: { a: { tensor: floats([4, 1, 1], random(30), 0.4).tensor } } }),
  },
  { name: 'Add', graph: two('Add', image, image) },
  { name: 'Add that broadcasts', graph: two('Add', image, [1, 4, 1, 1]) },
  { name: 'Add of another rank', graph: two('Add', image, [6]) },
  { name: 'Sub', graph: two('Sub', [6], image) },
  { name: 'Mul', graph: two('Mul', image, image) },
  { name: 'Mul that broadcasts per channel', graph: two('Mul', [1, 4, 1, 1], image) },
  {
    name: 'Div by a value that stays away from 0',
    graph: {
      inputs: { a: image, b: image },
      outputs: ['y'],
      nodes: [
        { op: 'Clip', inputs: ['b', 'low'], outputs: ['c'] },
        { op: 'Div', inputs: ['a', 'c'], outputs: ['y'] },
      ],
      constants: { low: scalar(0.52) },
      quants: { a: x8, b: quant(0.04, -128), c: quant(0.04, -128), y: wide },
    },
  },
  {
    name: 'Add of a constant per channel',
    graph: one('Add', image, { constants: { c: floats([4, 1, 1], random(31), 2) }, y: wide }),
  },
  {
    name: 'Sub from a constant',
    graph: one('Sub', image, { constants: { c: scalar(2.5) }, inputs: ['c', 'x'], y: wide }),
  },
  { name: 'Mul by a constant', graph: one('Mul', image, { constants: { c: listOf(0.5) }, y: y8 }) },
  { name: 'Div by a constant', graph: one('Div', image, { constants: { c: listOf(4) }, y: quant(0.01, 2) }) },
]

const movement: readonly Case[] = [
  {
    name: 'AveragePool',
    graph: one('AveragePool', image, { attrs: { kernel_shape: [2, 3], strides: [1, 2] }, y: x8 }),
  },
  {
    name: 'AveragePool with padding that does not count',
    graph: one('AveragePool', image, { attrs: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, y: x8 }),
  },
  {
    name: 'AveragePool with padding that counts',
    graph: one('AveragePool', image, {
      attrs: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 },
      y: x8,
    }),
  },
  { name: 'AveragePool to another scale', graph: one('AveragePool', image, { attrs: { kernel_shape: [2, 2] } }) },
  {
    name: 'AveragePool, one-dimensional',
    graph: one('AveragePool', [1, 4, 12], { attrs: { kernel_shape: [4], strides: [4] }, y: x8 }),
  },
  {
    name: 'MaxPool',
    graph: one('MaxPool', image, { attrs: { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 1, 1] }, y: null }),
  },
  {
    name: 'MaxPool, ceil mode',
    graph: one('MaxPool', [1, 4, 5, 7], { attrs: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }, y: null }),
  },
  {
    name: 'MaxPool, one-dimensional',
    graph: one('MaxPool', [1, 4, 12], { attrs: { kernel_shape: [3], strides: [3] }, y: null }),
  },
  { name: 'GlobalAveragePool', graph: one('GlobalAveragePool', image, { y: quant(0.01) }) },
  { name: 'GlobalMaxPool', graph: one('GlobalMaxPool', image, { y: x8 }) },
  {
    name: 'ReduceMean over channels, dimensions dropped',
    graph: one('ReduceMean', image, { attrs: { axes: [1], keepdims: 0 }, y: quant(0.02) }),
  },
  {
    name: 'ReduceMean by an input, kept',
    graph: one('ReduceMean', image, { constants: { a: ints(-1, -2) }, y: quant(0.02), opset: 18 }),
  },
  {
    name: 'Softmax over the last dimension',
    graph: one('Softmax', [1, 12], { x: quant(0.06, 4), y: quant(1 / 256, -128) }),
  },
  {
    name: 'Softmax over the channels',
    graph: one('Softmax', image, { attrs: { axis: 1 }, x: quant(0.06, 4), y: quant(1 / 256, -128) }),
  },
  {
    name: 'Softmax before opset 13 flattens',
    graph: one('Softmax', image, { attrs: { axis: 2 }, opset: 11, x: quant(0.06, 4), y: quant(1 / 256, -128) }),
  },
  { name: 'Transpose', graph: one('Transpose', image, { attrs: { perm: [0, 3, 1, 2] }, y: null }) },
  {
    name: 'Slice with steps',
    graph: one('Slice', image, {
      constants: { s: ints(1, -1), e: ints(4, -100), a: ints(1, 3), t: ints(2, -2) },
      y: null,
    }),
  },
  {
    name: 'Pad, constant',
    graph: one('Pad', image, { constants: { p: ints(0, 1, 0, 2, 0, 0, 1, 1), v: scalar(0.6) }, y: null }),
  },
  { name: 'Pad, negative', graph: one('Pad', image, { constants: { p: ints(0, -1, 0, 2, 0, 0, 1, -1) }, y: null }) },
  {
    name: 'Pad, reflect',
    graph: one('Pad', image, { attrs: { mode: 'reflect' }, constants: { p: ints(0, 0, 2, 3, 0, 0, 1, 2) }, y: null }),
  },
  {
    name: 'Pad, edge',
    graph: one('Pad', image, { attrs: { mode: 'edge' }, constants: { p: ints(0, 0, 2, 3, 0, 0, 1, 2) }, y: null }),
  },
  { name: 'Squeeze', graph: one('Squeeze', [1, 4, 1, 6], { constants: { a: ints(2) }, y: null }) },
  { name: 'Unsqueeze', graph: one('Unsqueeze', [1, 4, 6], { constants: { a: ints(1) }, y: null }) },
  { name: 'Identity to another scale', graph: one('Identity', image) },
  {
    name: 'Concat of NCHW values over channels, one rescaled',
    graph: {
      inputs: { a: [1, 2, 4, 4], b: [1, 3, 4, 4] },
      outputs: ['y'],
      nodes: [
        { op: 'MaxPool', inputs: ['a'], outputs: ['p'], attrs: { kernel_shape: [1, 1] } },
        { op: 'Concat', inputs: ['p', 'b'], outputs: ['y'], attrs: { axis: 1 } },
      ],
      quants: { a: x8, b: wide, p: x8, y: wide },
    },
  },
  {
    name: 'Split over channels',
    graph: {
      inputs: { x: [1, 6, 4, 4] },
      outputs: ['a', 'b'],
      nodes: [
        { op: 'MaxPool', inputs: ['x'], outputs: ['p'], attrs: { kernel_shape: [2, 2] } },
        { op: 'Split', inputs: ['p', 's'], outputs: ['a', 'b'], attrs: { axis: 1 } },
      ],
      constants: { s: ints(2, 4) },
      quants: { x: x8, p: x8, b: y8 },
    },
  },
]

const shuffled: readonly Case[] = [
  { name: 'DepthToSpace', graph: one('DepthToSpace', [1, 8, 2, 3], { attrs: { blocksize: 2 }, y: null }) },
  {
    name: 'DepthToSpace, CRD',
    graph: one('DepthToSpace', [1, 8, 2, 3], { attrs: { blocksize: 2, mode: 'CRD' }, y: null }),
  },
  { name: 'SpaceToDepth', graph: one('SpaceToDepth', [1, 2, 4, 6], { attrs: { blocksize: 2 }, y: null }) },
  {
    name: 'ReduceSum',
    graph: one('ReduceSum', image, { constants: { a: ints(2, 3) }, attrs: { keepdims: 0 }, y: quant(0.6) }),
  },
  {
    name: 'channel shuffle: two reshapes and a transpose',
    graph: {
      inputs: { x: [1, 6, 4, 3] },
      outputs: ['y'],
      nodes: [
        { op: 'MaxPool', inputs: ['x'], outputs: ['p'], attrs: { kernel_shape: [1, 1] } },
        { op: 'Reshape', inputs: ['p', 'split'], outputs: ['s'] },
        { op: 'Transpose', inputs: ['s'], outputs: ['t'], attrs: { perm: [0, 2, 1, 3, 4] } },
        { op: 'Reshape', inputs: ['t', 'joined'], outputs: ['j'] },
        { op: 'Conv', inputs: ['j', 'w'], outputs: ['y'] },
      ],
      constants: { split: ints(1, 2, 3, 4, 3), joined: ints(1, -1, 4, 3), w: weights([3, 6, 2, 2], 0, random(40)) },
      quants: { x: x8, p: x8, y: wide },
    },
  },
  {
    name: 'reshape that splits and joins other dimensions',
    graph: {
      inputs: { x: [1, 6, 4, 3] },
      outputs: ['y', 'z'],
      nodes: [
        { op: 'MaxPool', inputs: ['x'], outputs: ['p'], attrs: { kernel_shape: [1, 1] } },
        { op: 'Reshape', inputs: ['p', 'a'], outputs: ['y'] },
        { op: 'Reshape', inputs: ['p', 'b'], outputs: ['z'] },
      ],
      constants: { a: ints(1, 6, 12), b: ints(8, 9) },
      quants: { x: x8, p: x8 },
    },
  },
  {
    name: 'mean of everything to a scalar',
    graph: one('ReduceMean', image, { attrs: { keepdims: 0 }, y: quant(0.01) }),
  },
  { name: 'Flatten of a value of rank 3', graph: one('Flatten', [1, 4, 6], { y: null }) },
  {
    name: 'Relu, Clip and a branch: the branch keeps what Relu made',
    graph: {
      inputs: { x: [1, 3, 5, 5] },
      outputs: ['y', 'z'],
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['c'] },
        { op: 'Relu', inputs: ['c'], outputs: ['r'] },
        { op: 'Clip', inputs: ['r', '', 'six'], outputs: ['y'] },
        { op: 'Sigmoid', inputs: ['r'], outputs: ['z'] },
      ],
      constants: { six: scalar(3), w: weights([3, 3, 3, 3], 0, random(41)) },
      quants: { x: x8, c: wide, r: quant(0.1, -128), y: quant(0.03, -128), z: quant(1 / 256, -128) },
    },
  },
  {
    name: 'weights in uint8 with a zero point',
    graph: one('Conv', [1, 3, 6, 6], {
      constants: {
        w: {
          tensor: tensor(
            'u8',
            [4, 3, 3, 3],
            Uint8Array.from({ length: 108 }, (_, i) => (i * 41) % 220),
          ),
          quant: { dtype: 'u8', bits: 8, min: 0, max: 255, scale: [Math.fround(0.004)], zeroPoint: [115], axis: null },
        },
      },
      y: wide,
    }),
  },
]

const resized = (attrs: Attrs, sizes: readonly number[]): GraphSpec =>
  one('Resize', image, { attrs, constants: { r: listOf(), s: listOf(), n: ints(...sizes) }, y: null })

const resizes: readonly Case[] = [
  {
    name: 'Resize nearest, asymmetric floor',
    graph: resized(
      { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
      [1, 4, 10, 12],
    ),
  },
  { name: 'Resize nearest, half pixel', graph: resized({ mode: 'nearest' }, [1, 4, 10, 18]) },
  { name: 'Resize linear, half pixel', graph: resized({ mode: 'linear' }, [1, 4, 10, 12]) },
  {
    name: 'Resize linear, aligned corners',
    graph: resized({ mode: 'linear', coordinate_transformation_mode: 'align_corners' }, [1, 4, 9, 11]),
  },
  {
    name: 'Resize linear down, asymmetric',
    graph: resized({ mode: 'linear', coordinate_transformation_mode: 'asymmetric' }, [1, 4, 3, 4]),
  },
]

export const cases: readonly Case[] = [...convs, ...dense, ...elementwise, ...movement, ...shuffled, ...resizes]
