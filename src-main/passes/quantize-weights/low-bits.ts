// Scales of ternary and binary weights, one for each row: those of least (weighted) squared error.
import type { Matrix, RowGrids } from '../../kernels/kernels.ts'

/**
 * Weights become -a, 0 or a (TWN, Li & Liu 2016, eq. 3 to 6). Instead of the paper's estimate of the threshold, every
 * threshold is tried: with the k largest magnitudes kept, a is their mean and the error falls by a times their sum. The best
 * threshold is a / 2, so rounding to the nearest gives the same integers.
 */
export function ternaryScales(x: Matrix, columnWeights: Float32Array | null, powerOfTwo: boolean): RowGrids {
  return rowScales(x, columnWeights, powerOfTwo, (magnitudes, weights) => {
    const order = Array.from(magnitudes.keys()).sort((a, b) => magnitudes[b]! - magnitudes[a]!)
    let [sum, mass, best, scale] = [0, 0, 0, 0]
    for (const i of order) {
      sum += weights[i]! * magnitudes[i]!
      mass += weights[i]!
      if (mass === 0 || (sum * sum) / mass <= best) continue
      best = (sum * sum) / mass
      scale = sum / mass
    }
    return scale
  })
}

/** Weights become -a or a, a the mean magnitude (BWN, Rastegari et al. 2016, eq. 6). */
export function binaryScales(x: Matrix, columnWeights: Float32Array | null, powerOfTwo: boolean): RowGrids {
  return rowScales(x, columnWeights, powerOfTwo, (magnitudes, weights) => {
    const mass = weights.reduce((sum, w) => sum + w, 0)
    return mass > 0 ? magnitudes.reduce((sum, m, i) => sum + weights[i]! * m, 0) / mass : 0
  })
}

type ScaleOf = (magnitudes: Float64Array, weights: Float64Array) => number

function rowScales(x: Matrix, columnWeights: Float32Array | null, powerOfTwo: boolean, scaleOf: ScaleOf): RowGrids {
  const weights = Float64Array.from({ length: x.columns }, (_, c) => columnWeights?.[c] ?? 1)
  const scale = Float32Array.from({ length: x.rows }, (_, r) => {
    const row = Float64Array.from(x.data.subarray(r * x.columns, (r + 1) * x.columns), Math.abs)
    // Inputs that are always zero weigh nothing; a row that has no others goes by its plain magnitudes.
    const found =
      scaleOf(row, weights) ||
      scaleOf(
        row,
        weights.map(() => 1),
      ) ||
      1
    return powerOfTwo ? 2 ** Math.round(Math.log2(found)) : found
  })
  return { scale, zeroPoint: new Int32Array(x.rows) }
}

/** -1 or 1 for each weight; 0 stays where a zero must be kept. */
export const signs = (x: Matrix, keepZeros: boolean) =>
  Int32Array.from(x.data, (w) => (w > 0 ? 1 : w < 0 ? -1 : keepZeros ? 0 : 1))
