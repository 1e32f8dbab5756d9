// What a weight is worth, for the methods that only rank weights.
import type { Matrix, SquareStack } from '../../kernels/kernels.ts'

export const magnitudeScores = (w: Matrix): Matrix => ({ ...w, data: w.data.map(Math.abs) })

/** |w| * ||x||₂ of the input that the weight multiplies. */
export function activationScores(w: Matrix, { groups, size, data }: SquareStack): Matrix {
  const rows = w.rows / groups
  const norms = Float32Array.from({ length: groups * size }, (_, i) =>
    Math.sqrt(data[(Math.floor(i / size) * size + (i % size)) * size + (i % size)]!),
  )
  return {
    ...w,
    data: w.data.map((value, at) => {
      const group = Math.floor(Math.floor(at / size) / rows)
      return Math.abs(value) * norms[group * size + (at % size)]!
    }),
  }
}
