// Constant operands of convolutions and products: symmetric int8 with a scale per output channel, and their int32 biases.
import { say } from '../../base/note.ts'
import type { Quantization } from '../../ir/graph.ts'
import { scaleIndex } from '../../ir/quantize.ts'
import { elementsOf, readNumbers, type Tensor } from '../../ir/tensor.ts'
import type { RuleContext } from './context.ts'
import { clamp8, roundAway } from './fixed-point.ts'
import { channelOf, isScale } from './quantization.ts'

export interface Weights {
  /** In the graph's own order. */
  readonly data: Int8Array
  readonly shape: readonly number[]
  /** Dimension of the output channels. */
  readonly axis: number
  /** One per output channel. */
  readonly scales: readonly number[]
  /** Whether the graph gave one scale for all. */
  readonly perTensor: boolean
}

/** Accumulators must hold bias and products alike, so a bias may take half the range of int32 at most. */
const largestBias = 2 ** 30

/** @param axis dimension of the output channels of input `i` */
export function channelWeights(context: RuleContext, i: number, axis: number): Weights {
  const tensor = context.constant(i)
  const name = context.inputName(i)
  const quant = context.graph.values.get(name)?.quant
  if (!tensor) return context.fail(say`its weights ${name} are computed at run time`, say`Make the weights a constant.`)
  if (!quant || (quant.dtype !== 'i8' && quant.dtype !== 'u8'))
    return context.fail(say`its weights ${name} are not int8`, say`Quantise the model first (the pass quantize-int8).`)
  if (quant.blockSize !== undefined) return blockWeights(context, name, tensor, quant, axis)
  const perTensor = quant.scale.length === 1
  if (!perTensor && quant.axis !== axis)
    return context.fail(
      say`its weights ${name} have a scale per index of dimension ${quant.axis}`,
      say`Quantise the weights per output channel or per tensor.`,
    )
  const { shape } = tensor
  const channel = channelOf(shape, axis)
  const zeroPoint = (c: number) => quant.zeroPoint[perTensor ? 0 : c] ?? 0
  const centred = readNumbers(tensor).map((q, at) => q - zeroPoint(channel(at)))
  const scales = Array.from({ length: shape[axis]! }, (_, c) => weightScale(quant.scale[perTensor ? 0 : c]))
  if (!scales.every(isScale))
    context.fail(say`its weights ${name} have an impossible scale`, say`Quantise the model again.`)
  return { data: narrowed(centred, channel, scales), shape, axis, scales, perTensor }
}

/**
 * Weights with a scale per block of a channel. The device has one scale per channel: it holds them when every block's scale is
 * a whole multiple m of one, as q * m, exactly the same real numbers.
 */
function blockWeights(
  context: RuleContext,
  name: string,
  { shape, ...tensor }: Tensor,
  quant: Quantization,
  axis: number,
): Weights {
  const block = scaleIndex(shape, quant)
  const channel = channelOf(shape, axis)
  const integers = readNumbers({ shape, ...tensor })
  const ofChannel = Array.from({ length: shape[axis]! }, () => new Set<number>())
  for (let i = 0; i < integers.length; i++) ofChannel[channel(i)]!.add(quant.scale[block(i)]!)
  const scales = ofChannel.map((own) => commonScale([...own]))
  const data = integers.map((q, i) => {
    const base = scales[channel(i)]
    return base ? (q - quant.zeroPoint[block(i)]!) * (quant.scale[block(i)]! / base) : Number.NaN
  })
  if (!data.every((q) => Math.abs(q) <= largestInt8))
    return context.fail(
      say`its weights ${name} have scales per group of ${quant.blockSize} that are no whole multiples of one per output channel`,
      say`Quantise with whole multiples (quantize-weights, groupScales: integer), or with one scale per channel.`,
    )
  return { data: Int8Array.from(data), shape, axis, scales: scales.map((scale) => scale!), perTensor: false }
}

const largestInt8 = 127

/** The largest number of which all are whole multiples up to 127, undefined when there is none. */
function commonScale(scales: readonly number[]): number | undefined {
  const least = scales.reduce((a, b) => Math.min(a, b))
  for (let part = 1; part <= largestInt8; part++) {
    const base = least / part
    if (scales.every((s) => Number.isInteger(s / base)) && Math.fround(base) === base) return base
  }
  return undefined
}

/** A channel of zeros may have the scale 0; any small one does as well, and can be divided by. */
const weightScale = (scale: number | undefined) => (scale === 0 ? Math.fround(1e-20) : Math.fround(scale ?? Number.NaN))

/** Centred integers (uint8 weights reach 255) to int8: channels that do not fit get a coarser scale. */
function narrowed(centred: readonly number[], channel: (i: number) => number, scales: number[]): Int8Array {
  const largest = scales.map(() => 0)
  const smallest = scales.map(() => 0)
  for (let i = 0; i < centred.length; i++) {
    const c = channel(i)
    largest[c] = Math.max(largest[c]!, centred[i]!)
    smallest[c] = Math.min(smallest[c]!, centred[i]!)
  }
  const factors = scales.map((scale, c) => {
    if (largest[c]! <= 127 && smallest[c]! >= -128) return 1
    const factor = Math.max(largest[c]!, -smallest[c]!) / 127
    scales[c] = Math.fround(scale * factor)
    return factor
  })
  return Int8Array.from(centred, (q, i) => clamp8(roundAway(q / factors[channel(i)]!)))
}

export interface ChannelBias {
  readonly weights: Weights
  readonly bias: Int32Array | null
}

/**
 * The int32 bias of input `i` in units of inputScale * weightScale. A float bias too large for its channel's scale gets
 * that channel coarser weights, which costs less than a cut-off bias.
 */
export function withBias(context: RuleContext, i: number, weights: Weights, inputScale: number): ChannelBias {
  if (!context.has(i)) return { weights, bias: null }
  const tensor = context.constant(i)
  if (!tensor)
    return context.fail(say`its bias ${context.inputName(i)} is computed at run time`, say`Make the bias a constant.`)
  const channels = weights.scales.length
  if (elementsOf(tensor.shape) !== channels)
    return context.fail(
      say`its bias has shape [${tensor.shape}] for ${channels} channels`,
      say`Export the model again.`,
    )
  const quant = context.inputValue(i)?.quant
  if (tensor.dtype === 'i32' && (!quant || scalesAgree(quant.scale, weights, inputScale)))
    return { weights, bias: Int32Array.from(readNumbers(tensor)) }
  return realBias(weights, context.reals(i)!, inputScale)
}

/** TFLite accepts a bias whose scale is within 2 % of the product. */
function scalesAgree(biasScales: readonly number[], weights: Weights, inputScale: number): boolean {
  return weights.scales.every((scale, c) => {
    const product = inputScale * scale
    return Math.abs(biasScales[biasScales.length === 1 ? 0 : c]! - product) <= 0.02 * product
  })
}

export function realBias(weights: Weights, reals: readonly number[], inputScale: number): ChannelBias {
  const { shape, axis } = weights
  const scales = [...weights.scales]
  const coarser = scales.map((scale, c) => {
    const factor = Math.abs(reals[c]!) / (inputScale * scale) / largestBias
    if (factor <= 1) return 1
    scales[c] = Math.fround(scale * factor)
    return factor
  })
  const channel = channelOf(shape, axis)
  const data = coarser.every((factor) => factor === 1)
    ? weights.data
    : weights.data.map((q, at) => roundAway(q / coarser[channel(at)]!))
  const bias = Int32Array.from(reals, (real, c) => roundAway(real / (inputScale * scales[c]!)))
  return { weights: { ...weights, data, scales }, bias }
}
