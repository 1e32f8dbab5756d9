// From a histogram to the range an activation is cut to. Cutting costs the large values and makes the steps finer for the rest.
import { affineGrid, type Range } from './grid.ts'
import { binCount, type Histogram } from './histogram.ts'

export const rangeMethods = ['min-max', 'percentile', 'mse', 'kl'] as const
export type RangeMethod = (typeof rangeMethods)[number]

export interface RangeOptions {
  /** Of all elements, how many stay within the range, in percent. */
  readonly percentile: number
}

export function chooseRange(method: RangeMethod, histogram: Histogram, options: RangeOptions): Range {
  if (!(histogram.high > histogram.low)) return { low: histogram.low, high: histogram.high }
  switch (method) {
    case 'min-max':
      return { low: histogram.low, high: histogram.high }
    case 'percentile':
      return percentileRange(histogram, options.percentile)
    case 'mse':
      return leastSquaresRange(histogram)
    case 'kl':
      return entropyRange(histogram)
  }
}

/** Leaves out the same share of elements at either end, at most down to zero. */
function percentileRange(histogram: Histogram, percentile: number): Range {
  const outside = ((100 - percentile) / 100) * histogram.total
  const { bins, low, binWidth } = histogram
  let [first, last] = [0, binCount - 1]
  for (let cut = bins[first]!; cut <= outside && low + (first + 1) * binWidth <= 0; cut += bins[first]!) first++
  for (let cut = bins[last]!; cut <= outside && low + last * binWidth >= 0; cut += bins[last]!) last--
  return { low: Math.min(0, low + first * binWidth), high: Math.max(0, low + (last + 1) * binWidth) }
}

/** Shares of the full range that are tried as a cut. */
const cuts = Array.from({ length: 46 }, (_, i) => 1 - i * 0.02)

/** The cut of either end with the least mean squared rounding and clipping error: first both together, then each alone. */
function leastSquaresRange(histogram: Histogram): Range {
  let best: Range = { low: histogram.low, high: histogram.high }
  let least = squaredError(histogram, best)
  const attempt = (range: Range) => {
    const error = squaredError(histogram, range)
    if (error < least) [best, least] = [range, error]
  }
  for (const cut of cuts) attempt({ low: histogram.low * cut, high: histogram.high * cut })
  const { low } = best
  for (const cut of cuts) attempt({ low, high: histogram.high * cut })
  const { high } = best
  for (const cut of cuts) attempt({ low: histogram.low * cut, high })
  return best
}

/** Sum over the bins' middles of the squared distance to the nearest point of the grid. */
export function squaredError(histogram: Histogram, range: Range): number {
  const { scale, zeroPoint } = affineGrid(range)
  const [step, zero] = [scale[0]!, zeroPoint[0]!]
  let sum = 0
  for (let i = 0; i < binCount; i++) {
    const count = histogram.bins[i]!
    if (count === 0) continue
    const value = histogram.centre(i)
    const q = Math.min(127, Math.max(-128, Math.round(value / step) + zero))
    sum += count * (value - (q - zero) * step) ** 2
  }
  return sum
}

/** Levels of magnitude: 128 when both signs occur, 256 when the value has one sign and all codes are for it. */
const signedLevels = 128
const unsignedLevels = 256

/**
 * The cut of the magnitudes that keeps their distribution best: least Kullback-Leibler divergence between the clipped
 * distribution and the same at int8 resolution (Migacz 2017, "8-bit inference with TensorRT").
 */
function entropyRange(histogram: Histogram): Range {
  const { low, high } = histogram
  const limit = Math.max(-low, high)
  const magnitudes = magnitudeBins(histogram, limit)
  const levels = low === 0 || high === 0 ? unsignedLevels : signedLevels
  let best = binCount
  let least = Number.POSITIVE_INFINITY
  for (let kept = levels; kept <= binCount; kept += 8) {
    const divergence = clippedDivergence(magnitudes, kept, levels)
    if (divergence < least) [best, least] = [kept, divergence]
  }
  const cut = (limit * best) / binCount
  return { low: Math.max(low, -cut), high: Math.min(high, cut) }
}

function magnitudeBins(histogram: Histogram, limit: number): Float64Array {
  const bins = new Float64Array(binCount)
  for (let i = 0; i < binCount; i++) {
    const at = Math.floor((Math.abs(histogram.centre(i)) / limit) * binCount)
    bins[Math.min(binCount - 1, at)]! += histogram.bins[i]!
  }
  return bins
}

/** Divergence between the first `kept` bins (the rest added to the last one) and their version in `levels` steps. */
function clippedDivergence(bins: Float64Array, kept: number, levels: number): number {
  let total = 0
  for (let i = 0; i < binCount; i++) total += bins[i]!
  let inside = 0
  for (let i = 0; i < kept; i++) inside += bins[i]!
  if (inside === 0) return Number.POSITIVE_INFINITY
  const outliers = total - inside
  let divergence = 0
  for (let level = 0; level < levels; level++) {
    const [from, to] = [Math.floor((level * kept) / levels), Math.floor(((level + 1) * kept) / levels)]
    let sum = 0
    let used = 0
    for (let i = from; i < to; i++) {
      sum += bins[i]!
      if (bins[i]! > 0) used++
    }
    for (let i = from; i < to; i++) {
      const p = (bins[i]! + (i === kept - 1 ? outliers : 0)) / total
      // An empty last bin that takes the outliers has no counterpart at all; a small one keeps the divergence finite.
      const q = bins[i]! > 0 ? sum / used / inside : 1e-9
      if (p > 0) divergence += p * Math.log(p / q)
    }
  }
  return divergence
}
