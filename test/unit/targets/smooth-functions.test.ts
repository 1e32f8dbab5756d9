import { expect, test } from 'vitest'
import {
  divideByPowerOfTwo,
  doublingHighMul,
  frexp,
  multiplyByFactor,
  quantizeMultiplier,
} from '../../../src-main/targets/lowering/fixed-point.ts'
import { quant8 } from '../../../src-main/targets/lowering/quantization.ts'
import {
  expOnNegative,
  fixedLogistic,
  fixedTanh,
  hardSwishTable,
  leakyReluTable,
  logisticTable,
  realTable,
  tanhTable,
} from '../../../src-main/targets/lowering/smooth-functions.ts'

const spread = (a: Int8Array, b: Int8Array) => Math.max(...a.map((q, i) => Math.abs(q - b[i]!)))

test('QuantizeMultiplier: value = multiplier * 2^(shift - 31), mantissa at least one half', () => {
  expect([1, 0.5, 0.75, 1.5, 3e-12, 0, 1 - 2 ** -40].map(quantizeMultiplier)).toEqual([
    { multiplier: 2 ** 30, shift: 1 },
    { multiplier: 2 ** 30, shift: 0 },
    { multiplier: 1610612736, shift: 0 },
    { multiplier: 1610612736, shift: 1 },
    { multiplier: 0, shift: 0 },
    { multiplier: 0, shift: 0 },
    { multiplier: 2 ** 30, shift: 1 },
  ])
  expect(frexp(10)).toEqual({ mantissa: 0.625, exponent: 4 })
})

test('integer rounding is half away from zero', () => {
  expect([5, -5, 6, -6, 7, -7].map((v) => divideByPowerOfTwo(v, 2))).toEqual([1, -1, 2, -2, 2, -2])
  expect(doublingHighMul(-(2 ** 31), -(2 ** 31))).toBe(2 ** 31 - 1)
  expect([100, -100].map((v) => multiplyByFactor(v, quantizeMultiplier(0.125)))).toEqual([13, -13])
})

// exp and tanh: bounds of gemmlowp's own tests of these functions (test_fixedpoint.cc).
test('fixed-point exp, logistic and tanh are within the bounds of their source', () => {
  const worst = { exp: 0, logistic: 0, tanh: 0 }
  for (let i = -1000; i <= 1000; i++) {
    const x = (i / 1000) * 15.9
    const raw = Math.round(x * 2 ** 27)
    if (x < 0) worst.exp = Math.max(worst.exp, Math.abs(expOnNegative(raw, 4) / 2 ** 31 - Math.exp(raw / 2 ** 27)))
    worst.logistic = Math.max(
      worst.logistic,
      Math.abs(fixedLogistic(raw) / 2 ** 31 - 1 / (1 + Math.exp(-raw / 2 ** 27))),
    )
    worst.tanh = Math.max(worst.tanh, Math.abs(fixedTanh(raw) / 2 ** 31 - Math.tanh(raw / 2 ** 27)))
  }
  expect(worst.exp).toBeLessThan(3e-7)
  expect(worst.logistic).toBeLessThan(1e-7)
  expect(worst.tanh).toBeLessThan(1.5e-7)
})

test.each([0.003, 0.02, 0.0625, 0.11, 0.5, 3])(
  'tables of input scale %f are within one step of the real function',
  (scale) => {
    for (const zeroPoint of [-128, -3, 0, 77]) {
      const input = quant8(scale, zeroPoint)
      const sigmoid = quant8(1 / 256, -128)
      const tanh = quant8(1 / 128, 0)
      expect(
        spread(
          logisticTable(input, sigmoid),
          realTable(input, sigmoid, (x) => 1 / (1 + Math.exp(-x))),
        ),
      ).toBeLessThanOrEqual(1)
      expect(spread(tanhTable(input, tanh), realTable(input, tanh, Math.tanh))).toBeLessThanOrEqual(1)
      const output = quant8(scale * 0.9, -100)
      const leaky = (x: number) => (x < 0 ? 0.1 * x : x)
      expect(spread(leakyReluTable(input, output, 0.1), realTable(input, output, leaky))).toBeLessThanOrEqual(1)
    }
  },
)

test('hard swish is within one step of the real function at usual scales', () => {
  const hardSwish = (x: number) => (x * Math.min(6, Math.max(0, x + 3))) / 6
  for (const scale of [0.02, 0.05, 0.1])
    for (const zeroPoint of [-20, 0, 40]) {
      const input = quant8(scale, zeroPoint)
      const output = quant8(scale, -100)
      expect(spread(hardSwishTable(input, output), realTable(input, output, hardSwish))).toBeLessThanOrEqual(1)
    }
})
