// Convolutions, pools and fully connected layers. Filters go from OHWI (depthwise 1HWC) to ONNX's order.
import { say } from '../../../base/note.ts'
import { elementsOf } from '../../../ir/tensor.ts'
import type { GraphBuilder } from '../builder.ts'
import type { TfliteOperator } from '../model.ts'
import { paddingSame } from '../schema.ts'
import { type Convert, emit, fail, input, option, optionalInput, output, shapeOfRank, windowOf } from './convert.ts'

function withBias(b: GraphBuilder, op: TfliteOperator, inputs: readonly string[], i: number): string[] {
  const bias = optionalInput(op, i)
  return bias < 0 ? [...inputs] : [...inputs, b.value(bias, 'native', op)]
}

/** A filter in ONNX's order; one made at run time gets a Transpose. */
function filter(b: GraphBuilder, op: TfliteOperator, t: number, perm: readonly number[]): string {
  if (!b.isConstant(t)) return fail(op, say`its filter ${b.tensor(t).name} is not a constant`)
  return b.constant(t, { perm }, op)
}

const conv: Convert = (b, op) => {
  const x = input(op, 0)
  const w = input(op, 1)
  const [, height, width, channels] = shapeOfRank(b, op, x, 4) as [number, number, number, number]
  const [outputs, kh, kw, perGroup] = shapeOfRank(b, op, w, 4) as [number, number, number, number]
  const group = channels / perGroup
  if (!Number.isInteger(group) || outputs % group !== 0)
    fail(op, say`${channels} input channels, a filter of ${perGroup} and ${outputs} outputs do not agree`)
  const inputs = withBias(b, op, [b.value(x, 'nchw', op), filter(b, op, w, [0, 3, 1, 2])], 2)
  emit(b, op, 'Conv', inputs, 'nchw', { ...windowOf(op, [height, width], [kh, kw]), group })
}

const depthwise: Convert = (b, op) => {
  const x = input(op, 0)
  const w = input(op, 1)
  const [, height, width, channels] = shapeOfRank(b, op, x, 4) as [number, number, number, number]
  const [one, kh, kw, outputs] = shapeOfRank(b, op, w, 4) as [number, number, number, number]
  if (one !== 1 || channels === 0 || outputs % channels !== 0)
    fail(op, say`${channels} input channels and a filter [${b.shape(w)}] do not agree`)
  const inputs = withBias(b, op, [b.value(x, 'nchw', op), filter(b, op, w, [3, 0, 1, 2])], 2)
  emit(b, op, 'Conv', inputs, 'nchw', { ...windowOf(op, [height, width], [kh, kw]), group: channels })
}

/** Inputs are output shape, filter OHWI, input, bias. What ONNX calls pads is cut off the full output. */
const transposeConv: Convert = (b, op) => {
  const w = input(op, 1)
  const x = input(op, 2)
  const inSize = shapeOfRank(b, op, x, 4).slice(1, 3)
  const outSize = shapeOfRank(b, op, output(op), 4).slice(1, 3)
  const kernel = shapeOfRank(b, op, w, 4).slice(1, 3)
  const { strides, pads } = windowOf(op, outSize, kernel)
  const begin = option(op, 'padding') === paddingSame ? pads.slice(0, 2) : [0, 0]
  const end = begin.map((pad, i) => strides[i]! * (inSize[i]! - 1) + kernel[i]! - pad - outSize[i]!)
  const inputs = withBias(b, op, [b.value(x, 'nchw', op), filter(b, op, w, [3, 0, 1, 2])], 3)
  emit(b, op, 'ConvTranspose', inputs, 'nchw', {
    kernel_shape: kernel,
    strides,
    dilations: [1, 1],
    group: 1,
    pads: [...begin, ...end.map((v) => Math.max(0, v))],
    output_padding: end.map((v) => Math.max(0, -v)),
  })
}

const pool =
  (onnx: 'AveragePool' | 'MaxPool'): Convert =>
  (b, op) => {
    const x = input(op, 0)
    const size = shapeOfRank(b, op, x, 4).slice(1, 3)
    const { kernel_shape, strides, pads } = windowOf(op, size, [option(op, 'filterH'), option(op, 'filterW')])
    // TFLite divides by the elements inside the image
    const counting: Record<string, number> = onnx === 'AveragePool' ? { count_include_pad: 0 } : {}
    emit(b, op, onnx, [b.value(x, 'nchw', op)], 'nchw', { kernel_shape, strides, pads, ceil_mode: 0, ...counting })
  }

