// The kernels in plain TypeScript: slow and obvious. What the other backends are compared with.
import type { Kernels } from '../kernels.ts'
import { cholesky, gram, inverseFactor, multiply, patchGram, solve } from './algebra.ts'
import { kmeans } from './clusters.ts'
import { gptq } from './gptq.ts'
import { dequantize, quantize } from './grids.ts'
import { nmMask, topMask } from './masks.ts'
import { obsPrune } from './obs.ts'
import { patches } from './patches.ts'
import { optimizeRounding } from './rounding.ts'
import { searchScales } from './scales.ts'
import { histogram, rowStatistics } from './statistics.ts'

export const referenceKernels: Kernels = {
  backend: 'reference',
  rowStatistics: async (x) => rowStatistics(x),
  histogram: async (x, options) => histogram(x, options),
  searchScales: async (x, search) => searchScales(x, search),
  quantize: async (x, grids, limits) => quantize(x, grids, limits),
  dequantize: async (q, shape, grids) => dequantize(q, shape, grids),
  kmeans: async (x, weights, options) => kmeans(x, weights, options),
  topMask: async (scores, keep) => topMask(scores, keep),
  nmMask: async (scores, n, m) => nmMask(scores, n, m),
  patches: async (x, shape, positions) => patches(x, shape, positions),
  gram: async (x, sum) => gram(x, sum),
  patchGram: async (x, shape, groups, positions, sum) => patchGram(x, shape, groups, positions, sum),
  multiply: async (x, y) => multiply(x, y),
  cholesky: async (a, damping) => cholesky(a, damping),
  solve: async (lower, b) => solve(lower, b),
  inverseFactor: async (a, damping) => inverseFactor(a, damping),
  gptq: async (w, factor, options) => gptq(w, factor, options),
  obsPrune: async (w, factor, options) => obsPrune(w, factor, options),
  optimizeRounding: async (w, gram, options) => optimizeRounding(w, gram, options),
  [Symbol.asyncDispose]: async () => {},
}
