// y = gain * x + offset with a gain and an offset per channel, as a 1x1 depthwise convolution: a BatchNormalization that no
// pass could fold, or Mul, Add, Sub, Div with a constant per channel.
import { say } from '../../../base/note.ts'
import type { Rule, RuleContext } from '../context.ts'
import { roundAway } from '../fixed-point.ts'
import { realBias, type Weights } from '../weights.ts'
import { lowerConv } from './conv.ts'

export const batchNormalization: Rule = (context) => {
  const parameter = (i: number) =>
    context.reals(i) ?? context.fail(say`input ${i} is no constant`, say`Export for inference.`)
  const [scale, shift, mean, variance] = [parameter(1), parameter(2), parameter(3), parameter(4)]
  const epsilon = context.number('epsilon', 1e-5)
  const gains = scale.map((s, c) => s / Math.sqrt(variance[c]! + epsilon))
  lowerChannelwise(
    context,
    gains,
    gains.map((gain, c) => shift[c]! - gain * mean[c]!),
  )
}

/** @param i input that holds the image */
export function lowerChannelwise(
  context: RuleContext,
  gains: readonly number[],
  offsets: readonly number[],
  i = 0,
): void {
  const spatial = context.shape(i).slice(2)
  if (spatial.length === 0)
    context.fail(
      say`its input has no spatial dimensions`,
      say`Fold it into the operator before it (the pass "fold-batch-norm").`,
    )
  const inputScale = context.quantOf(context.held(i)).scale
  lowerConv(context, realBias(gainWeights(gains, spatial.length), offsets, inputScale), gains.length, i)
}

/** Each gain as +127 or -127 at its own scale. */
function gainWeights(gains: readonly number[], spatialRank: number): Weights {
  return {
    data: Int8Array.from(gains, (gain) => roundAway(Math.sign(gain) * 127)),
    shape: [gains.length, 1, ...Array.from({ length: spatialRank }, () => 1)],
    axis: 0,
    scales: gains.map((gain) => Math.fround(Math.max(Math.abs(gain), 1e-12) / 127)),
    perTensor: false,
  }
}
