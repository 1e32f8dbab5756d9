// The cost of a grid as the divergence of what it can tell apart from what there is (calibration by entropy, TensorRT, 2017).
//
// P is the histogram of the row with what the grid cuts off added to the last bins that it reaches. Q spreads what falls
// on one integer evenly over its bins that are not empty in P. The cost is KL(P || Q), both normalised.
import type { GridLimits } from '../kernels.ts'
import { quantizeOne } from './grids.ts'
import type { Grid } from './scales.ts'
import { histogram } from './statistics.ts'

/** Stands for a probability of 0 in Q. */
const leastProbability = 1e-10

export function divergence(row: Float32Array, low: number, high: number, limits: GridLimits, bins: number) {
  const counts = histogram(row, { low, high, bins })
  const [from, to] = [Math.fround(low), Math.fround(high)]
  const centres = Array.from({ length: bins }, (_, b) => Math.fround(from + ((b + 0.5) * (to - from)) / bins))
  return (grid: Grid) => divergenceOf(counts, centres, grid, limits)
}

function divergenceOf(counts: Uint32Array, centres: readonly number[], { scale, zeroPoint }: Grid, limits: GridLimits) {
  const [lowest, highest] = [scale * (limits.min - zeroPoint - 0.5), scale * (limits.max - zeroPoint + 0.5)]
  let first = 0
  while (first < counts.length - 1 && centres[first]! < lowest) first++
  let last = counts.length - 1
  while (last > first && centres[last]! > highest) last--
  const p = Float64Array.from(counts.subarray(first, last + 1))
  const inside = Float64Array.from(p)
  for (let b = 0; b < first; b++) p[0]! += counts[b]!
  for (let b = last + 1; b < counts.length; b++) p[p.length - 1]! += counts[b]!
  const total = p.reduce((a, b) => a + b, 0)
  const kept = inside.reduce((a, b) => a + b, 0)
  if (total === 0) return 0
  let sum = 0
  for (let from = 0; from < p.length; ) {
    const q = quantizeOne(centres[first + from]!, scale, zeroPoint, limits)
    let [to, mass, filled] = [from, 0, 0]
    while (to < p.length && quantizeOne(centres[first + to]!, scale, zeroPoint, limits) === q) {
      mass += inside[to]!
      if (p[to]! > 0) filled++
      to++
    }
    const spread = kept > 0 && filled > 0 ? mass / kept / filled : 0
    for (let b = from; b < to; b++) {
      const probability = p[b]! / total
      if (probability > 0) sum += probability * Math.log(probability / Math.max(spread, leastProbability))
    }
    from = to
  }
  return sum
}
