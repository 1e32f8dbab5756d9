// Kernel windows of convolutions and pools, as H and W. One-dimensional ones run along W with H = 1.
import { say } from '../../base/note.ts'
import type { TensorIndex } from '../plan.ts'
import type { Held } from './builder.ts'
import type { RuleContext } from './context.ts'
import { channelsLast, permuted } from './layout.ts'

type Pair = readonly [number, number]

export interface Window2d {
  readonly kernel: Pair
  readonly stride: Pair
  readonly dilation: Pair
  readonly padBegin: Pair
  readonly padEnd: Pair
}

/** @param kernel sizes of the spatial dimensions, one or two of them */
export function windowOf(context: RuleContext, kernel: readonly number[]): Window2d {
  const rank = kernel.length
  if (rank !== 1 && rank !== 2)
    return context.fail(say`it has ${rank} spatial dimensions`, say`The device runtime has 1-D and 2-D kernels.`)
  const pair = (values: readonly number[], filler: number): Pair =>
    rank === 1 ? [filler, values[0]!] : [values[0]!, values[1]!]
  const ones = kernel.map(() => 1)
  const stride = context.numbers('strides') ?? ones
  const dilation = context.numbers('dilations') ?? ones
  const pads = padding(context, kernel, stride, dilation)
  return {
    kernel: pair(kernel, 1),
    stride: pair(stride, 1),
    dilation: pair(dilation, 1),
    padBegin: pair(pads.slice(0, rank), 0),
    padEnd: pair(pads.slice(rank), 0),
  }
}

/** ONNX pads (all begins, then all ends), with auto_pad resolved. */
function padding(
  context: RuleContext,
  kernel: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
): readonly number[] {
  const auto = context.text('auto_pad', 'NOTSET')
  if (auto === 'NOTSET' || auto === '') return context.numbers('pads') ?? kernel.flatMap(() => [0, 0])
  if (auto === 'VALID') return kernel.flatMap(() => [0, 0])
  const input = context.shape(0).slice(2)
  const totals = kernel.map((size, d) => {
    const out = Math.ceil(input[d]! / stride[d]!)
    return Math.max(0, (out - 1) * stride[d]! + (size - 1) * dilation[d]! + 1 - input[d]!)
  })
  const less = totals.map((total) => Math.floor(total / 2))
  const more = totals.map((total) => Math.ceil(total / 2))
  return auto === 'SAME_LOWER' ? [...more, ...less] : [...less, ...more]
}

/** Input `i` as an NHWC tensor of rank 4. */
export function imageInput(context: RuleContext, i = 0): TensorIndex {
  const held = context.held(i)
  const arranged = context.builder.arranged(held, channelsLast(held.shape.length), context.source)
  return context.builder.view(arranged.tensor, imageShape(held.shape))
}

/** NHWC, with H = 1 for a value of rank 3, from a shape with the channels in dimension 1. */
export function imageShape(shape: readonly number[]): readonly number[] {
  const [batch = 1, channels = 1, ...spatial] = shape
  return spatial.length === 1 ? [batch, 1, spatial[0]!, channels] : [batch, ...spatial, channels]
}

/** The graph value of `shape` that an NHWC tensor holds. */
export function heldImage(context: RuleContext, tensor: TensorIndex, shape: readonly number[]): Held {
  const order = channelsLast(shape.length)
  return { shape, order, tensor: context.builder.view(tensor, permuted(shape, order)) }
}
