// One-dimensional k-means. The exact programme is a chain of dependent steps over sorted values: it stays on the host, as does
// sorting. Lloyd's steps and the assignment run on the GPU.
import type { Clusters } from '../kernels.ts'
import { type ClusterOptions, quantiles, kmeans as referenceKmeans } from '../reference/clusters.ts'
import { type Gpu, type Program, withCall } from './call.ts'
import { linearGroups } from './split.ts'
import { assign as assignWgsl, lloydStep } from './wgsl/clusters.ts'

const lloydProgram: Program = { name: 'lloydStep', wgsl: lloydStep }
const assignProgram: Program = { name: 'assign', wgsl: assignWgsl }

interface Distinct {
  /** Ascending. */
  readonly values: Float32Array
  readonly mass: Float32Array
}

export async function kmeans(
  gpu: Gpu,
  x: Float32Array,
  weights: Float32Array | null,
  options: ClusterOptions,
): Promise<Clusters> {
  const distinct = distinctValues(x, weights)
  if (options.k * distinct.values.length <= options.exactLimit || x.some(Number.isNaN))
    return referenceKmeans(x, weights, options)
  const fixed = [...new Set(options.fixed.map((value) => Math.fround(value) + 0))].sort((a, b) => a - b)
  const free = Math.max(0, Math.min(options.k - fixed.length, distinct.values.length))
  const found = await lloyd(gpu, distinct, free, fixed, options.iterations)
  const centroids = Float32Array.from(new Set([...found, ...fixed])).sort()
  const assignment = await assign(gpu, x, centroids)
  return { centroids, assignment, error: errorOf(x, weights, centroids, assignment) }
}

function distinctValues(x: Float32Array, weights: Float32Array | null): Distinct {
  const order = sortedOrder(x)
  const values = new Float32Array(x.length)
  const mass = new Float64Array(x.length)
  let count = 0
  for (const i of order) {
    const value = x[i]! + 0
    if (count === 0 || values[count - 1] !== value) values[count++] = value
    mass[count - 1]! += weights?.[i] ?? 1
  }
  return { values: values.subarray(0, count), mass: Float32Array.from(mass.subarray(0, count)) }
}

const digits = 2 ** 16

/** Indices of ascending values: two passes of a counting sort over keys whose order is that of the floats. */
function sortedOrder(x: Float32Array): Uint32Array {
  const bits = new Uint32Array(x.slice().buffer)
  const keys = bits.map((word) => (word >>> 31 ? ~word : word | 0x80000000))
  let order = Uint32Array.from({ length: x.length }, (_, i) => i)
  for (const shift of [0, 16]) {
    const starts = new Uint32Array(digits + 1)
    for (const key of keys) starts[((key >>> shift) & 0xffff) + 1]!++
    for (let d = 0; d < digits; d++) starts[d + 1]! += starts[d]!
    const next = new Uint32Array(x.length)
    for (const i of order) next[starts[(keys[i]! >>> shift) & 0xffff]!++] = i
    order = next
  }
  return order
}

/** Centroids that are free, ascending, as float32. */
async function lloyd(gpu: Gpu, { values, mass }: Distinct, free: number, fixed: readonly number[], iterations: number) {
  const weight = new Float64Array(values.length + 1)
  for (const [i, own] of mass.entries()) weight[i + 1] = weight[i]! + own
  const none = new Float64Array(0)
  const sorted = { values: Float64Array.from(values), centre: 0, weight, first: none, second: none }
  const isFixed = new Set(fixed)
  const start = [...quantiles(sorted, free).filter((value) => !isFixed.has(value)), ...fixed].sort((a, b) => a - b)
  const pairs = await withCall(gpu, async (call) => {
    const count = start.length
    const inputs = [call.input(values), call.input(mass)]
    const flags = call.input(Uint32Array.from(start, (value) => (isFixed.has(value) ? 1 : 0)))
    let old = call.input(Float32Array.from(start.flatMap((value) => [value, 0])))
    let next = call.scratch(2 * count)
    for (let t = 0; t < iterations; t++) {
      call.dispatch(lloydProgram, [...inputs, flags, old, next], [values.length, count], linearGroups(count))
      ;[old, next] = [next, old]
    }
    return call.readFloats(old, 2 * count)
  })
  return start.flatMap((value, i) => (isFixed.has(value) ? [] : [Math.fround(pairs[2 * i]! + pairs[2 * i + 1]!)]))
}

function assign(gpu: Gpu, x: Float32Array, centroids: Float32Array): Promise<Uint16Array> {
  const limits = Float32Array.from(centroids.subarray(1), (centroid, i) => floorFloat((centroids[i]! + centroid) / 2))
  return withCall(gpu, async (call) => {
    const assignment = call.scratch(Math.ceil(x.length / 2))
    const groups = linearGroups(Math.ceil(x.length / 512))
    const params = [x.length, limits.length]
    call.dispatch(assignProgram, [call.input(x), call.input(limits), assignment], params, groups)
    const bytes = await call.readBytes(assignment, x.length * 2)
    return new Uint16Array(bytes.buffer, 0, x.length)
  })
}

/** The largest float32 that is not above `value`: comparing a float32 with it is comparing it with `value`. */
function floorFloat(value: number): number {
  const float = Float32Array.of(value)
  if (float[0]! <= value) return float[0]!
  const bits = new Int32Array(float.buffer)
  bits[0]! += float[0]! > 0 ? -1 : 1
  return float[0]!
}

function errorOf(x: Float32Array, weights: Float32Array | null, centroids: Float32Array, assignment: Uint16Array) {
  let error = 0
  for (let i = 0; i < x.length; i++) error += (weights?.[i] ?? 1) * (x[i]! - (centroids[assignment[i]!] ?? 0)) ** 2
  return error
}
