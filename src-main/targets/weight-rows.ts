// The order in which a constant's elements are coded: as rows, one an output channel. Codecs know rows only; this is where
// a tensor's shape becomes them.
import { elementsOf } from '../ir/tensor.ts'

export interface RowShape {
  readonly rows: number
  readonly rowElements: number
  /** Innermost dimension of a row. */
  readonly inner: number
}

/** @param rowDims as in WeightStorage */
export function rowShape(shape: readonly number[], rowDims: number): RowShape {
  const last = shape.at(-1) ?? 1
  const rows = rowDims === 0 ? last : elementsOf(shape.slice(0, rowDims))
  const rowElements = elementsOf(shape) / rows
  return { rows, rowElements, inner: rowDims === 0 ? rowElements : last }
}

/** Elements in the order in which they are coded. */
export function toRows(data: Int8Array, shape: readonly number[], rowDims: number): Int8Array {
  const { rows, rowElements } = rowShape(shape, rowDims)
  return rowDims === 0 ? transposed(data, rowElements, rows) : data
}

/** The reverse of toRows. */
export function fromRows(coded: Int8Array, shape: readonly number[], rowDims: number): Int8Array {
  const { rows, rowElements } = rowShape(shape, rowDims)
  return rowDims === 0 ? transposed(coded, rows, rowElements) : coded
}

function transposed(data: Int8Array, rows: number, columns: number): Int8Array {
  const out = new Int8Array(data.length)
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c]!
  return out
}
