// Int8 tables of the smooth functions. Logistic, tanh and hard swish repeat the fixed-point arithmetic of TFLite's
// integer kernels bit for bit (reference/integer_ops/{logistic,tanh}.h, reference/hard_swish.h, gemmlowp fixedpoint.h);
// everything else is the real function rounded to the nearest step.
import {
  clamp8,
  divideByPowerOfTwo,
  doublingHighMul,
  frexp,
  inputRadius,
  multiplyByFactor,
  quantize,
  quantizeMultiplier,
  saturate32,
} from './fixed-point.ts'
import type { Quant8 } from './quantization.ts'

/** table[q + 128] for every int8 q. */
export function int8Table(of: (q: number) => number): Int8Array {
  return Int8Array.from({ length: 256 }, (_, i) => clamp8(of(i - 128)))
}

export function realTable(input: Quant8, output: Quant8, f: (x: number) => number): Int8Array {
  return int8Table((q) => quantize(f((q - input.zeroPoint) * input.scale), output.scale, output.zeroPoint))
}

// Q0.31: a raw value v stands for v / 2^31.
const one = 2 ** 31 - 1
const mul = doublingHighMul

/** exp(x) for x in [-1/4, 0), Q0.31 in and out: a Taylor polynomial around -1/8. */
function expNearZero(a: number): number {
  const x = a + 2 ** 28
  const x2 = mul(x, x)
  const x3 = mul(x2, x)
  const x4 = mul(x2, x2)
  const x4Over4 = divideByPowerOfTwo(x4, 2)
  const higher = divideByPowerOfTwo(mul(x4Over4 + x3, 715827883) + x2, 1)
  return saturate32(1895147668 + mul(1895147668, x + higher))
}

/** exp(-2^k) in Q0.31 for k = -2, -1, ... 4. */
const expFactors = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242]

/** exp(x) for x <= 0 with `integerBits` (4 or 5) integer bits; result in Q0.31. One factor per bit of the whole quarters. */
export function expOnNegative(a: number, integerBits: 4 | 5): number {
  const quarterBit = 29 - integerBits
  const quarter = 2 ** quarterBit
  const modQuarter = (a & (quarter - 1)) - quarter
  const remainder = modQuarter - a
  let result = expNearZero(saturate32(modQuarter * 2 ** integerBits))
  for (let i = 0; i < integerBits + 2; i++)
    if (remainder & (2 ** (quarterBit + i))) result = mul(result, expFactors[i]!)
  return a === 0 ? one : result
}

/** Half of the sum of Q0.31 numbers, rounded away from zero. */
const halfSum = (a: number, b: number) => {
  const sum = a + b
  return Math.trunc((sum + (sum >= 0 ? 1 : -1)) / 2)
}

/** Newton and Raphson's start for 1 / d in [1/2, 1], then three steps; result in Q2.29. */
function reciprocalOfHalf(halfDenominator: number): number {
  let x = 1515870810 + mul(halfDenominator, -1010580540)
  for (let step = 0; step < 3; step++) {
    const product = mul(halfDenominator, x)
    const error = 2 ** 29 - product
    x = x + saturate32(mul(x, error) * 4)
  }
  return x
}

/** 1 / (1 + x) for x in [0, 1]. */
const oneOverOnePlus = (a: number) => saturate32(reciprocalOfHalf(halfSum(a, one)) * 2)

/** (1 - x) / (1 + x) for x in [0, 1]. */
function oneMinusOverOnePlus(a: number): number {
  const x = reciprocalOfHalf(halfSum(a, one))
  return saturate32((x - 2 ** 29) * 4)
}

/** gemmlowp::logistic: Q4.27 in, Q0.31 out. */
export function fixedLogistic(a: number): number {
  if (a === 0) return 2 ** 30
  const positive = oneOverOnePlus(expOnNegative(-Math.abs(a), 4))
  return a > 0 ? positive : one - positive
}

/** gemmlowp::tanh: Q4.27 in, Q0.31 out. exp(-2|x|) is taken in Q5.26. */
export function fixedTanh(a: number): number {
  if (a === 0) return 0
  const positive = oneMinusOverOnePlus(expOnNegative(-Math.abs(a), 5))
  return a < 0 ? -positive : positive
}

