// ConvTranspose with one group.
import { say } from '../../../base/note.ts'
import { elementsOf } from '../../../ir/tensor.ts'
import type { Rule } from '../context.ts'
import { permuteElements } from '../layout.ts'
import { channelWeights, withBias } from '../weights.ts'
import { heldImage, imageInput, imageShape, windowOf } from '../window.ts'
import { biasTensor, channelRequant, weightQuant } from './conv.ts'

export const convTranspose: Rule = (context) => {
  if (context.number('group', 1) !== 1)
    context.fail(say`it has more than one group`, say`Replace the grouped transposed convolution by Resize and Conv.`)
  const input = imageInput(context)
  const inputScale = context.builder.quantOf(input).scale
  const { weights, bias } = withBias(context, 2, channelWeights(context, 1, 1), inputScale)
  const window = windowOf(context, weights.shape.slice(2))
  if (window.dilation.some((d) => d !== 1)) context.fail(say`it is dilated`, say`Use a dilation of 1.`)
  const fused = context.result()
  const outShape = context.shapeOf(fused.name)
  const cut = cutOff(imageShape(context.shape(0)), imageShape(outShape), window.kernel, window.stride)
  const explicit = context.text('auto_pad', 'NOTSET') === 'NOTSET' && !context.numbers('output_shape')
  const [padTop, padLeft] = explicit ? window.padBegin : autoBegin(cut, context.text('auto_pad', 'NOTSET'))
  const [inputs = 1, outputs = 1] = weights.shape
  const data = permuteElements(weights.data, [inputs, outputs, ...window.kernel], [1, 2, 3, 0])
  const shape = [outputs, ...window.kernel, inputs]
  const output = context.builder.activation(fused.name, imageShape(outShape), fused.quant)
  context.emit({
    kind: 'transposeConv2d',
    input,
    output,
    weights: context.builder.constant(context.inputName(1), shape, data, weightQuant(weights)),
    bias: biasTensor(context, bias),
    strideH: window.stride[0],
    strideW: window.stride[1],
    padTop,
    padLeft,
    requant: channelRequant(inputScale, weights, fused),
    min: fused.min,
    max: fused.max,
    macs: elementsOf(context.shape(0)) * elementsOf(weights.shape.slice(1)),
  })
  context.define(fused.name, heldImage(context, output, outShape))
}

type Pair = readonly [number, number]

/** Rows and columns of the full output that the result lacks. */
function cutOff(input: readonly number[], output: readonly number[], kernel: Pair, stride: Pair): Pair {
  const full = (d: 0 | 1) => (input[d + 1]! - 1) * stride[d] + kernel[d]
  return [Math.max(0, full(0) - output[1]!), Math.max(0, full(1) - output[2]!)]
}

/** ONNX: SAME_UPPER puts the odd one at the end, everything else at the beginning. */
function autoBegin(cut: Pair, auto: string): Pair {
  const half = auto === 'SAME_UPPER' ? Math.floor : Math.ceil
  return [half(cut[0] / 2), half(cut[1] / 2)]
}
