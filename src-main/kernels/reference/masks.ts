// Which elements survive.
import type { Matrix } from '../kernels.ts'

/** Indices from the largest score to the smallest, NaN last; of equal scores the earlier first. */
export function byScore(scores: ArrayLike<number>, indices: number[]): number[] {
  const rank = (i: number) => (Number.isNaN(scores[i]!) ? -Infinity : scores[i]!)
  const isNumber = (i: number) => (Number.isNaN(scores[i]!) ? 0 : 1)
  return indices.sort((a, b) => {
    const [x, y] = [rank(a), rank(b)]
    if (x !== y) return x > y ? -1 : 1
    return isNumber(b) - isNumber(a) || a - b
  })
}

export function topMask(scores: Float32Array, keep: number): Uint8Array {
  const mask = new Uint8Array(scores.length)
  const order = byScore(
    scores,
    Array.from({ length: scores.length }, (_, i) => i),
  )
  for (const i of order.slice(0, Math.max(0, keep))) mask[i] = 1
  return mask
}

export function nmMask({ rows, columns, data }: Matrix, n: number, m: number): Uint8Array {
  const mask = new Uint8Array(rows * columns)
  for (let r = 0; r < rows; r++)
    for (let from = 0; from < columns; from += m) {
      const indices = Array.from({ length: Math.min(m, columns - from) }, (_, i) => r * columns + from + i)
      for (const i of byScore(data, indices).slice(0, n)) mask[i] = 1
    }
  return mask
}
