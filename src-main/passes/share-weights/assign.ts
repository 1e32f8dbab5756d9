// Weights to codes of a codebook, so that the layer's outputs change least: column after column with the error of each passed
// on to the columns after it (GPTQ, Frantar et al. 2022, algorithm 1, with a codebook in the place of the grid), then the best
// scale of each row, then single codes changed for as long as that lowers the error (coordinate descent).
import type { Matrix, SquareStack } from '../../kernels/kernels.ts'
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
