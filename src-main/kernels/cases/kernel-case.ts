// What a case of the kernels is, and how results are compared.
import { seededRandom } from '../../base/random.ts'
import type { Gram, Kernels, Matrix, SquareStack } from '../kernels.ts'
import { referenceKernels } from '../reference/kernels.ts'

export type KernelMethod = Exclude<keyof Kernels, 'backend' | typeof Symbol.asyncDispose>

export interface Comparison {
  readonly problems: readonly string[]
  /** Largest difference from the reference in a float array of the result, over the array's largest magnitude. */
  readonly deviation: number
}

export interface KernelCase {
  readonly name: string
  readonly kernel: KernelMethod
  /** How the result of these kernels stands beside the reference's. */
  compare(kernels: Kernels): Promise<Comparison>
  /** What is wrong with the result of these kernels: empty when it is right. */
  problems(kernels: Kernels): Promise<readonly string[]>
}

/** Empty, or what is wrong. */
export type Verdict = readonly string[]

export interface CaseParts<T> {
  run(kernels: Kernels): Promise<T>
  /** Compared with the reference's result. */
  same(actual: T, expected: T): Verdict
  /** What must hold of the result by itself, found another way than by the reference. */
  holds?(actual: T): Verdict
}

export function kernelCase<T>(kernel: KernelMethod, name: string, parts: CaseParts<T>): KernelCase {
  let expected: Promise<T> | undefined
  async function compare(kernels: Kernels): Promise<Comparison> {
    const actual = await parts.run(kernels)
    const own = parts.holds?.(actual) ?? []
    if (kernels.backend === 'reference') return { problems: own, deviation: 0 }
    expected ??= parts.run(referenceKernels)
    const wanted = await expected
    return { problems: [...own, ...parts.same(actual, wanted)], deviation: deviationOf(actual, wanted) }
  }
  return {
    name: `${kernel}: ${name}`,
    kernel,
    compare,
    problems: async (kernels) => (await compare(kernels)).problems,
  }
}

function deviationOf(actual: unknown, expected: unknown): number {
  if (actual instanceof Float32Array && expected instanceof Float32Array) return arrayDeviation(actual, expected)
  if (typeof actual !== 'object' || !actual || typeof expected !== 'object' || !expected) return 0
  if (ArrayBuffer.isView(actual)) return 0
  const others = new Map(Object.entries(expected))
  return Math.max(0, ...Object.entries(actual).map(([name, value]) => deviationOf(value, others.get(name))))
}

function arrayDeviation(actual: Float32Array, expected: Float32Array): number {
  let most = 0
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!)
    if (difference > most) most = difference
  }
  const scale = largest(expected)
  return most > 0 && scale < Infinity ? most / (scale || 1) : 0
}

// Rules

type Numbers = ArrayLike<number>

export const largest = (values: Numbers) => Array.prototype.reduce.call(values, maxAbs as never, 0) as number
const maxAbs = (most: number, value: number) => Math.max(most, Math.abs(value))

/** Every element within tolerance * the largest magnitude. */
export function close(what: string, actual: Numbers, expected: Numbers, tolerance: number): Verdict {
  if (actual.length !== expected.length) return [`${what}: ${actual.length} elements, expected ${expected.length}`]
  const limit = tolerance * largest(expected)
  for (let i = 0; i < expected.length; i++) {
    if (actual[i] === expected[i]) continue
    const difference = Math.abs(actual[i]! - expected[i]!)
    if (!(difference <= limit)) return [`${what}[${i}]: ${actual[i]}, expected ${expected[i]} within ${limit}`]
  }
  return []
}

export const same = (what: string, actual: Numbers, expected: Numbers): Verdict => {
  if (actual.length !== expected.length) return [`${what}: ${actual.length} elements, expected ${expected.length}`]
  for (let i = 0; i < expected.length; i++)
    if (!Object.is(actual[i]! + 0, expected[i]! + 0)) return [`${what}[${i}]: ${actual[i]}, expected ${expected[i]}`]
  return []
}

export const isTrue = (condition: boolean, problem: string): Verdict => (condition ? [] : [problem])

/** Choices may differ where they cost the same: no more than `tolerance` above the other. */
export const costsNoMore = (
  what: string,
  actual: number,
  expected: number,
  tolerance: number,
  floor = 1e-12,
): Verdict =>
  isTrue(actual <= expected * (1 + tolerance) + floor, `${what} costs ${actual}, the reference's ${expected}`)

// Inputs

export const normals = (count: number, seed: number, spread = 1): Float32Array => {
  const random = seededRandom(seed)
  return Float32Array.from({ length: count }, () => spread * random.normal())
}

export const matrix = (rows: number, columns: number, seed: number, spread = 1): Matrix => ({
  rows,
  columns,
  data: normals(rows * columns, seed, spread),
})

/** Gram matrices of correlated samples, one for each group. */
export function grams(groups: number, size: number, samples: number, seed: number): Gram {
  const data = new Float32Array(groups * size * size)
  for (let g = 0; g < groups; g++) {
    const x = normals(samples * size, seed + g)
    for (let s = 0; s < samples; s++) for (let i = 1; i < size; i++) x[s * size + i]! += 0.7 * x[s * size + i - 1]!
    for (let i = 0; i < size; i++)
      for (let j = 0; j <= i; j++) {
        let sum = 0
        for (let s = 0; s < samples; s++) sum += x[s * size + i]! * x[s * size + j]!
        data[(g * size + i) * size + j] = sum
        data[(g * size + j) * size + i] = sum
      }
  }
  return { groups, size, data, samples }
}

/** Sum over rows of (w - v) H (w - v)ᵀ. */
export function quadraticError(w: Matrix, v: Numbers, h: SquareStack): number {
  const n = w.columns
  let total = 0
  for (let r = 0; r < w.rows; r++) {
    const group = Math.floor(r / (w.rows / h.groups))
    const matrix = h.data.subarray(group * n * n, (group + 1) * n * n)
    const d = Float64Array.from({ length: n }, (_, c) => w.data[r * n + c]! - v[r * n + c]!)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) total += d[i]! * matrix[i * n + j]! * d[j]!
  }
  return total
}
