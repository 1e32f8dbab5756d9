// The kernels on the GPU. The device is opened at once, so that its absence is known at once; shaders are compiled when they
// are first used.
import type { Kernels } from '../kernels.ts'
import type { Gpu } from './call.ts'
import { kmeans } from './clusters.ts'
import { type GpuAdapter, openDevice } from './device.ts'
import { cholesky, inverseFactor, solve } from './factors.ts'
import { nmMask, topMask } from './masks.ts'
import { createPool } from './pool.ts'
import { gram, multiply, patches, patchGram } from './products.ts'
import { optimizeRounding } from './rounding.ts'
import { searchScales } from './scales.ts'
import { dequantize, histogram, quantize, rowStatistics } from './statistics.ts'
import { gptq, obsPrune } from './updates.ts'

export interface GpuKernels extends Kernels {
  readonly adapter: GpuAdapter
}

/** Fails with kernel.noGpu when this machine has no adapter. Dispose of it: Dawn keeps the process alive. */
export async function openGpuKernels(signal: AbortSignal | null = null): Promise<GpuKernels> {
  const hold = await openDevice()
  const pool = createPool(hold.device)
  const gpu: Gpu = { hold, pool, pipelines: new Map(), signal, turn: Promise.resolve() }
  return {
    backend: 'gpu',
    adapter: hold.adapter,
    rowStatistics: (x) => rowStatistics(gpu, x),
    histogram: (x, options) => histogram(gpu, x, options),
    searchScales: (x, search) => searchScales(gpu, x, search),
    quantize: (x, grids, limits) => quantize(gpu, x, grids, limits),
    dequantize: (q, shape, grids) => dequantize(gpu, q, shape, grids),
    kmeans: (x, weights, options) => kmeans(gpu, x, weights, options),
    topMask: (scores, keep) => topMask(gpu, scores, keep),
    nmMask: (scores, n, m) => nmMask(gpu, scores, n, m),
    patches: (x, shape, positions) => patches(gpu, x, shape, positions),
    gram: (x, sum) => gram(gpu, x, sum),
    patchGram: (x, shape, groups, positions, sum) => patchGram(gpu, x, shape, groups, positions, sum),
    multiply: (x, y) => multiply(gpu, x, y),
    cholesky: (a, damping) => cholesky(gpu, a, damping),
    solve: (lower, b) => solve(gpu, lower, b),
    inverseFactor: (a, damping) => inverseFactor(gpu, a, damping),
    gptq: (w, factor, options) => gptq(gpu, w, factor, options),
    obsPrune: (w, factor, options) => obsPrune(gpu, w, factor, options),
    optimizeRounding: (w, own, options) => optimizeRounding(gpu, w, own, options),
    async [Symbol.asyncDispose]() {
      await gpu.turn
      gpu.pipelines.clear()
      pool[Symbol.dispose]()
      hold[Symbol.dispose]()
    },
  }
}
