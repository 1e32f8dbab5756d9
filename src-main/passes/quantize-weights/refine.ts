// After rounding: scales by least squares for the integers found, and single integers moved where that lessens the squared
// error of the layer's outputs, (V - Q) H (V - Q)ᵀ for every row (coordinate descent).
import type { Kernels, Matrix, RowGrids, SquareStack } from '../../kernels/kernels.ts'
import type { WeightGrids } from './grids.ts'
import { timesSquare } from './target.ts'

/** A layer on its grids; `integers` row after row. */
export interface Rounding extends WeightGrids {
  readonly integers: Int32Array
}

/** The matrix of the inputs, damped as it is for the other methods. */
export function dampened({ groups, size, data }: SquareStack, damping: number): SquareStack {
  const result = data.slice()
  for (let g = 0; g < groups; g++) {
    const at = (i: number) => g * size * size + i * size + i
    let trace = 0
    for (let i = 0; i < size; i++) trace += data[at(i)]!
    for (let i = 0; i < size; i++) result[at(i)]! += (damping * trace) / size || 1e-12
  }
  return { groups, size, data: result }
}

export function realValues({ rows, columns }: Matrix, { integers, grids, gridColumns }: Rounding): Float32Array {
  const blocks = Math.ceil(columns / gridColumns)
  const real = new Float32Array(rows * columns)
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const i = r * columns + c
      const grid = r * blocks + Math.floor(c / gridColumns)
      real[i] = (integers[i]! - grids.zeroPoint[grid]!) * grids.scale[grid]!
    }
  return real
}

const minus = (a: Float32Array, b: Float32Array) => a.map((v, i) => v - b[i]!)

const dot = (a: Float32Array, b: Float32Array, from: number, to: number) => {
  let sum = 0
  for (let i = from; i < to; i++) sum += a[i]! * b[i]!
  return sum
}

/** Sum over the rows of (V - Q) H (V - Q)ᵀ. */
export async function outputError(
  kernels: Kernels,
  target: Matrix,
  rounding: Rounding,
  hessian: SquareStack,
): Promise<number> {
  const error = minus(target.data, realValues(target, rounding))
  return dot(error, await timesSquare(kernels, { ...target, data: error }, hessian), 0, error.length)
}

/** Scales that fit the integers best, a = (v H qᵀ) / (q H qᵀ), one for all rows that share one. Not for groups. */
export async function withFittedScales(
  kernels: Kernels,
  target: Matrix,
  rounding: Rounding,
  hessian: SquareStack,
): Promise<Rounding> {
  const { grids, rowsPerGrid, integers } = rounding
  const { rows, columns } = target
  const centred = Float32Array.from(integers, (q, i) => q - grids.zeroPoint[Math.floor(i / columns)]!)
  const products = await timesSquare(kernels, { ...target, data: centred }, hessian)
  const scale = grids.scale.slice()
  for (let first = 0; first < rows; first += rowsPerGrid) {
    const [from, to] = [first * columns, (first + rowsPerGrid) * columns]
    const [along, size] = [dot(target.data, products, from, to), dot(centred, products, from, to)]
    if (along > 0 && size > 0) scale.fill(along / size, first, first + rowsPerGrid)
  }
  return { ...rounding, grids: { ...grids, scale } }
}

export interface SweepOptions {
  readonly sweeps: number
  readonly keepZeros: boolean
  /** Weights are -1 or 1 and nothing between. */
  readonly binary: boolean
}

/** Moves one integer at a time, to where the error of its row is least with all others as they are. */
export async function withSweeps(
  kernels: Kernels,
  target: Matrix,
  rounding: Rounding,
  hessian: SquareStack,
  options: SweepOptions,
): Promise<Rounding> {
  const integers = rounding.integers.slice()
  const error = minus(target.data, realValues(target, rounding))
  const gradient = await timesSquare(kernels, { ...target, data: error }, hessian)
  const each = target.rows / hessian.groups
  for (let r = 0; r < target.rows; r++) {
    const from = Math.floor(r / each) * hessian.size ** 2
    const row = new RowSweep(target, rounding, r, options)
    row.run(
      integers.subarray(r * target.columns, (r + 1) * target.columns),
      gradient.subarray(r * target.columns, (r + 1) * target.columns),
      hessian.data.subarray(from, from + hessian.size ** 2),
    )
  }
  return { ...rounding, integers }
}

class RowSweep {
  readonly #weights: Float32Array
  readonly #limits: WeightGrids['limits']
  readonly #grids: RowGrids
  readonly #firstGrid: number
  readonly #gridColumns: number
  readonly #options: SweepOptions

  constructor({ columns, data }: Matrix, { limits, grids, gridColumns }: Rounding, row: number, options: SweepOptions) {
    this.#weights = data.subarray(row * columns, (row + 1) * columns)
    this.#limits = limits
    this.#grids = grids
    this.#firstGrid = row * Math.ceil(columns / gridColumns)
    this.#gridColumns = gridColumns
    this.#options = options
  }

  /** @param gradient H (v - q), kept up to date */
  run(integers: Int32Array, gradient: Float32Array, hessian: Float32Array) {
    const columns = integers.length
    for (let sweep = 0; sweep < this.#options.sweeps; sweep++) {
      let moved = 0
      for (let c = 0; c < columns; c++) {
        const scale = this.#grids.scale[this.#firstGrid + Math.floor(c / this.#gridColumns)]!
        const curvature = hessian[c * columns + c]!
        const step = this.#step(integers[c]!, gradient[c]! / (curvature * scale), this.#weights[c]!)
        if (step === 0) continue
        integers[c]! += step
        moved++
        const by = step * scale
        for (let i = 0; i < columns; i++) gradient[i]! -= by * hessian[c * columns + i]!
      }
      if (moved === 0) return
    }
  }

  /** @param wanted distance to the optimum, in steps of the grid */
  #step(at: number, wanted: number, weight: number): number {
    if (this.#options.keepZeros && weight === 0) return 0
    if (this.#options.binary) return at * wanted < -1 ? -2 * at : 0
    const { min, max } = this.#limits
    // A little hysteresis, so that rounding errors do not move ties to and fro.
    if (Math.abs(wanted) <= 0.5001) return 0
    return Math.min(max, Math.max(min, at + Math.round(wanted))) - at
  }
}
