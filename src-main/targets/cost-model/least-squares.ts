// Non-negative least squares: min |A x - b| with x >= 0 (Lawson and Hanson, "Solving Least Squares Problems", 1974,
// chapter 23, algorithm NNLS), on the normal equations, which are small.
import { Bug } from '../../base/errors.ts'

/** @param rows of A, each with as many columns */
export function nonNegativeLeastSquares(rows: readonly (readonly number[])[], b: readonly number[]): number[] {
  const columns = rows[0]?.length ?? 0
  const norms = Array.from({ length: columns }, (_, j) => Math.hypot(...rows.map((row) => row[j]!)) || 1)
  const scaled = rows.map((row) => row.map((value, j) => value / norms[j]!))
  const square = Array.from({ length: columns }, (_, i) =>
    Array.from({ length: columns }, (_, j) => dot(scaled, i, j) + (i === j ? ridge : 0)),
  )
  const right = Array.from({ length: columns }, (_, j) => scaled.reduce((sum, row, r) => sum + row[j]! * b[r]!, 0))
  return activeSet(square, right).map((value, j) => value / norms[j]!)
}

/** Keeps the equations solvable where two columns say the same; relative to a diagonal of 1. */
const ridge = 1e-9

const dot = (rows: readonly (readonly number[])[], i: number, j: number) =>
  rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0)

function activeSet(square: readonly (readonly number[])[], right: readonly number[]): number[] {
  const size = right.length
  const x = new Array<number>(size).fill(0)
  const passive = new Set<number>()
  const tolerance = 1e-10 * Math.max(1e-30, ...right.map(Math.abs))
  for (let round = 0; round < 10 * (size + 1); round++) {
    const slope = (j: number) => right[j]! - square[j]!.reduce((sum, value, i) => sum + value * x[i]!, 0)
    const next = argmax(size, (j) => (passive.has(j) ? Number.NEGATIVE_INFINITY : slope(j)))
    if (next === null || slope(next) <= tolerance) return x
    passive.add(next)
    settle(square, right, passive, x)
  }
  return x
}

/** Moves to the least squares solution of the passive set; what would turn negative stops at 0 and leaves the set. */
function settle(square: readonly (readonly number[])[], right: readonly number[], passive: Set<number>, x: number[]) {
  for (;;) {
    const members = [...passive]
    const found = solve(
      members.map((i) => members.map((j) => square[i]![j]!)),
      members.map((i) => right[i]!),
    )
    const negative = members.filter((_, k) => found[k]! <= 0)
    if (negative.length === 0) {
      members.forEach((j, k) => {
        x[j] = found[k]!
      })
      return
    }
    const steps = members.map((j, k) => (found[k]! <= 0 ? x[j]! / (x[j]! - found[k]!) : 1))
    const step = Math.min(...steps)
    for (const [k, j] of members.entries()) {
      const stops = found[k]! <= 0 && steps[k]! <= step
      x[j] = stops ? 0 : x[j]! + step * (found[k]! - x[j]!)
      if (stops) passive.delete(j)
    }
  }
}

/** Gaussian elimination with partial pivoting. */
function solve(matrix: number[][], right: number[]): number[] {
  const size = right.length
  for (let at = 0; at < size; at++) {
    const pivot = argmax(size, (row) => (row < at ? -1 : Math.abs(matrix[row]![at]!)))!
    ;[matrix[at], matrix[pivot]] = [matrix[pivot]!, matrix[at]!]
    ;[right[at], right[pivot]] = [right[pivot]!, right[at]!]
    if (matrix[at]![at] === 0) throw new Bug('normal equations with a ridge are singular')
    for (let row = at + 1; row < size; row++) {
      const factor = matrix[row]![at]! / matrix[at]![at]!
      for (let column = at; column < size; column++) matrix[row]![column]! -= factor * matrix[at]![column]!
      right[row]! -= factor * right[at]!
    }
  }
  const x = new Array<number>(size).fill(0)
  for (let at = size - 1; at >= 0; at--)
    x[at] =
      (right[at]! - x.reduce((sum, value, j) => (j > at ? sum + value * matrix[at]![j]! : sum), 0)) / matrix[at]![at]!
  return x
}

function argmax(size: number, value: (i: number) => number): number | null {
  let best: number | null = null
  for (let i = 0; i < size; i++) if (best === null || value(i) > value(best)) best = i
  return best
}
