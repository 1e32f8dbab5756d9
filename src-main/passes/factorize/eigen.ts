// Eigenvalues and vectors of a symmetric matrix: Householder reduction to tridiagonal form, then QL with implicit shifts
// (Golub & Van Loan, Matrix Computations, sections 8.3.1 and 8.3.3). Double precision.
import { Bug } from '../../base/errors.ts'

export interface Eigen {
  /** Descending. */
  readonly values: Float64Array
  /** Row i is the unit vector of value i. */
  readonly vectors: Float64Array
}

export function symmetricEigen(matrix: ArrayLike<number>, n: number): Eigen {
  const { diagonal, below, basis } = tridiagonal(Float64Array.from(matrix), n)
  implicitQl(diagonal, below, basis, n)
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => diagonal[b]! - diagonal[a]! || a - b)
  const vectors = new Float64Array(n * n)
  for (const [to, from] of order.entries()) vectors.set(basis.subarray(from * n, (from + 1) * n), to * n)
  return { values: Float64Array.from(order, (i) => diagonal[i]!), vectors }
}

/** A = Bᵀ T B with the rows of B orthonormal; `below[i]` couples i and i + 1. */
function tridiagonal(a: Float64Array, n: number) {
  const basis = new Float64Array(n * n)
  for (let i = 0; i < n; i++) basis[i * n + i] = 1
  for (let k = 0; k + 2 < n; k++) {
    const v = reflector(a, n, k)
    if (v) {
      reflectBoth(a, n, v, k + 1)
      reflectRows(basis, n, v, k + 1)
    }
  }
  return {
    diagonal: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!),
    below: Float64Array.from({ length: n }, (_, i) => (i + 1 < n ? a[(i + 1) * n + i]! : 0)),
    basis,
  }
}

/** Unit v with (I - 2 v vᵀ) turning column k below the diagonal into one number; null when it is that already. */
function reflector(a: Float64Array, n: number, k: number): Float64Array | null {
  const v = Float64Array.from({ length: n - k - 1 }, (_, i) => a[(k + 1 + i) * n + k]!)
  const rest = v.subarray(1).reduce((sum, value) => sum + value * value, 0)
  if (rest === 0) return null
  const length = Math.sqrt(v[0]! * v[0]! + rest)
  v[0]! += v[0]! < 0 ? -length : length
  const size = Math.sqrt(v[0]! * v[0]! + rest)
  return v.map((value) => value / size)
}

/** P A P with P = I - 2 v vᵀ on the indices from `from`: A - v wᵀ - w vᵀ, over the rows and columns that are not done yet. */
function reflectBoth(a: Float64Array, n: number, v: Float64Array, from: number) {
  const m = v.length
  const p = new Float64Array(m)
  for (let i = 0; i < m; i++) {
    let sum = 0
    for (let j = 0; j < m; j++) sum += a[(from + i) * n + from + j]! * v[j]!
    p[i] = 2 * sum
  }
  const half = p.reduce((sum, value, i) => sum + value * v[i]!, 0)
  const w = p.map((value, i) => value - half * v[i]!)
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) a[(from + i) * n + from + j]! -= v[i]! * w[j]! + w[i]! * v[j]!
  const column = from - 1
  const dot = v.reduce((sum, value, i) => sum + value * a[(from + i) * n + column]!, 0)
  for (let i = 0; i < m; i++) {
    a[(from + i) * n + column]! -= 2 * v[i]! * dot
    a[column * n + from + i] = a[(from + i) * n + column]!
  }
}

function reflectRows(b: Float64Array, n: number, v: Float64Array, from: number) {
  const sums = new Float64Array(n)
  for (const [i, value] of v.entries()) for (let c = 0; c < n; c++) sums[c]! += value * b[(from + i) * n + c]!
  for (const [i, value] of v.entries()) for (let c = 0; c < n; c++) b[(from + i) * n + c]! -= 2 * value * sums[c]!
}

const mostSweeps = 60

/** Turns (d, e) into eigenvalues in d; the rows of `basis` follow. */
function implicitQl(d: Float64Array, e: Float64Array, basis: Float64Array, n: number) {
  for (let l = 0; l < n; l++)
    for (let sweep = 0; ; sweep++) {
      let m = l
      while (m < n - 1 && Math.abs(e[m]!) > Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))) m++
      if (m === l) break
      if (sweep === mostSweeps) throw new Bug('the QL iteration does not converge')
      qlSweep(d, e, basis, n, l, m)
    }
}

function qlSweep(d: Float64Array, e: Float64Array, basis: Float64Array, n: number, l: number, m: number) {
  const start = (d[l + 1]! - d[l]!) / (2 * e[l]!)
  const root = Math.hypot(start, 1)
  let g = d[m]! - d[l]! + e[l]! / (start + (start < 0 ? -root : root))
  let [s, c, p] = [1, 1, 0]
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i]!
    const b = c * e[i]!
    const r = Math.hypot(f, g)
    e[i + 1] = r
    if (r === 0) {
      d[i + 1]! -= p
      e[m] = 0
      return
    }
    s = f / r
    c = g / r
    g = d[i + 1]! - p
    const t = (d[i]! - g) * s + 2 * c * b
    p = s * t
    d[i + 1] = g + p
    g = c * t - b
    rotateRows(basis, n, i, c, s)
  }
  d[l]! -= p
  e[l] = g
  e[m] = 0
}

function rotateRows(basis: Float64Array, n: number, i: number, c: number, s: number) {
  for (let k = 0; k < n; k++) {
    const [upper, lower] = [basis[i * n + k]!, basis[(i + 1) * n + k]!]
    basis[(i + 1) * n + k] = s * upper + c * lower
    basis[i * n + k] = c * upper - s * lower
  }
}
