// Conv: plain, grouped and depthwise; one or two spatial dimensions.
import { elementsOf } from '../../../ir/tensor.ts'
import type { Requant, TensorIndex } from '../../plan.ts'
import type { Fused } from '../activation-fusion.ts'
import type { Rule, RuleContext } from '../context.ts'
import { requantOf } from '../fixed-point.ts'
import { permuteElements } from '../layout.ts'
import { quant8 } from '../quantization.ts'
import { type ChannelBias, channelWeights, type Weights, withBias } from '../weights.ts'
import { heldImage, imageInput, imageShape, type Window2d, windowOf } from '../window.ts'

export const conv: Rule = (context) => {
  const weights = channelWeights(context, 1, 0)
  const inputScale = context.quantOf(context.held(0)).scale
  lowerConv(context, withBias(context, 2, weights, inputScale), context.number('group', 1))
}

/** @param weights [O, I / groups, ...kernel]; @param i input that holds the image */
export function lowerConv(context: RuleContext, { weights, bias }: ChannelBias, groups: number, i = 0): void {
  const input = imageInput(context, i)
  const channels = context.shape(i)[1]!
  const window = windowOf(context, weights.shape.slice(2))
  const fused = context.result()
  const outShape = context.shapeOf(fused.name)
  const depthwise = groups === channels && weights.shape[1] === 1 && groups > 1
  const output = context.builder.activation(fused.name, imageShape(outShape), fused.quant)
  const inputScale = context.builder.quantOf(input).scale
  const shared = {
    input,
    output,
    weights: weightTensor(context, weights, window, depthwise),
    bias: biasTensor(context, bias),
    ...windowFields(window),
    dilationH: window.dilation[0],
    dilationW: window.dilation[1],
    requant: channelRequant(inputScale, weights, fused),
    min: fused.min,
    max: fused.max,
    macs: elementsOf(outShape) * elementsOf(weights.shape.slice(1)),
  }
  if (depthwise) context.emit({ kind: 'depthwiseConv2d', ...shared, multiplier: weights.shape[0]! / channels })
  else context.emit({ kind: 'conv2d', ...shared, groups })
  context.define(fused.name, heldImage(context, output, outShape))
}

export const windowFields = ({ stride, padBegin }: Window2d) => ({
  strideH: stride[0],
  strideW: stride[1],
  padTop: padBegin[0],
  padLeft: padBegin[1],
})

/** TFLite's PopulateConvolutionQuantizationParams: products and quotients of float32 scales in double precision. */
export function channelRequant(inputScale: number, weights: Weights, { quant }: Fused): Requant {
  return requantOf(...weights.scales.map((scale) => (inputScale * scale) / quant.scale))
}

/** [O, I, kh, kw] to [O, kh, kw, I], or to [1, kh, kw, O] for depthwise. */
function weightTensor(context: RuleContext, weights: Weights, { kernel }: Window2d, depthwise: boolean): TensorIndex {
  const [outputs = 1, inputs = 1] = weights.shape
  const from = [outputs, inputs, ...kernel]
  const data = permuteElements(weights.data, from, depthwise ? [1, 2, 3, 0] : [0, 2, 3, 1])
  const shape = depthwise ? [1, ...kernel, outputs] : [outputs, ...kernel, inputs]
  return context.builder.constant(context.inputName(1), shape, data, weightQuant(weights))
}

/** Only descriptive: kernels take the scales from `requant`. */
export const weightQuant = (weights: Weights) => quant8(weights.perTensor ? weights.scales[0]! : 1, 0)

export function biasTensor(context: RuleContext, bias: Int32Array | null): TensorIndex | null {
  const name = context.has(2) ? context.inputName(2) : `${context.node.name}/bias`
  return bias && context.builder.constant(name, [bias.length], bias, quant8(1, 0))
}
