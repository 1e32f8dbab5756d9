// Search of a scale and zero point for each row.
//
// A candidate is a share f of the full range: scale = f * full. Symmetric grids have zero point 0. An affine grid of the
// share f is narrower than the range, so it is tried at `slides` places from one end of the range to the other, each
// with the zero point rounded. Candidates go from the largest scale down and replace the best only when strictly better.
import type { GridLimits, Matrix, RowGrids, ScaleSearch } from '../kernels.ts'
import { divergence } from './divergence.ts'
import { quantizeOne, roundAway } from './grids.ts'

export interface Grid {
  readonly scale: number
  readonly zeroPoint: number
}

/** Places from the low to the high end of a range at which a narrower affine grid is tried. */
const slides = [0, 0.25, 0.5, 0.75, 1]

/** Smallest and largest finite element, widened to hold 0. */
export function rangeWithZero(row: Float32Array): [low: number, high: number] {
  let [low, high] = [0, 0]
  for (const value of row) {
    if (!Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return [low, high]
}

/** The smallest scale whose grid holds every element; 0 when there is nothing to hold. */
export function fullScale(low: number, high: number, { min, max, symmetric }: GridLimits): number {
  if (!symmetric) return (high - low) / (max - min)
  return Math.max(max > 0 ? high / max : 0, min < 0 ? low / min : 0)
}

/** The scales that are tried, from large to small; float32, positive. */
export function candidateScales(full: number, search: ScaleSearch): number[] {
  const { candidates, shrinkTo, metric, powerOfTwo } = search
  if (powerOfTwo) return powersOfTwo(full, metric.kind === 'max' ? full : full * shrinkTo)
  const count = metric.kind === 'max' ? 1 : Math.max(1, candidates)
  const scales: number[] = []
  for (let i = count - 1; i >= 0; i--) {
    const share = count === 1 ? 1 : shrinkTo + ((1 - shrinkTo) * i) / (count - 1)
    scales.push(positiveFloat(full * share))
  }
  return scales
}

/** From the smallest power of two that is not below `full`, down to the last that is not below `smallest`. */
function powersOfTwo(full: number, smallest: number): number[] {
  let exponent = Math.ceil(Math.log2(full))
  while (2 ** (exponent - 1) >= full) exponent--
  while (2 ** exponent < full) exponent++
  exponent = Math.max(-126, Math.min(127, exponent))
  const scales = [2 ** exponent]
  while (exponent > -126 && 2 ** (exponent - 1) >= smallest) scales.push(2 ** --exponent)
  return scales
}

const smallestNormal = 2 ** -126
const largestFloat = (2 - 2 ** -23) * 2 ** 127
const positiveFloat = (value: number) => Math.fround(Math.min(largestFloat, Math.max(smallestNormal, value)))

/** Zero points that are tried with a scale. */
export function candidateZeroPoints(scale: number, low: number, high: number, limits: GridLimits): number[] {
  const { min, max, symmetric } = limits
  if (symmetric) return [0]
  const [atLow, atHigh] = [min - low / scale, max - high / scale]
  return slides.map((slide) => Math.max(min, Math.min(max, roundAway(atLow + slide * (atHigh - atLow)))))
}

export function searchScales(x: Matrix, search: ScaleSearch): RowGrids {
  const scale = new Float32Array(x.rows)
  const zeroPoint = new Int32Array(x.rows)
  for (let r = 0; r < x.rows; r++) {
    const best = searchRow(x.data.subarray(r * x.columns, (r + 1) * x.columns), search)
    scale[r] = best.scale
    zeroPoint[r] = best.zeroPoint
  }
  return { scale, zeroPoint }
}

function searchRow(row: Float32Array, search: ScaleSearch): Grid {
  const [low, high] = rangeWithZero(row)
  const full = fullScale(low, high, search)
  if (!(full > 0)) return { scale: 1, zeroPoint: search.symmetric ? 0 : Math.max(search.min, Math.min(search.max, 0)) }
  const costOf =
    search.metric.kind === 'kl' ? divergence(row, low, high, search, search.metric.bins) : lpCost(row, search)
  let best: Grid | null = null
  let bestCost = Infinity
  for (const scale of candidateScales(full, search)) {
    for (const zeroPoint of candidateZeroPoints(scale, low, high, search)) {
      const grid = { scale, zeroPoint }
      if (search.metric.kind === 'max') return grid
      const cost = costOf(grid)
      if (best && cost >= bestCost) continue
      best = grid
      bestCost = cost
    }
  }
  return best!
}

/** Sum of weight * |x - real(x)|^p over the finite elements of a row. */
export function lpCost(row: Float32Array, search: ScaleSearch): (grid: Grid) => number {
  const p = search.metric.kind === 'lp' ? search.metric.p : 2
  const weights = search.columnWeights
  return ({ scale, zeroPoint }) => {
    let sum = 0
    row.forEach((value, c) => {
      if (!Number.isFinite(value)) return
      const real = Math.fround(scale * (quantizeOne(value, scale, zeroPoint, search) - zeroPoint))
      sum += (weights?.[c] ?? 1) * Math.abs(value - real) ** p
    })
    return sum
  }
}
