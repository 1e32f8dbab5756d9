// Ranges, means and histograms.
import type { HistogramOptions, Matrix, RowStatistics } from '../kernels.ts'

export function rowStatistics({ rows, columns, data }: Matrix): RowStatistics {
  const [min, max, mean, meanSquare] = [0, 1, 2, 3].map(() => new Float32Array(rows)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  for (let r = 0; r < rows; r++) {
    const finite = data.subarray(r * columns, (r + 1) * columns).filter(Number.isFinite)
    if (finite.length === 0) continue
    let [low, high, sum, squares] = [Infinity, -Infinity, 0, 0]
    for (const value of finite) {
      low = Math.min(low, value)
      high = Math.max(high, value)
      sum += value
      squares += value * value
    }
    min[r] = low
    max[r] = high
    mean[r] = sum / finite.length
    meanSquare[r] = squares / finite.length
  }
  return { min, max, mean, meanSquare }
}

/** Which bin a finite element is in; in float32 throughout, so that every backend counts alike. */
export function binOf(value: number, low: number, high: number, bins: number): number {
  if (value <= low) return 0
  if (value >= high) return bins - 1
  const perUnit = Math.fround(bins / (high - low))
  return Math.min(bins - 1, Math.floor(Math.fround(Math.fround(value - low) * perUnit)))
}

export function histogram(x: Float32Array, options: HistogramOptions): Uint32Array {
  const [low, high] = [Math.fround(options.low), Math.fround(options.high)]
  const counts = new Uint32Array(options.bins)
  for (const value of x) if (Number.isFinite(value)) counts[binOf(value, low, high, options.bins)]!++
  return counts
}
