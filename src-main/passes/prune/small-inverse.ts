// Inverses of matrices of a few rows, in double precision.

/** Gauss-Jordan without pivoting, which positive definite matrices do not need. */
export function invertMatrix(matrix: Float64Array, n: number): Float64Array {
  const a = matrix.slice()
  for (let k = 0; k < n; k++) {
    const pivot = 1 / Math.max(a[k * n + k]!, 1e-300)
    a[k * n + k] = 1
    for (let j = 0; j < n; j++) a[k * n + j]! *= pivot
    for (let i = 0; i < n; i++) {
      if (i === k) continue
      const value = a[i * n + k]!
      a[i * n + k] = 0
      if (value !== 0) for (let j = 0; j < n; j++) a[i * n + j]! -= value * a[k * n + j]!
    }
  }
  return a
}
