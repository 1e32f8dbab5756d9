// Weights to codes of a codebook, so that the layer's outputs change least: column after column with the error of each passed
// on to the columns after it (GPTQ, Frantar et al. 2022, algorithm 1, with a codebook in the place of the grid), then the best
// scale of each row, then single codes changed for as long as that lowers the error (coordinate descent).
import type { Matrix, SquareStack } from '../../kernels/kernels.ts'
import { invertMatrix } from '../prune/small-inverse.ts'
import { nearestCode } from './codebook.ts'

export interface CodedLayer {
  readonly integers: Int8Array
  /** One for each row. */
  readonly scales: Float32Array
}

export interface AssignInput {
  readonly w: Matrix
  readonly codes: Int8Array
  readonly scales: Float32Array
  /** Exact zeros stay zero; 0 is one of the codes then. */
  readonly keepZeros: boolean
}

export function assignNearest({ w, codes, scales, keepZeros }: AssignInput): CodedLayer {
  const integers = Int8Array.from(w.data, (value, i) =>
    keepZeros && value === 0 ? 0 : codes[nearestCode(codes, value / scales[Math.floor(i / w.columns)]!)]!,
  )
  return { integers, scales }
}

/** Least squares over each row, the columns weighted; rows of zeros keep their scale. */
export function fitScales({ w, scales }: AssignInput, integers: Int8Array, costs: (row: number) => ArrayLike<number>) {
  return scales.map((old, r) => {
    const cost = costs(r)
    let [up, down] = [0, 0]
    for (let j = 0; j < w.columns; j++) {
      const code = integers[r * w.columns + j]!
      up += cost[j]! * w.data[r * w.columns + j]! * code
      down += cost[j]! * code * code
    }
    return down > 0 && up > 0 ? up / down : old
  })
}

/** @param factor `inverseFactor` of the damped Gram matrix */
export function assignCompensated(input: AssignInput, factor: SquareStack): CodedLayer {
  const { w, codes, scales, keepZeros } = input
  const { size, groups, data: upper } = factor
  const integers = new Int8Array(w.data.length)
  const row = new Float64Array(size)
  for (let r = 0; r < w.rows; r++) {
    const from = r * size
    const base = Math.floor((r * groups) / w.rows) * size * size
    for (let j = 0; j < size; j++) row[j] = w.data[from + j]!
    for (let j = 0; j < size; j++) {
      const at = base + j * size
      const isZero = keepZeros && w.data[from + j] === 0
      const code = isZero ? 0 : codes[nearestCode(codes, row[j]! / scales[r]!)]!
      integers[from + j] = code
      const error = (row[j]! - code * scales[r]!) / upper[at + j]!
      if (error !== 0) for (let i = j + 1; i < size; i++) row[i]! -= error * upper[at + i]!
    }
  }
  return { integers, scales }
}

/** Best scale of each row for given integers: (w H q) / (q H q). */
export function scalesByOutput({ w, scales }: AssignInput, integers: Int8Array, hessian: SquareStack): Float32Array {
  const { size, groups, data } = hessian
  return scales.map((old, r) => {
    const base = Math.floor((r * groups) / w.rows) * size * size
    let [up, down] = [0, 0]
    for (let i = 0; i < size; i++) {
      const code = integers[r * size + i]!
      if (code === 0) continue
      for (let j = 0; j < size; j++) {
        const h = code * data[base + i * size + j]!
        up += h * w.data[r * size + j]!
        down += h * integers[r * size + j]!
      }
    }
    return down > 0 && up > 0 ? up / down : old
  })
}

