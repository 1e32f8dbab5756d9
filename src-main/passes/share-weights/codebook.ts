// Codebooks on the int8 grid. Rows are scaled to unit size first, so that one set of integers serves rows of any size (and
// several layers): weight = row scale * integer of the codebook.
import type { Kernels, Matrix } from '../../kernels/kernels.ts'

export interface Codebook {
  /** Ascending distinct integers within [-127, 127]. */
  readonly codes: Int8Array
  /** Real value, in units of the row's size, of code 1. */
  readonly step: number
}

/** A layer as its part of a codebook's samples. */
export interface CodebookPart {
  readonly w: Matrix
  /** Root mean square of each row (of the whole matrix with one scale for all). */
  readonly rowSizes: Float32Array
  /** What an error of each column costs; row r of the stack is for group r. null: all equal. */
  readonly columnCosts: Float32Array | null
  readonly groups: number
}

export interface CodebookOptions {
  readonly k: number
  /** 0 is one of the entries. */
  readonly keepZero: boolean
}

const largestCode = 127
const exactLimit = 4_000_000
const iterations = 50

export async function fitCodebook(
  kernels: Kernels,
  parts: readonly CodebookPart[],
  { k, keepZero }: CodebookOptions,
): Promise<Codebook> {
  const { values, weights } = samplesOf(parts, keepZero)
  const fixed = keepZero ? [0] : []
  const { centroids } = await kernels.kmeans(values, weights, { k, exactLimit, iterations, fixed })
  const largest = centroids.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1
  const integers = Array.from(centroids, (value) => Math.round((value / largest) * largestCode) + 0)
  return { codes: Int8Array.from([...new Set(integers)].sort((a, b) => a - b)), step: largest / largestCode }
}

/** Every layer counts alike whatever its size: its weights are divided by their energy. */
function samplesOf(parts: readonly CodebookPart[], withoutZeros: boolean) {
  const total = parts.reduce((sum, { w }) => sum + w.data.length, 0)
  const values = new Float32Array(total)
  const weights = new Float32Array(total)
  let at = 0
  for (const { w, rowSizes, columnCosts, groups } of parts) {
    const from = at
    let energy = 0
    for (const [i, value] of w.data.entries()) {
      if (withoutZeros && value === 0) continue
      const row = Math.floor(i / w.columns)
      const group = Math.floor((row * groups) / w.rows)
      const size = rowSizes[row]!
      const cost = (columnCosts?.[group * w.columns + (i % w.columns)] ?? 1) * size * size
      values[at] = value / size
      weights[at] = cost
      energy += cost
      at++
    }
    const mean = energy / Math.max(1, at - from)
    for (let i = from; i < at; i++) weights[i] = mean > 0 ? weights[i]! / mean : 1
  }
  return { values: values.subarray(0, at), weights: weights.subarray(0, at) }
}

/** Index of the code nearest to `value`, in units of code 1; of two as near the lower. */
export function nearestCode(codes: Int8Array, value: number): number {
  let [low, high] = [0, codes.length - 1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (codes[middle]! <= value) low = middle
    else high = middle
  }
  return value - codes[low]! <= codes[high]! - value ? low : high
}
