// One-shot pruning with weight update (SparseGPT, Frantar & Alistarh 2023, algorithm 1).
//
// A weight's score is w² / U[j][j]²: how much the layer's squared error grows when it is removed and the columns after it
// make up for it. For a share of all, the weights of a block of columns (all rows, all groups) compete; what a block prunes
// is rounded so that the sum over all blocks is exact. For n:m, each m columns of a row compete when the first is reached.
import type { Matrix, ObsPruneOptions, SquareStack } from '../kernels.ts'
import { compensate, factorOfRow } from './gptq.ts'
import { byScore } from './masks.ts'

/** Columns of a block: whole groups of m, so that each is scored after all that precedes it. */
export function obsBlock({ sparsity, blockSize }: ObsPruneOptions): number {
  return sparsity.kind === 'n:m' ? Math.ceil(blockSize / sparsity.m) * sparsity.m : blockSize
}

/** How many weights are zero when the columns before `column` are done. */
export const zerosBefore = (rows: number, column: number, share: number) => Math.round(rows * column * share)

export function obsPrune(w: Matrix, factor: SquareStack, options: ObsPruneOptions): Matrix {
  const { rows, columns } = w
  const { sparsity } = options
  const weights = Array.from({ length: rows }, (_, r) =>
    Float64Array.from(w.data.subarray(r * columns, (r + 1) * columns)),
  )
  const keep = new Uint8Array(rows * columns)
  const step = sparsity.kind === 'n:m' ? sparsity.m : options.blockSize
  for (let from = 0; from < columns; from += step) {
    const to = Math.min(columns, from + step)
    choose(weights, factor, options, from, to, keep)
    weights.forEach((row, r) => {
      for (let j = from; j < to; j++)
        if (!keep[r * columns + j]) {
          compensate(row, factorOfRow(factor, rows, r), columns, j, row[j]!)
          row[j] = 0
        }
    })
  }
  const data = new Float32Array(rows * columns)
  weights.forEach((row, r) => {
    data.set(row, r * columns)
  })
  return { rows, columns, data }
}

/** Marks the survivors among the columns [from, to). */
function choose(
  weights: readonly Float64Array[],
  factor: SquareStack,
  { sparsity }: ObsPruneOptions,
  from: number,
  to: number,
  keep: Uint8Array,
) {
  const [rows, columns, width] = [weights.length, factor.size, to - from]
  const scores = weights.map((row, r) => {
    const u = factorOfRow(factor, rows, r)
    return Float32Array.from({ length: width }, (_, i) => {
      const diagonal = u[(from + i) * columns + from + i]!
      return (row[from + i]! / diagonal) ** 2
    })
  })
  const mark = (r: number, i: number) => {
    keep[r * columns + from + i] = 1
  }
  const all = (length: number) => Array.from({ length }, (_, i) => i)
  if (sparsity.kind === 'n:m') {
    scores.forEach((row, r) => {
      for (const i of byScore(row, all(width)).slice(0, sparsity.n)) mark(r, i)
    })
    return
  }
  const zeros = zerosBefore(rows, to, sparsity.zeros) - zerosBefore(rows, from, sparsity.zeros)
  const flat = Float32Array.from(scores.flatMap((row) => [...row]))
  for (const i of byScore(flat, all(flat.length)).slice(0, flat.length - zeros)) mark(Math.floor(i / width), i % width)
}
