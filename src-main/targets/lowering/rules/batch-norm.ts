// BatchNormalization that no pass could fold: a 1x1 depthwise convolution, y = (gain) x + (offset) per channel.
import { readFloats } from '../../../ir/tensor.ts'
import type { Rule, RuleContext } from '../context.ts'
import { roundAway } from '../fixed-point.ts'
import { realBias, type Weights } from '../weights.ts'
import { lowerConv } from './conv.ts'

export const batchNormalization: Rule = (context) => {
  const [scale, shift, mean, variance] = [1, 2, 3, 4].map((i) => parameter(context, i))
  const epsilon = context.number('epsilon', 1e-5)
  const gains = Array.from(scale!, (s, c) => s / Math.sqrt(variance![c]! + epsilon))
  const offsets = gains.map((gain, c) => shift![c]! - gain * mean![c]!)
  const inputScale = context.quantOf(context.held(0)).scale
  lowerConv(context, realBias(gainWeights(context, gains), offsets, inputScale), gains.length)
}

function parameter(context: RuleContext, i: number): Float32Array {
  const reals = context.reals(i)
  return reals
    ? Float32Array.from(reals)
    : readFloats(context.fail(`input ${i} is no constant`, 'Export for inference.'))
}

/** Each gain as +127 or -127 at its own scale. */
function gainWeights(context: RuleContext, gains: readonly number[]): Weights {
  const spatial = context.shape(0).slice(2)
  if (spatial.length === 0) context.fail('its input has no spatial dimensions', 'Fold it into the Gemm before it.')
  return {
    data: Int8Array.from(gains, (gain) => roundAway(Math.sign(gain) * 127)),
    shape: [gains.length, 1, ...spatial.map(() => 1)],
    axis: 0,
    scales: gains.map((gain) => Math.fround(Math.max(Math.abs(gain), 1e-12) / 127)),
    perTensor: false,
  }
}
