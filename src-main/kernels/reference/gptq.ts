// Quantisation column by column, each column's error made up for by those after it (GPTQ, Frantar et al. 2022, algorithm 1).
import type { GptqOptions, Matrix, Quantized, SquareStack } from '../kernels.ts'
import { quantizeOne } from './grids.ts'

/** A row takes back the error of one column: w[k] -= error / U[j][j] * U[j][k] for the columns after j. */
export function compensate(row: Float64Array, factor: Float32Array, n: number, j: number, error: number) {
  const step = error / factor[j * n + j]!
  if (step !== 0) for (let k = j + 1; k < n; k++) row[k]! -= step * factor[j * n + k]!
}

/** The factor of the group that row r belongs to. */
export function factorOfRow({ groups, size, data }: SquareStack, rows: number, r: number): Float32Array {
  const group = Math.floor(r / (rows / groups))
  return data.subarray(group * size * size, (group + 1) * size * size)
}

/** One column at a time; blocks (`blockSize`) change when sums are made, and not what they are. */
export function gptq(w: Matrix, factor: SquareStack, options: GptqOptions): Quantized {
  const { rows, columns } = w
  const { grids, gridColumns, keepZeros } = options
  const gridsPerRow = Math.ceil(columns / gridColumns)
  const integers = new Int32Array(rows * columns)
  for (let r = 0; r < rows; r++) {
    const original = w.data.subarray(r * columns, (r + 1) * columns)
    const row = Float64Array.from(original)
    const u = factorOfRow(factor, rows, r)
    for (let j = 0; j < columns; j++) {
      const grid = r * gridsPerRow + Math.floor(j / gridColumns)
      const [scale, zeroPoint] = [grids.scale[grid]!, grids.zeroPoint[grid]!]
      const isKept = keepZeros && original[j] === 0
      const q = isKept ? zeroPoint : quantizeOne(Math.fround(row[j]!), scale, zeroPoint, options)
      integers[r * columns + j] = q
      compensate(row, u, columns, j, row[j]! - Math.fround(scale * (q - zeroPoint)))
    }
  }
  return { integers }
}
