// Cuts work that does not fit a buffer of the device, or one dispatch.
import type { Matrix } from '../kernels.ts'

/** Workgroups a dimension may have on every device. */
export const groupLimit = 65535

/** For shaders that count workgroups with `groupIndex`: as many workgroups as asked for, or a few more. */
export function linearGroups(count: number): [number, number] {
  if (count <= groupLimit) return [count, 1]
  const rows = Math.ceil(count / groupLimit)
  return [Math.ceil(count / rows), rows]
}

/** Stretches of a batch that one dispatch takes in its third dimension. */
export function* batches(count: number): Generator<{ first: number; count: number }> {
  for (let first = 0; first < count; first += groupLimit) yield { first, count: Math.min(groupLimit, count - first) }
}

export interface RowPart {
  readonly first: number
  readonly matrix: Matrix
}

/** Parts of a matrix whose elements (of four bytes) fit `limitBytes`; a row is not cut. */
export function* rowParts({ rows, columns, data }: Matrix, limitBytes: number): Generator<RowPart> {
  const most = Math.max(1, Math.floor(limitBytes / 4 / Math.max(1, columns)))
  for (let first = 0; first < rows; first += most) {
    const count = Math.min(most, rows - first)
    const part = data.subarray(first * columns, (first + count) * columns)
    yield { first, matrix: { rows: count, columns, data: part } }
  }
}
