// Products, factors and solutions, in double precision.
import { AppError } from '../../base/errors.ts'
import type { Gram, Matrix, PatchShape, SquareStack } from '../kernels.ts'
import { patches } from './patches.ts'

/** The part of a matrix that lies in columns [from, from + columns). */
function columnsOf({ rows, columns: all, data }: Matrix, from: number, columns: number): Matrix {
  const part = new Float32Array(rows * columns)
  for (let r = 0; r < rows; r++) part.set(data.subarray(r * all + from, r * all + from + columns), r * columns)
  return { rows, columns, data: part }
}

/** XᵀX + sum, in double precision. */
function addGram({ rows, columns: n, data }: Matrix, sum: Float32Array | null): Float32Array {
  const total = new Float64Array(n * n)
  for (let r = 0; r < rows; r++)
    for (let i = 0; i < n; i++) {
      const value = data[r * n + i]!
      for (let j = 0; j < n; j++) total[i * n + j]! += value * data[r * n + j]!
    }
  return Float32Array.from(total, (value, i) => value + (sum?.[i] ?? 0))
}

export function gram(x: Matrix, sum: Gram | null): Gram {
  return { groups: 1, size: x.columns, data: addGram(x, sum?.data ?? null), samples: x.rows + (sum?.samples ?? 0) }
}

export function patchGram(
  x: Float32Array,
  shape: PatchShape,
  groups: number,
  positions: Uint32Array | null,
  sum: Gram | null,
): Gram {
  const all = patches(x, shape, positions)
  const size = all.columns / groups
  const data = new Float32Array(groups * size * size)
  for (let g = 0; g < groups; g++) {
    const [from, to] = [g * size * size, (g + 1) * size * size]
    data.set(addGram(columnsOf(all, g * size, size), sum?.data.subarray(from, to) ?? null), from)
  }
  return { groups, size, data, samples: all.rows + (sum?.samples ?? 0) }
}

export function multiply(x: Matrix, y: Matrix): Matrix {
  const data = new Float32Array(x.rows * y.columns)
  const row = new Float64Array(y.columns)
  for (let r = 0; r < x.rows; r++) {
    row.fill(0)
    for (let k = 0; k < x.columns; k++) {
      const value = x.data[r * x.columns + k]!
      for (let c = 0; c < y.columns; c++) row[c]! += value * y.data[k * y.columns + c]!
    }
    data.set(row, r * y.columns)
  }
  return { rows: x.rows, columns: y.columns, data }
}

/** One matrix of a stack with damping * mean(diagonal) added to the diagonal, on which 0 counts as 1. */
function damped({ size: n, data }: SquareStack, group: number, damping: number): Float64Array {
  const a = Float64Array.from(data.subarray(group * n * n, (group + 1) * n * n))
  let trace = 0
  for (let i = 0; i < n; i++) {
    if (a[i * n + i] === 0) a[i * n + i] = 1
    trace += a[i * n + i]!
  }
  for (let i = 0; i < n; i++) a[i * n + i]! += (damping * trace) / n
  return a
}

/** The lower triangle of `a` becomes L with L Lᵀ = a, what is above it 0. */
function factorInPlace(a: Float64Array, n: number, what: string) {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!
      if (i > j) a[i * n + j] = sum / a[j * n + j]!
      else if (sum > 0) a[i * n + i] = Math.sqrt(sum)
      else throw new AppError('kernel.notPositive', { what, pivot: i })
    }
    a.fill(0, i * n + i + 1, (i + 1) * n)
  }
}

export function cholesky(a: SquareStack, damping: number): SquareStack {
  return mapGroups(a, (group) => {
    const lower = damped(a, group, damping)
    factorInPlace(lower, a.size, `group ${group}`)
    return lower
  })
}

function mapGroups(stack: SquareStack, run: (group: number) => Float64Array): SquareStack {
  const { groups, size } = stack
  const data = new Float32Array(groups * size * size)
  for (let g = 0; g < groups; g++) data.set(run(g), g * size * size)
  return { groups, size, data }
}

export function solve(lower: SquareStack, b: Matrix): Matrix {
  const [n, columns] = [lower.size, b.columns]
  const data = new Float32Array(b.data.length)
  for (let g = 0; g < lower.groups; g++) {
    const l = lower.data.subarray(g * n * n, (g + 1) * n * n)
    for (let c = 0; c < columns; c++) {
      const x = Float64Array.from({ length: n }, (_, i) => b.data[(g * n + i) * columns + c]!)
      for (let i = 0; i < n; i++) {
        for (let k = 0; k < i; k++) x[i]! -= l[i * n + k]! * x[k]!
        x[i]! /= l[i * n + i]!
      }
      for (let i = n - 1; i >= 0; i--) {
        for (let k = i + 1; k < n; k++) x[i]! -= l[k * n + i]! * x[k]!
        x[i]! /= l[i * n + i]!
      }
      x.forEach((value, i) => {
        data[(g * n + i) * columns + c] = value
      })
    }
  }
  return { rows: b.rows, columns, data }
}

/**
 * With J the reversal of rows, J A J = L Lᵀ gives A = R Rᵀ for the upper triangular R = J L J; then U = R⁻¹ has
 * Uᵀ U = A⁻¹, and A⁻¹ itself is never formed.
 */
export function inverseFactor(a: SquareStack, damping: number): SquareStack {
  const n = a.size
  return mapGroups(a, (group) => {
    const reversed = damped(a, group, damping).reverse()
    factorInPlace(reversed, n, `group ${group}`)
    return invertUpper(reversed.reverse(), n)
  })
}

function invertUpper(r: Float64Array, n: number): Float64Array {
  const u = new Float64Array(n * n)
  for (let i = n - 1; i >= 0; i--) {
    const row = u.subarray(i * n, (i + 1) * n)
    for (let k = i + 1; k < n; k++) {
      const value = r[i * n + k]!
      for (let c = k; c < n; c++) row[c]! -= value * u[k * n + c]!
    }
    for (let c = i + 1; c < n; c++) row[c]! /= r[i * n + i]!
    row[i] = 1 / r[i * n + i]!
  }
  return u
}
