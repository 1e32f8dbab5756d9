// Audio features against what the definitions give: a transform by its sum, mel weights and coefficients computed with numpy
// (numpy.fft.rfft, the formulas of tf.signal written out) for the same wave.
import { describe, expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import type { AudioFeatures } from '../../../src-main/base/preprocess-record.ts'
import { featureStandards } from '../../../src-main/contract/feature-standards.ts'
import { cosineMatrix, featureExtractor, melMatrix } from '../../../src-main/data/features.ts'
import { magnitudes } from '../../../src-main/data/fourier.ts'
import { applyPreprocess } from '../../../src-main/data/preprocess.ts'

/** A tone and a rising one, a second at 16 kHz. */
const wave = Float32Array.from({ length: 16_000 }, (_, i) => {
  const t = i / 16_000
  return 0.5 * Math.sin(2 * Math.PI * 440 * t) + 0.25 * Math.sin(2 * Math.PI * 1500 * t * (1 + t))
})

function directMagnitude(values: Float64Array, bin: number): number {
  let [re, im] = [0, 0]
  for (const [i, value] of values.entries()) {
    re += value * Math.cos((2 * Math.PI * bin * i) / values.length)
    im -= value * Math.sin((2 * Math.PI * bin * i) / values.length)
  }
  return Math.hypot(re, im)
}

const near = (found: ArrayLike<number>, expected: readonly number[], tolerance: number) => {
  expect(found.length).toBe(expected.length)
  const errors = expected.map((value, i) => Math.abs(value - found[i]!))
  expect(Math.max(...errors), `${Array.from(found)}`).toBeLessThan(tolerance)
}

test.each([2, 4, 16, 512])('a transform of %i points is the sum of its definition', (size) => {
  const values = Float64Array.from({ length: size }, (_, i) => Math.sin(i * 1.7) + ((i * 7919) % 13) / 13)
  const expected = Array.from({ length: size / 2 + 1 }, (_, bin) => directMagnitude(values, bin))
  near(magnitudes(size)(values), expected, 1e-10 * size)
})

test('mel weights are those of the formula', () => {
  const found = melMatrix(4, 9, 8000, 100, 3800)
  const expected = [
    ...[0, 0, 0, 0, 0.82625, 0.17375, 0, 0, 0, 0.817964, 0.182036, 0],
    ...[0, 0.071594, 0.928406, 0, 0, 0, 0.47875, 0.52125, 0, 0, 0, 0.986922],
    ...[0, 0, 0, 0.566646, 0, 0, 0, 0.199722, 0, 0, 0, 0],
  ]
  near(found, expected, 1e-6)
})

test('cosines of different order stand at right angles', () => {
  const [mels, count] = [40, 10]
  const matrix = cosineMatrix(mels, count)
  const column = (k: number) => Array.from({ length: mels }, (_, n) => matrix[n * count + k]!)
  const dot = (a: number, b: number) => column(a).reduce((sum, value, i) => sum + value * column(b)[i]!, 0)
  // tf.signal scales by 1 / sqrt(2 mels): the first is twice as long as an orthonormal one would be, squared
  expect([dot(0, 0), dot(3, 3)].map((v) => v.toFixed(9))).toEqual(['2.000000000', '1.000000000'])
  expect(Math.abs(dot(2, 5))).toBeLessThan(1e-12)
})

describe('of a second at 16 kHz', () => {
  const standard = featureStandards['mlperf-tiny-kws']

  test("MLPerf Tiny's MFCC: 49 x 10, first and last frame", () => {
    const { shape, extract } = featureExtractor(16_000, 16_000, standard.features)
    const found = extract(wave)
    expect(shape).toEqual([49, 10])
    const first = [-26.9138, 11.9494, -7.9352, 3.3713, -7.9634, -11.37, 2.564, 5.9982, -1.4326, 1.1126]
    const last = [-38.8448, 15.9436, 1.5377, -8.7357, -5.5426, -6.1157, 0.2403, 1.2956, 3.5963, 1.266]
    near(found.subarray(0, 10), first, 2e-4)
    near(found.subarray(480), last, 2e-4)
  })

  test('spectrogram and mel bands of frame 10', () => {
    const frame = { windowMs: 30, hopMs: 20, fft: 512, peak: true }
    const spectrum = featureExtractor(16_000, 16_000, { kind: 'spectrogram', ...frame })
    expect(spectrum.shape).toEqual([49, 257])
    near(spectrum.extract(wave).subarray(10 * 257 + 14, 10 * 257 + 17), [79.71851628, 48.27084629, 3.71275153], 1e-3)
    const mel = featureExtractor(16_000, 16_000, { kind: 'mel', ...frame, log: false })
    near(mel.extract(wave).subarray(408, 412), [25.12455496, 114.38422476, 31.73066215, 1.76352188], 1e-3)
    const log = featureExtractor(16_000, 16_000, { kind: 'mel', ...frame })
    expect(log.extract(wave)[408]).toBeCloseTo(Math.log(25.12455496 + 1e-6), 4)
  })

  test("YAMNet's log-mel is 96 x 64", () => {
    const { rate, length, features } = featureStandards.yamnet
    expect(featureExtractor(length, rate, features).shape).toEqual([96, 64])
  })

  test('silence gives finite numbers, with the peak divided too', () => {
    const found = featureExtractor(16_000, 16_000, standard.features).extract(new Float32Array(16_000))
    expect(found.every(Number.isFinite)).toBe(true)
  })

  test('in a record, scale and layout come after the features', () => {
    const record = { ...standard, scale: 0.5, layout: 'nchw' as const }
    const { shape, data } = applyPreprocess(wave, [16_000], record)
    const plain = featureExtractor(16_000, 16_000, standard.features).extract(wave)
    expect([shape, data[0]]).toEqual([[1, 49, 10], plain[0]! / 2])
  })
})

const frame = { windowMs: 30, hopMs: 20 }
test.each<[string, number, number | undefined, AudioFeatures]>([
  ['without a rate', 16_000, undefined, { kind: 'mfcc', ...frame }],
  ['bands above half the rate', 8000, 8000, { kind: 'mel', ...frame, highHz: 5000 }],
  ['bands from high to low', 16_000, 16_000, { kind: 'mel', ...frame, lowHz: 4000, highHz: 100 }],
  ['an FFT shorter than the window', 16_000, 16_000, { kind: 'spectrogram', ...frame, fft: 256 }],
  ['a recording shorter than the window', 100, 16_000, { kind: 'spectrogram', ...frame }],
  ['more coefficients than bands', 16_000, 16_000, { kind: 'mfcc', ...frame, mels: 8, coefficients: 9 }],
])('%s is refused', (_name, length, rate, features) => {
  expect(() => applyPreprocess(new Float32Array(length), [length], { rate, features })).toThrow(AppError)
})