/** The shared body of TFLite's int8 LOGISTIC and TANH: input in Q4.27, output rounded to 2^-outputBits. */
function saturatingTable(input: Quant8, outputBits: number, zeroPoint: number, f: (raw: number) => number): Int8Array {
  const integerBits = 4
  const { mantissa, exponent } = frexp(input.scale * 2 ** (31 - integerBits))
  const factor = { multiplier: Math.round(mantissa * 2 ** 31), shift: exponent }
  const radius = inputRadius(integerBits, exponent)
  return int8Table((q) => {
    const centred = q - input.zeroPoint
    if (centred <= -radius) return -128
    if (centred >= radius) return 127
    return divideByPowerOfTwo(f(multiplyByFactor(centred, factor)), 31 - outputBits) + zeroPoint
  })
}

/** TFLite fixes the output of LOGISTIC at 1/256, -128; any other output quantisation is rounded from the real function. */
export function logisticTable(input: Quant8, output: Quant8): Int8Array {
  return output.scale === 1 / 256 && output.zeroPoint === -128
    ? saturatingTable(input, 8, -128, fixedLogistic)
    : realTable(input, output, (x) => 1 / (1 + Math.exp(-x)))
}

/** TFLite fixes the output of TANH at 1/128, 0. */
export function tanhTable(input: Quant8, output: Quant8): Int8Array {
  return output.scale === 1 / 128 && output.zeroPoint === 0
    ? saturatingTable(input, 7, 0, fixedTanh)
    : realTable(input, output, Math.tanh)
}

const clamp16 = (value: number) => Math.min(32767, Math.max(-32768, value))

function doublingHighMul16(a: number, b: number): number {
  if (a === b && a === -32768) return 32767
  const product = a * b
  return Math.trunc((product + (product >= 0 ? 2 ** 14 : 1 - 2 ** 14)) / 2 ** 15)
}

/** A 31-bit multiplier rounded to 15 bits (TFLite's DownScaleInt32ToInt16Multiplier). */
function factor16(value: number) {
  const { multiplier, shift } = quantizeMultiplier(value)
  const rounding = 2 ** 15
  return { multiplier: multiplier >= one - rounding ? 32767 : (multiplier + rounding) >> 16, shift }
}

/** TFLite's int8 HARD_SWISH: x * relu6(x + 3) / 6 in 16-bit fixed point. */
export function hardSwishTable(input: Quant8, output: Quant8): Int8Array {
  const fineScale = Math.fround(Math.fround(1 / 128) * input.scale)
  const toOutput = factor16(Math.fround(fineScale / output.scale))
  const toReluish = factor16(Math.fround(fineScale / Math.fround(3 / 32768)))
  return int8Table((q) => {
    const fine = (q - input.zeroPoint) * 128
    const beforeShift = doublingHighMul16(fine, toOutput.multiplier)
    let reluish = fine
    if (toReluish.shift > 0) reluish = clamp16(reluish * 2 ** (toReluish.shift - 1))
    reluish = doublingHighMul16(reluish, toReluish.multiplier)
    if (toReluish.shift > 0) reluish = clamp16(reluish * 2)
    if (toReluish.shift < 0) reluish = divideByPowerOfTwo(reluish, -toReluish.shift)
    const gate = (reluish + 2 ** 15) >> 1
    const product = clamp16(Math.trunc((gate * beforeShift) / 2 ** 15))
    const scaled =
      toOutput.shift > 0 ? clamp16(product * 2 ** toOutput.shift) : divideByPowerOfTwo(product, -toOutput.shift)
    return scaled + output.zeroPoint
  })
}

/** TFLite's QuantizeLeakyRelu. The factors are products and quotients of float32. */
export function leakyReluTable(input: Quant8, output: Quant8, alpha: number): Int8Array {
  const positive = quantizeMultiplier(Math.fround(input.scale / output.scale))
  const slope = Math.fround(Math.fround(input.scale * Math.fround(alpha)) / output.scale)
  // TFLite's factors are unsigned; a negative slope has its sign taken out.
  const negative = quantizeMultiplier(Math.abs(slope))
  return int8Table((q) => {
    const centred = q - input.zeroPoint
    const scaled =
      centred >= 0 ? multiplyByFactor(centred, positive) : multiplyByFactor(slope < 0 ? -centred : centred, negative)
    return scaled + output.zeroPoint
  })
}
