// What converters share: reading an operator's inputs and options with errors that name it, and fused activations.
import { AppError } from '../../../base/errors.ts'
import { type Note, say } from '../../../base/note.ts'
import type { Attr } from '../../../ir/graph.ts'
import { type GraphBuilder, type Layout, nodeName } from '../builder.ts'
import type { TfliteOperator } from '../model.ts'
import { fusedActivations, paddingSame } from '../schema.ts'

export type Convert = (b: GraphBuilder, op: TfliteOperator) => void

export function fail(op: TfliteOperator, problem: Note): never {
  throw new AppError('model.shape', { node: nodeName(op), op: op.op, problem })
}

export function badOption(op: TfliteOperator, attribute: Note, problem: Note): never {
  throw new AppError('model.attribute', { node: nodeName(op), op: op.op, attribute, problem })
}

/** Tensor index of input i, which has to be there. */
export function input(op: TfliteOperator, i: number): number {
  const t = op.inputs[i] ?? -1
  return t < 0 ? fail(op, say`input ${i} is missing`) : t
}

export const optionalInput = (op: TfliteOperator, i: number): number => op.inputs[i] ?? -1

export const output = (op: TfliteOperator): number => op.outputs[0] ?? fail(op, say`it has no output`)

export function option(op: TfliteOperator, name: string): number {
  const value = op.options[name]
  return typeof value === 'number' || typeof value === 'boolean' ? Number(value) : 0
}

/** Integers of an input that must be a constant. */
export function constantInts(b: GraphBuilder, op: TfliteOperator, i: number): readonly number[] {
  return b.numbers(input(op, i)) ?? fail(op, say`input ${i} has to be a constant`)
}

export function shapeOfRank(b: GraphBuilder, op: TfliteOperator, t: number, rank: number): readonly number[] {
  const shape = b.shape(t)
  return shape.length === rank ? shape : fail(op, say`${b.tensor(t).name} has shape [${shape}], not ${rank} dimensions`)
}

/** Index of a dimension, negative ones counted from the end, in the layout's order. */
export function axisIn(op: TfliteOperator, axis: number, rank: number, layout: Layout): number {
  const native = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(native) || native < 0 || native >= rank)
    badOption(op, 'axis', say`is ${axis} of ${rank} dimensions`)
  return layout === 'nchw' && rank === 4 ? [0, 2, 3, 1][native]! : native
}

export interface Window {
  readonly kernel_shape: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  readonly pads: readonly number[]
}

/** Kernel, strides and explicit pads in ONNX's form. SAME puts the odd one at the end. */
export function windowOf(op: TfliteOperator, size: readonly number[], kernel: readonly number[]): Window {
  const strides = positive(op, ['strideH', 'strideW'])
  const dilated = 'dilationH' in op.options
  const dilations = dilated ? positive(op, ['dilationH', 'dilationW']) : [1, 1]
  if (kernel.some((k) => k < 1)) badOption(op, say`filter size`, `is [${kernel}]`)
  const pads = [0, 1].map((i) =>
    option(op, 'padding') === paddingSame ? samePad(size[i]!, kernel[i]!, strides[i]!, dilations[i]!) : 0,
  )
  const begin = pads.map((total) => Math.floor(total / 2))
  return { kernel_shape: kernel, strides, dilations, pads: [...begin, ...pads.map((total, i) => total - begin[i]!)] }
}

function samePad(size: number, kernel: number, stride: number, dilation: number): number {
  const outputs = Math.ceil(size / stride)
  return Math.max(0, (outputs - 1) * stride + (kernel - 1) * dilation + 1 - size)
}

function positive(op: TfliteOperator, names: readonly string[]): number[] {
  return names.map((name) => {
    const value = option(op, name)
    return value >= 1 ? value : badOption(op, name, `is ${value}`)
  })
}

type Attrs = Readonly<Record<string, Attr>>

/** The operator's node, and a second one for its fused activation. The value between has the output's quantisation. */
export function emit(
  b: GraphBuilder,
  op: TfliteOperator,
  onnx: string,
  inputs: string[],
  layout: Layout,
  attrs: Attrs,
) {
  const out = output(op)
  const fused = fusedActivations[option(op, 'fused')] ?? badOption(op, say`fused activation`, say`is unknown`)
  if (fused === 'NONE') {
    b.node(op, onnx, inputs, [b.define(out, layout, op)], attrs)
    return
  }
  const before = b.between(out, layout, 'linear')
  b.node(op, onnx, inputs, [before], attrs)
  activation(b, op, fused, before, b.define(out, layout, op))
}

export function activation(b: GraphBuilder, op: TfliteOperator, name: string, from: string, to: string) {
  if (name === 'RELU') b.node(op, 'Relu', [from], [to])
  else if (name === 'RELU6') b.node(op, 'Clip', [from, b.scalar(0), b.scalar(6)], [to])
  else if (name === 'RELU_N1_TO_1') b.node(op, 'Clip', [from, b.scalar(-1), b.scalar(1)], [to])
  else if (name === 'TANH') b.node(op, 'Tanh', [from], [to])
  else badOption(op, say`fused activation`, say`${name} is not supported`)
}
