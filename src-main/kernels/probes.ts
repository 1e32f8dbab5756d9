// Calls whose time says how fast a backend is: two sizes of every kernel, from a seed.
import { seededRandom } from '../base/random.ts'
import type { GridLimits, Kernels, Matrix, PatchShape, RowGrids, SquareStack } from './kernels.ts'
import { type KernelName, workMeasures } from './work.ts'

export interface ProbeSize {
  readonly label: string
  /** By the kernel's measure. */
  readonly work: number
  /** Bytes that are read and written at least, or floating-point operations: what the rate is given in. */
  readonly amount: number
  run(kernels: Kernels): Promise<unknown>
}

export interface Probe {
  readonly kernel: KernelName
  readonly rate: 'GB/s' | 'GFLOP/s'
  /** Ascending. */
  sizes(): ProbeSize[]
}

const limits: GridLimits = { min: -127, max: 127, symmetric: true, powerOfTwo: false }

function normals(count: number): Float32Array {
  const random = seededRandom(count)
  return Float32Array.from({ length: count }, () => random.normal())
}

const matrix = (rows: number, columns: number): Matrix => ({ rows, columns, data: normals(rows * columns) })

const grids = (rows: number): RowGrids => ({
  scale: new Float32Array(rows).fill(0.03),
  zeroPoint: new Int32Array(rows),
})

/** Positive definite: a strong diagonal. */
function definite(size: number): SquareStack {
  const data = normals(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) data[i * size + j] = data[j * size + i]!
    data[i * size + i] = 4 * size
  }
  return { groups: 1, size, data }
}

/** Identity with some noise above its diagonal: what GPTQ takes as factor. */
function upper(size: number): SquareStack {
  const data = normals(size * size).map((value) => value / size)
  for (let i = 0; i < size; i++) {
    data.fill(0, i * size, i * size + i)
    data[i * size + i] = 1
  }
  return { groups: 1, size, data }
}

const lowerOf = ({ groups, size, data }: SquareStack): SquareStack => ({
  groups,
  size,
  data: data.map((_, i) => data[(i % size) * size + Math.floor(i / size)]!),
})

function image(channels: number, edge: number): { x: Float32Array; shape: PatchShape } {
  const shape: PatchShape = {
    ...{ batch: 1, channels, height: edge, width: edge },
    kernel: [3, 3],
    strides: [1, 1],
    dilations: [1, 1],
    pads: [1, 1, 1, 1],
  }
  return { x: normals(channels * edge * edge), shape }
}

const elementsLabel = (count: number) => (count >= 2 ** 20 ? `${count / 2 ** 20} Mi` : `${count / 1024} Ki`)

/** A probe over a number of elements. `bytes`: read and written for each. */
function overElements<K extends KernelName>(
  kernel: K,
  bytes: number,
  counts: readonly number[],
  prepare: (count: number) => { readonly args: Parameters<Kernels[K]>; run(kernels: Kernels): Promise<unknown> },
): Probe {
  return {
    kernel,
    rate: 'GB/s',
    sizes: () =>
      counts.map((count) => {
        const { args, run } = prepare(count)
        const work = workMeasures[kernel].of(...args)
        return { label: elementsLabel(count), work, amount: bytes * count, run }
      }),
  }
}

/** A probe whose rate is two operations for each unit of work. */
function overProducts<K extends KernelName>(
  kernel: K,
  sizes: readonly number[],
  prepare: (size: number) => {
    readonly label: string
    readonly args: Parameters<Kernels[K]>
    run(kernels: Kernels): Promise<unknown>
  },
): Probe {
  return {
    kernel,
    rate: 'GFLOP/s',
    sizes: () =>
      sizes.map((size) => {
        const { label, args, run } = prepare(size)
        const work = workMeasures[kernel].of(...args)
        return { label, work, amount: 2 * work, run }
      }),
  }
}

const elementCounts = [2 ** 14, 2 ** 20]
const rowsOf = (count: number) => Math.max(1, count / 1024)

