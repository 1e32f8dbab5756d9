// What calibration learns about a value: its extremes in a first pass over the samples, a histogram in a second.
import type { Range } from './grid.ts'

export const binCount = 2048

/** Extremes of everything seen; real zero is always within. */
export class Extremes implements Range {
  low = 0
  high = 0
  /** Elements seen that are finite numbers, and others. */
  count = 0
  notFinite = 0
  /** Smallest and largest element without zero added, to tell a value that never changes. */
  smallest = Number.POSITIVE_INFINITY
  largest = Number.NEGATIVE_INFINITY

  add(data: Float32Array) {
    let [smallest, largest] = [this.smallest, this.largest]
    let notFinite = 0
    for (let i = 0; i < data.length; i++) {
      const v = data[i]!
      // Only infinities and NaN differ from themselves by something else than zero.
      if (v - v !== 0) {
        notFinite++
        continue
      }
      if (v < smallest) smallest = v
      if (v > largest) largest = v
    }
    this.count += data.length - notFinite
    this.notFinite += notFinite
    if (this.count === 0) return
    this.smallest = smallest
    this.largest = largest
    this.include(smallest)
    this.include(largest)
  }

  include(value: number) {
    if (value < this.low) this.low = value
    if (value > this.high) this.high = value
  }
}

/** Counts over [low, high] in equal bins. Exact zeros count in `total` alone: they are on every grid and cost no precision. */
export class Histogram implements Range {
  readonly low: number
  readonly high: number
  readonly bins = new Float64Array(binCount)
  total = 0

  constructor({ low, high }: Range) {
    this.low = low
    this.high = high
  }

  get binWidth() {
    return (this.high - this.low) / binCount
  }

  /** Middle of bin `i`. */
  centre(i: number): number {
    return this.low + (i + 0.5) * this.binWidth
  }

  add(data: Float32Array) {
    const { bins, low } = this
    const perUnit = this.high > this.low ? binCount / (this.high - low) : 0
    for (let i = 0; i < data.length; i++) {
      const v = data[i]!
      if (v === 0 || v - v !== 0) continue
      const at = ((v - low) * perUnit) | 0
      bins[at < 0 ? 0 : at >= binCount ? binCount - 1 : at]!++
    }
    this.total += data.length
  }
}