/** Changes integers in place, one coordinate after the other; gives the number of changes. */
export function improveCodes(
  input: AssignInput,
  integers: Int8Array,
  scales: Float32Array,
  hessian: SquareStack,
): number {
  const { w, codes, keepZeros } = input
  const { size, groups, data } = hessian
  const gradient = new Float64Array(size)
  let changes = 0
  for (let r = 0; r < w.rows; r++) {
    const from = r * size
    const base = Math.floor((r * groups) / w.rows) * size * size
    const scale = scales[r]!
    gradient.fill(0)
    for (let i = 0; i < size; i++) {
      const off = w.data[from + i]! - scale * integers[from + i]!
      for (let j = 0; j < size; j++) gradient[j]! += off * data[base + i * size + j]!
    }
    for (let j = 0; j < size; j++) {
      const old = integers[from + j]!
      if (keepZeros && w.data[from + j] === 0) continue
      const wanted = scale * old + gradient[j]! / data[base + j * size + j]!
      const code = codes[nearestCode(codes, wanted / scale)]!
      if (code === old) continue
      integers[from + j] = code
      changes++
      const step = scale * (code - old)
      for (let i = 0; i < size; i++) gradient[i]! -= step * data[base + j * size + i]!
    }
  }
  return changes
}

/**
 * Codes that fit the integers' places best: least squares over all rows, sum of s² q H qᵀ - 2 s w H qᵀ, which is a small
 * system with one unknown for each code. The largest is brought to 127, and the scales follow. A code that must stay 0 does.
 */
export function refitCodes(input: AssignInput, coded: CodedLayer, hessian: SquareStack): AssignInput & CodedLayer {
  const { codes, keepZeros } = input
  const free = [...codes.keys()].filter((k) => !(keepZeros && codes[k] === 0))
  const solved = solveCodes(input, coded, hessian, free)
  const largest = solved.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  if (!(largest > 0) || !Number.isFinite(largest)) return { ...input, ...coded }
  const fitted = Array.from(codes, (_, k) => {
    const at = free.indexOf(k)
    return at < 0 ? 0 : Math.round((solved[at]! / largest) * 127) + 0
  })
  const scales = coded.scales.map((scale) => (scale * largest) / 127)
  const index = new Map([...codes].map((code, k) => [code, k]))
  const integers = coded.integers.map((code) => fitted[index.get(code)!]!)
  const ascending = Int8Array.from([...new Set(fitted)].sort((a, b) => a - b))
  return { ...input, codes: ascending, scales, integers }
}

function solveCodes(
  { w, codes }: AssignInput,
  { integers, scales }: CodedLayer,
  { size, groups, data }: SquareStack,
  free: readonly number[],
): Float64Array {
  const n = codes.length
  const [matrix, right] = [new Float64Array(n * n), new Float64Array(n)]
  const index = new Map([...codes].map((code, k) => [code, k]))
  for (let r = 0; r < w.rows; r++) {
    const base = Math.floor((r * groups) / w.rows) * size * size
    const [scale, from] = [scales[r]!, r * size]
    const places = Array.from({ length: size }, (_, i) => index.get(integers[from + i]!)!)
    for (let i = 0; i < size; i++) {
      const row = places[i]! * n
      let pull = 0
      for (let j = 0; j < size; j++) {
        const h = data[base + i * size + j]!
        matrix[row + places[j]!]! += scale * scale * h
        pull += h * w.data[from + j]!
      }
      right[places[i]!]! += scale * pull
    }
  }
  return solveSymmetric(matrix, right, n, free, codes)
}

/** The unknowns `free` of A x = b, those that no weight has at their old value. */
function solveSymmetric(
  matrix: Float64Array,
  right: Float64Array,
  n: number,
  free: readonly number[],
  old: Int8Array,
): Float64Array {
  const m = free.length
  const part = new Float64Array(m * m)
  const target = new Float64Array(m)
  for (const [i, a] of free.entries()) {
    const used = matrix[a * n + a]! > 0
    target[i] = used ? right[a]! : old[a]!
    for (const [j, b] of free.entries()) part[i * m + j] = used ? matrix[a * n + b]! : i === j ? 1 : 0
  }
  const inverse = invertMatrix(part, m)
  return target.map((_, i) => target.reduce((sum, value, j) => sum + inverse[i * m + j]! * value, 0))
}
