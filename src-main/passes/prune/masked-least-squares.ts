// The best values of the weights that are left: for each row of W the least squares problem min (w - w0) H (w - w0)ᵀ over the
// weights whose mask is 1, by conjugate gradients with a diagonal preconditioner (Golub & Van Loan, Matrix Computations,
// section 11.5), all rows at once.
import type { Kernels, Matrix, SquareStack } from '../../kernels/kernels.ts'

/** tr((W - V) H (W - V)ᵀ), summed over the groups; H as in layer-wise least squares. */
export async function layerError(kernels: Kernels, w: Matrix, v: Matrix, gram: SquareStack): Promise<number> {
  const difference = { ...w, data: w.data.map((value, i) => value - v.data[i]!) }
  const product = await timesStack(kernels, difference, gram)
  return dot(difference.data, product, 0, product.length)
}

/** Row r times the matrix of its group. */
export async function timesStack(kernels: Kernels, x: Matrix, stack: SquareStack): Promise<Float32Array> {
  const { groups, size } = stack
  if (groups === 1) return (await kernels.multiply(x, { rows: size, columns: size, data: stack.data })).data
  const rows = x.rows / groups
  const result = new Float32Array(x.data.length)
  for (let r = 0; r < x.rows; r++) {
    const base = Math.floor(r / rows) * size * size
    for (let i = 0; i < size; i++) {
      const value = x.data[r * size + i]!
      if (value === 0) continue
      for (let j = 0; j < size; j++) result[r * size + j]! += value * stack.data[base + i * size + j]!
    }
  }
  return result
}

/** A + damping * mean(diagonal) * I, which keeps directions that calibration does not show from growing without bound. */
export function damped(gram: SquareStack, damping: number): SquareStack {
  const { groups, size } = gram
  const data = gram.data.slice()
  for (let g = 0; g < groups; g++) {
    const at = (i: number) => g * size * size + i * (size + 1)
    let trace = 0
    for (let i = 0; i < size; i++) trace += data[at(i)]!
    for (let i = 0; i < size; i++) data[at(i)] = (data[at(i)]! || 1) + (damping * trace) / size
  }
  return { groups, size, data }
}

export interface RefitOptions {
  readonly iterations: number
  /** Residual, relative to the first one, at which a row is done. */
  readonly tolerance: number
}

export const defaultRefit: RefitOptions = { iterations: 20, tolerance: 1e-2 }

/**
 * @param start values whose zeros are the mask; they are where the search begins
 * @param gram damped
 */
export async function refit(
  kernels: Kernels,
  w: Matrix,
  start: Matrix,
  gram: SquareStack,
  { iterations, tolerance }: RefitOptions = defaultRefit,
): Promise<Matrix> {
  const { rows, columns } = w
  const off = { ...w, data: w.data.map((value, i) => value - start.data[i]!) }
  const rowsLeft = new MaskedRows(start, await timesStack(kernels, off, gram), preconditioner(w, gram))
  const stop = rowsLeft.rho.map((value) => value * tolerance * tolerance)
  for (let step = 0; step < iterations && rowsLeft.rho.some((value, r) => value > stop[r]!); step++) {
    const product = await timesStack(kernels, { rows, columns, data: rowsLeft.direction }, gram)
    for (let r = 0; r < rows; r++) if (rowsLeft.rho[r]! > stop[r]!) rowsLeft.advance(r, product)
  }
  // What is kept must not become an exact zero, which would read as pruned.
  return { rows, columns, data: rowsLeft.x.map((value, i) => (start.data[i] === 0 ? 0 : value || start.data[i]!)) }
}

/** The state of conjugate gradients, each row a system of its own. */
class MaskedRows {
  readonly x: Float32Array
  readonly direction: Float32Array
  /** Preconditioned residual norm of each row, squared. */
  readonly rho: Float64Array
  readonly #columns: number
  readonly #mask: Float32Array
  readonly #residual: Float32Array
  readonly #z: Float32Array
  readonly #inverseDiagonal: Float32Array

  constructor({ rows, columns, data }: Matrix, gradient: Float32Array, inverseDiagonal: Float32Array) {
    this.#columns = columns
    this.#mask = data.map((value) => (value === 0 ? 0 : 1))
    this.#inverseDiagonal = inverseDiagonal
    this.#residual = gradient.map((value, i) => value * this.#mask[i]!)
    this.#z = this.#residual.map((value, i) => value * inverseDiagonal[i]!)
    this.x = data.slice()
    this.direction = this.#z.slice()
    this.rho = Float64Array.from({ length: rows }, (_, r) => this.#residualNorm(r))
  }

  /** @param product direction times the Gram matrix, of all rows */
  advance(row: number, product: Float32Array) {
    const [from, end] = [row * this.#columns, (row + 1) * this.#columns]
    for (let i = from; i < end; i++) product[i]! *= this.#mask[i]!
    const curvature = dot(this.direction, product, from, end)
    if (!(curvature > 0)) {
      this.rho[row] = 0
      return
    }
    const alpha = this.rho[row]! / curvature
    for (let i = from; i < end; i++) {
      this.x[i]! += alpha * this.direction[i]!
      this.#residual[i]! -= alpha * product[i]!
      this.#z[i] = this.#residual[i]! * this.#inverseDiagonal[i]!
    }
    const next = this.#residualNorm(row)
    const beta = next / this.rho[row]!
    this.rho[row] = next
    for (let i = from; i < end; i++) this.direction[i] = this.#z[i]! + beta * this.direction[i]!
  }

  #residualNorm = (row: number) => dot(this.#residual, this.#z, row * this.#columns, (row + 1) * this.#columns)
}

function preconditioner({ rows, columns }: Matrix, { groups, size, data }: SquareStack): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const group = Math.floor(Math.floor(at / columns) / (rows / groups))
    const i = at % columns
    return 1 / Math.max(data[group * size * size + i * (size + 1)]!, 1e-30)
  })
}

function dot(a: Float32Array, b: Float32Array, from: number, end: number): number {
  let sum = 0
  for (let i = from; i < end; i++) sum += a[i]! * b[i]!
  return sum
}