export const probes: readonly Probe[] = [
  overElements('rowStatistics', 4, elementCounts, (count) => {
    const x = matrix(rowsOf(count), 1024)
    return { args: [x], run: (k) => k.rowStatistics(x) }
  }),
  overElements('histogram', 4, elementCounts, (count) => {
    const [x, options] = [normals(count), { low: -4, high: 4, bins: 2048 }] as const
    return { args: [x, options], run: (k) => k.histogram(x, options) }
  }),
  overElements('searchScales', 4, [2 ** 12, 2 ** 17], (count) => {
    const x = matrix(rowsOf(count), 1024)
    const search = { ...limits, metric: { kind: 'mse' }, candidates: 64, shrinkTo: 0.3, columnWeights: null } as const
    return { args: [x, search], run: (k) => k.searchScales(x, search) }
  }),
  overElements('quantize', 8, elementCounts, (count) => {
    const [x, own] = [matrix(rowsOf(count), 1024), grids(rowsOf(count))]
    return { args: [x, own, limits], run: (k) => k.quantize(x, own, limits) }
  }),
  overElements('dequantize', 8, elementCounts, (count) => {
    const q = { integers: Int32Array.from({ length: count }, (_, i) => (i % 255) - 127) }
    const [shape, own] = [{ rows: rowsOf(count), columns: 1024 }, grids(rowsOf(count))]
    return { args: [q, shape, own], run: (k) => k.dequantize(q, shape, own) }
  }),
  overElements('kmeans', 6, [2 ** 13, 2 ** 17], (count) => {
    const [x, options] = [normals(count), { k: 16, exactLimit: 0, iterations: 20, fixed: [] }] as const
    return { args: [x, null, options], run: (k) => k.kmeans(x, null, options) }
  }),
  overElements('topMask', 5, elementCounts, (count) => {
    const x = normals(count)
    return { args: [x, count / 2], run: (k) => k.topMask(x, count / 2) }
  }),
  overElements('nmMask', 5, elementCounts, (count) => {
    const x = matrix(rowsOf(count), 1024)
    return { args: [x, 2, 4], run: (k) => k.nmMask(x, 2, 4) }
  }),
  overElements('patches', 4, [9 * 2 ** 12, 9 * 2 ** 17], (count) => {
    const { x, shape } = image(count / 9 / 1024, 32)
    return { args: [x, shape, null], run: (k) => k.patches(x, shape, null) }
  }),
  overProducts('gram', [64, 256], (size) => {
    const x = matrix(2 * size, size)
    return { label: `${2 * size} x ${size}`, args: [x, null], run: (k) => k.gram(x, null) }
  }),
  overProducts('patchGram', [4, 24], (channels) => {
    const { x, shape } = image(channels, 24)
    const label = `${channels} channels, 3 x 3`
    return { label, args: [x, shape, 1, null, null], run: (k) => k.patchGram(x, shape, 1, null, null) }
  }),
  overProducts('multiply', [64, 384], (size) => {
    const [x, y] = [matrix(size, size), matrix(size, size)]
    return { label: `${size} x ${size}`, args: [x, y], run: (k) => k.multiply(x, y) }
  }),
  overProducts('cholesky', [64, 384], (size) => {
    const a = definite(size)
    return { label: `${size} x ${size}`, args: [a, 0.01], run: (k) => k.cholesky(a, 0.01) }
  }),
  overProducts('solve', [64, 256], (size) => {
    const [lower, b] = [lowerOf(upper(size)), matrix(size, size)]
    return { label: `${size} x ${size}`, args: [lower, b], run: (k) => k.solve(lower, b) }
  }),
  overProducts('inverseFactor', [64, 384], (size) => {
    const a = definite(size)
    return { label: `${size} x ${size}`, args: [a, 0.01], run: (k) => k.inverseFactor(a, 0.01) }
  }),
  overProducts('gptq', [64, 256], (size) => {
    const [w, factor] = [matrix(size, size), upper(size)]
    const options = { ...limits, grids: grids(size), gridColumns: size, blockSize: 128, keepZeros: false }
    return { label: `${size} x ${size}`, args: [w, factor, options], run: (k) => k.gptq(w, factor, options) }
  }),
  overProducts('obsPrune', [64, 256], (size) => {
    const [w, factor] = [matrix(size, size), upper(size)]
    const options = { sparsity: { kind: 'share', zeros: 0.5 }, blockSize: 128 } as const
    return { label: `${size} x ${size}`, args: [w, factor, options], run: (k) => k.obsPrune(w, factor, options) }
  }),
  overProducts('optimizeRounding', [32, 128], (size) => {
    const [w, gram] = [matrix(size, size), { ...definite(size), samples: 64 }]
    const options = {
      ...limits,
      ...{ grids: grids(size), iterations: 16, learningRate: 0.01, regularization: 0.01, warmup: 0.2 },
      ...{ beta: [20, 2] as const, keepZeros: false },
    }
    const label = `${size} x ${size}, 16 iterations`
    return { label, args: [w, gram, options], run: (k) => k.optimizeRounding(w, gram, options) }
  }),
]
