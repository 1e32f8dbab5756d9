// Scales of groups that a device can hold: there every weight is an int8 with one scale per output channel, so the scale of a
// group is a whole multiple m of its channel's, and q * m is within int8 and exactly the same real number.
import type { GridLimits, Matrix, RowGrids } from '../../kernels/kernels.ts'

const int8Limit = 127

/** Largest whole multiple with which every centred integer stays within int8. */
export function largestMultiple({ min, max, symmetric }: GridLimits): number {
  return Math.floor(int8Limit / (symmetric ? Math.max(-min, max) : max - min))
}

/**
 * Moves each group's scale to a multiple of a scale that its row shares; of the shared scales that make the largest group's
 * multiple 1, 2, 3 ..., the one with the least squared error is taken.
 */
export function integerMultiples(
  weights: Matrix,
  free: RowGrids,
  gridColumns: number,
  limits: GridLimits,
  powerOfTwo: boolean,
): RowGrids {
  const blocks = Math.ceil(weights.columns / gridColumns)
  const scale = new Float32Array(free.scale.length)
  for (let r = 0; r < weights.rows; r++) {
    const own = free.scale.subarray(r * blocks, (r + 1) * blocks)
    const zeros = free.zeroPoint.subarray(r * blocks, (r + 1) * blocks)
    const row = weights.data.subarray(r * weights.columns, (r + 1) * weights.columns)
    let least = Number.POSITIVE_INFINITY
    for (const candidate of candidateScales(own, largestMultiple(limits), powerOfTwo)) {
      const error = squaredError(row, candidate, zeros, gridColumns, limits)
      if (error >= least) continue
      least = error
      scale.set(candidate, r * blocks)
    }
  }
  return { scale, zeroPoint: free.zeroPoint }
}

function* candidateScales(own: Float32Array, most: number, powerOfTwo: boolean): Generator<number[]> {
  const largest = own.reduce((a, b) => Math.max(a, b), 0)
  for (let top = 1; top <= most; top++) {
    if (powerOfTwo && !Number.isInteger(Math.log2(top))) continue
    const base = powerOfTwo ? largest / top : shortFloat(largest / top)
    yield Array.from(own, (s) => {
      const multiple = powerOfTwo ? 2 ** Math.round(Math.log2(s / base)) : Math.round(s / base)
      return base * Math.min(most, Math.max(1, multiple))
    })
  }
}

/** The nearest number of 17 significant bits: 127 times it is still exactly a float32. */
function shortFloat(value: number): number {
  const step = 2 ** (Math.floor(Math.log2(value)) - 16)
  return Math.round(value / step) * step
}

function squaredError(
  row: Float32Array,
  scale: readonly number[],
  zeros: Int32Array,
  gridColumns: number,
  { min, max }: GridLimits,
): number {
  let sum = 0
  for (let c = 0; c < row.length; c++) {
    const b = Math.floor(c / gridColumns)
    const q = Math.min(max, Math.max(min, Math.round(row[c]! / scale[b]!) + zeros[b]!))
    sum += (row[c]! - (q - zeros[b]!) * scale[b]!) ** 2
  }
  return sum
}
