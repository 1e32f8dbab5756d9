// Fixed-point factors and integer rounding as TensorFlow Lite computes them (quantization_util.cc, gemmlowp's
// fixedpoint.h): formulas only; everything here runs on the host, in double precision or exact integers.
import type { Requant } from '../plan.ts'

export interface Factor {
  readonly multiplier: number
  readonly shift: number
}

/** value = mantissa * 2^exponent with mantissa in [0.5, 1), or 0. `value` is finite and not negative. */
export function frexp(value: number): { readonly mantissa: number; readonly exponent: number } {
  if (value === 0) return { mantissa: 0, exponent: 0 }
  let exponent = Math.floor(Math.log2(value)) + 1
  let mantissa = value * 2 ** -exponent
  while (mantissa >= 1) {
    mantissa /= 2
    exponent++
  }
  while (mantissa < 0.5) {
    mantissa *= 2
    exponent--
  }
  return { mantissa, exponent }
}

/** TFLite's QuantizeMultiplier: value = multiplier * 2^(shift - 31); factors below 2^-32 become 0. */
export function quantizeMultiplier(value: number): Factor {
  const { mantissa, exponent } = frexp(value)
  let multiplier = Math.round(mantissa * 2 ** 31)
  let shift = exponent
  if (multiplier === 2 ** 31) {
    multiplier = 2 ** 30
    shift++
  }
  if (shift < -31) return { multiplier: 0, shift: 0 }
  if (shift > 30) return { multiplier: 2 ** 31 - 1, shift: 30 }
  return { multiplier, shift }
}

export function requantOf(...values: readonly number[]): Requant {
  const factors = values.map(quantizeMultiplier)
  return {
    multiplier: Int32Array.from(factors, (f) => f.multiplier),
    shift: Int8Array.from(factors, (f) => f.shift),
  }
}

/** TfLiteRound: half away from zero. */
export const roundAway = (value: number) => (value < 0 ? -Math.round(-value) : Math.round(value))

/** `scale * (q - zeroPoint)` nearest to `real`, clamped to int8. */
export function quantize(real: number, scale: number, zeroPoint: number): number {
  return clamp8(roundAway(real / scale) + zeroPoint)
}

export const clamp8 = (value: number) => Math.min(127, Math.max(-128, value))

const int32Max = 2n ** 31n - 1n
const int32Min = -(2n ** 31n)

/** gemmlowp's SaturatingRoundingDoublingHighMul on int32. BigInt division truncates towards zero as C does. */
export function doublingHighMul(a: number, b: number): number {
  if (a === b && a === Number(int32Min)) return Number(int32Max)
  const product = BigInt(a) * BigInt(b)
  const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n)
  return Number((product + nudge) / (1n << 31n))
}

/** gemmlowp's RoundingDivideByPOT: half away from zero. */
export function divideByPowerOfTwo(value: number, exponent: number): number {
  const mask = 2 ** exponent - 1
  const remainder = Number(BigInt(value) & BigInt(mask))
  const threshold = Math.floor(mask / 2) + (value < 0 ? 1 : 0)
  return Math.floor(value / 2 ** exponent) + (remainder > threshold ? 1 : 0)
}

/** TFLite's MultiplyByQuantizedMultiplier with its two roundings, as the reference kernels of TFLite Micro use it. */
export function multiplyByFactor(value: number, { multiplier, shift }: Factor): number {
  const left = shift > 0 ? shift : 0
  const right = shift > 0 ? 0 : -shift
  return divideByPowerOfTwo(doublingHighMul(value * 2 ** left, multiplier), right)
}

export function saturate32(value: number): number {
  return Math.min(Number(int32Max), Math.max(Number(int32Min), value))
}

/** TFLite's CalculateInputRadius: the largest input of a fixed-point function that does not overflow its input format. */
export function inputRadius(integerBits: number, leftShift: number): number {
  return Math.floor(((2 ** integerBits - 1) * 2 ** (31 - integerBits)) / 2 ** leftShift)
}