const fullyConnected: Convert = (b, op) => {
  const [x, w, out] = [input(op, 0), input(op, 1), output(op)]
  const [units, depth] = shapeOfRank(b, op, w, 2) as [number, number]
  const shape = b.shape(x)
  const rows = elementsOf(shape) / depth
  if (!Number.isInteger(rows) || elementsOf(b.shape(out)) !== rows * units)
    fail(op, say`an input [${shape}], weights [${units},${depth}] and an output [${b.shape(out)}] do not agree`)
  if (option(op, 'weightsFormat') !== 0) fail(op, say`its weights are in a shuffled order`)
  if (b.shape(out).length > 2 && !b.isInteger(op) && shape.at(-1) === depth) return matMul(b, op, x, w)
  const flat = shape.length === 2 && shape[1] === depth ? b.value(x, 'native', op) : flatten(b, op, x, depth, rows)
  const inputs = withBias(b, op, [flat, b.value(w, 'native', op)], 2)
  if (b.shape(out).length === 2) return emit(b, op, 'Gemm', inputs, 'native', { transB: 1 })
  gemmThenReshape(b, op, inputs, units)
}

/** The leading dimensions as rows. The batch alone keeps its symbol. */
function flatten(b: GraphBuilder, op: TfliteOperator, x: number, depth: number, rows: number): string {
  const batch = b.dims(x, 'native')[0]!
  const alone = rows === b.shape(x)[0]
  const flat = b.between(x, 'native', 'rows', [
    alone ? batch : typeof batch === 'string' ? `${batch}*${rows}` : rows,
    depth,
  ])
  b.node(op, 'Reshape', [memoryOrder(b, x, op), b.ints([alone ? 0 : -1, depth])], [flat])
  return flat
}

/** Integers: one Gemm, whose bias has the scale of the accumulator, and the leading dimensions put back after it. */
function gemmThenReshape(b: GraphBuilder, op: TfliteOperator, inputs: readonly string[], units: number) {
  const out = output(op)
  const shape = b.shape(out)
  const batch = b.dims(out, 'native')[0]!
  const rows = elementsOf(shape.slice(0, -1))
  const flatShape = [typeof batch === 'string' && rows !== 1 ? `${batch}*${rows}` : rows === 1 ? batch : rows, units]
  const flat = b.between(out, 'native', 'rows', flatShape)
  const target = b.ints([typeof batch === 'string' ? -1 : shape[0]!, ...shape.slice(1)])
  b.node(op, 'Gemm', inputs, [flat], { transB: 1 })
  emit(b, op, 'Reshape', [flat, target], 'native', {})
}

function matMul(b: GraphBuilder, op: TfliteOperator, x: number, w: number) {
  const inputs = [b.value(x, 'native', op), filter(b, op, w, [1, 0])]
  const bias = optionalInput(op, 2)
  if (bias < 0) return emit(b, op, 'MatMul', inputs, 'native', {})
  const product = b.between(output(op), 'native', 'product')
  b.node(op, 'MatMul', inputs, [product])
  emit(b, op, 'Add', [product, b.value(bias, 'native', op)], 'native', {})
}

/** The value that has x's elements in NHWC memory order. One row, column or channel: both orders are the same. */
export function memoryOrder(b: GraphBuilder, x: number, op: TfliteOperator): string {
  const nchw = b.holds(x, 'nchw')
  const [, height, width, channels] = b.shape(x)
  const same = b.shape(x).length === 4 && (channels === 1 || height! * width! === 1)
  return same && nchw !== undefined && b.holds(x, 'native') === undefined ? nchw : b.value(x, 'native', op)
}

export const convOps: Readonly<Record<string, Convert>> = {
  CONV_2D: conv,
  DEPTHWISE_CONV_2D: depthwise,
  TRANSPOSE_CONV: transposeConv,
  AVERAGE_POOL_2D: pool('AveragePool'),
  MAX_POOL_2D: pool('MaxPool'),
  FULLY_CONNECTED: fullyConnected,
}
