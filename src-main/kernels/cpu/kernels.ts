// The kernels as C in WebAssembly (resources/kernels), over threads.
import { availableParallelism } from 'node:os'
import type { Kernels } from '../kernels.ts'
import * as elementwise from './elementwise.ts'
import { Pool } from './pool.ts'
import * as products from './products.ts'
import * as updates from './updates.ts'

export interface CpuOptions {
  /** By default as many as the machine runs at once. */
  readonly threads?: number
  readonly signal?: AbortSignal
}

export function cpuKernels({ threads = availableParallelism(), signal }: CpuOptions = {}): Kernels {
  const pool = new Pool(Math.max(1, threads), signal)
  return {
    backend: 'cpu',
    rowStatistics: (x) => elementwise.rowStatistics(pool, x),
    histogram: (x, options) => elementwise.histogram(pool, x, options),
    searchScales: (x, search) => elementwise.searchScales(pool, x, search),
    quantize: (x, grids, limits) => elementwise.quantize(pool, x, grids, limits),
    dequantize: (q, shape, grids) => elementwise.dequantize(pool, q, shape, grids),
    kmeans: (x, weights, options) => elementwise.kmeans(pool, x, weights, options),
    topMask: (scores, keep) => elementwise.topMask(pool, scores, keep),
    nmMask: (scores, n, m) => elementwise.nmMask(pool, scores, n, m),
    patches: (x, shape, positions) => products.patches(pool, x, shape, positions),
    gram: (x, sum) => products.gram(pool, x, sum),
    patchGram: (x, shape, groups, positions, sum) => products.patchGram(pool, x, shape, groups, positions, sum),
    multiply: (x, y) => products.multiply(pool, x, y),
    cholesky: (a, damping) => products.cholesky(pool, a, damping),
    solve: (lower, b) => products.solve(pool, lower, b),
    inverseFactor: (a, damping) => products.inverseFactor(pool, a, damping),
    gptq: (w, factor, options) => updates.gptq(pool, w, factor, options),
    obsPrune: (w, factor, options) => updates.obsPrune(pool, w, factor, options),
    optimizeRounding: (w, gram, options) => updates.optimizeRounding(pool, w, gram, options),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  }
}
