// Which features or which length make recordings fit a model. Only the shape is known: that the parameters are those of the
// training is for the user to confirm.
import type { AudioFeatures } from '../base/preprocess-record.ts'
import type { PreprocessRecord } from '../contract/data-set.ts'
import type { FitProblem } from '../contract/data-view.ts'
import { featureStandards } from '../contract/feature-standards.ts'
import { elementsOf } from '../ir/tensor.ts'
import { accepted, preparedShape } from './prepared-shape.ts'

type Fix = FitProblem['fixes'][number]
type Dims = readonly (number | string)[]

/** Frame and hop that are in use, the most usual first. */
const frameSizes = [
  [30, 20],
  [25, 10],
  [40, 20],
  [32, 16],
  [32, 20],
  [20, 10],
  [64, 32],
  [30, 10],
  [40, 40],
] as const

export function soundFixes(rawShape: readonly number[], expected: Dims, preprocess: PreprocessRecord): Fix[] {
  const fixes = [...lengthFixes(expected, preprocess), ...featureFixes(rawShape, expected, preprocess)]
  return fixes.filter(({ preprocess: record }) => {
    const shape = preparedShape([record.length ?? elementsOf(rawShape)], record)
    return shape !== null && accepted(shape, expected)
  })
}

/** A model that takes the wave itself. */
function lengthFixes(expected: Dims, preprocess: PreprocessRecord): Fix[] {
  const sizes = expected.slice(1).filter((dim) => dim !== 1)
  const [length] = sizes
  if (sizes.length !== 1 || typeof length !== 'number') return []
  const { features: _, ...wave } = preprocess
  return [{ steps: ['length'], preprocess: { ...wave, length } }]
}

function featureFixes(rawShape: readonly number[], expected: Dims, preprocess: PreprocessRecord): Fix[] {
  const [frames, bins, ...more] = expected.slice(1).filter((dim) => dim !== 1)
  if (typeof frames !== 'number' || typeof bins !== 'number' || more.length > 0) return []
  const standards = Object.values(featureStandards).map((standard): Fix => {
    return { steps: ['features'], preprocess: { ...preprocess, ...standard } }
  })
  const { rate } = preprocess
  if (rate === undefined) return standards
  const length = preprocess.length ?? elementsOf(rawShape)
  const sized = frameSizes.filter(([windowMs, hopMs]) => framesOf(length, rate, windowMs, hopMs) === frames)
  const usual = sized.slice(0, 1).map(([windowMs, hopMs]): Fix => {
    return { steps: ['features'], preprocess: { ...preprocess, features: featuresFor(bins, rate, windowMs, hopMs) } }
  })
  return [...standards, ...usual]
}

function framesOf(length: number, rate: number, windowMs: number, hopMs: number): number {
  return Math.floor((length - Math.round((rate * windowMs) / 1000)) / Math.round((rate * hopMs) / 1000)) + 1
}

/** So few values of a frame are coefficients; a power of two and one more is a whole spectrum; others are mel bands. */
function featuresFor(bins: number, rate: number, windowMs: number, hopMs: number): AudioFeatures {
  const frame = { windowMs, hopMs }
  const fft = 2 * (bins - 1)
  if (bins > 100 && Number.isInteger(Math.log2(fft))) return { kind: 'spectrogram', ...frame, fft }
  const band = { lowHz: 20, highHz: Math.min(rate / 2, 8000) }
  if (bins <= 20) return { kind: 'mfcc', ...frame, mels: 40, ...band, coefficients: bins }
  return { kind: 'mel', ...frame, mels: bins, ...band }
}
