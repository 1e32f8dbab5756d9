// Integers of a grid and back.
import type { GridLimits, Matrix, Quantized, RowGrids } from '../kernels.ts'

/** Nearest integer, ties away from zero; NaN gives 0. */
export function roundAway(value: number): number {
  const whole = Math.trunc(value)
  if (Number.isNaN(value)) return 0
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole
}

/** The quotient is rounded to float32 first, so that every backend rounds the same number. */
export function quantizeOne(value: number, scale: number, zeroPoint: number, { min, max }: GridLimits): number {
  const q = roundAway(Math.fround(value / scale)) + zeroPoint
  return Math.max(min, Math.min(max, q))
}

export function quantize({ rows, columns, data }: Matrix, grids: RowGrids, limits: GridLimits): Quantized {
  const integers = new Int32Array(rows * columns)
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const i = r * columns + c
      integers[i] = quantizeOne(data[i]!, grids.scale[r]!, grids.zeroPoint[r]!, limits)
    }
  return { integers }
}

export function dequantize(
  { integers }: Quantized,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  grids: RowGrids,
): Float32Array {
  const real = new Float32Array(rows * columns)
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const i = r * columns + c
      real[i] = grids.scale[r]! * (integers[i]! - grids.zeroPoint[r]!)
    }
  return real
}
