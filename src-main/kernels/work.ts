// How much there is to do in a call: the size by which a backend is chosen.
import type { Kernels, SquareStack } from './kernels.ts'
import { patchCount } from './reference/patches.ts'

export type KernelName = Exclude<keyof Kernels, 'backend' | typeof Symbol.asyncDispose>

export interface WorkMeasure<K extends KernelName> {
  /** What `of` counts. */
  readonly unit: 'elements' | 'multiply-adds'
  of(...args: Parameters<Kernels[K]>): number
}

const triangle = ({ groups, size }: SquareStack) => (groups * size ** 3) / 6

export const workMeasures: { readonly [K in KernelName]: WorkMeasure<K> } = {
  rowStatistics: { unit: 'elements', of: (x) => x.data.length },
  histogram: { unit: 'elements', of: (x) => x.length },
  searchScales: {
    unit: 'elements',
    of: (x, { candidates, symmetric }) => x.data.length * Math.max(1, candidates) * (symmetric ? 1 : 5),
  },
  quantize: { unit: 'elements', of: (x) => x.data.length },
  dequantize: { unit: 'elements', of: (q) => q.integers.length },
  kmeans: { unit: 'elements', of: (x) => x.length },
  topMask: { unit: 'elements', of: (scores) => scores.length },
  nmMask: { unit: 'elements', of: (scores) => scores.data.length },
  patches: {
    unit: 'elements',
    of: (_x, shape, positions) => patchCount(shape, positions) * shape.channels * shape.kernel[0] * shape.kernel[1],
  },
  gram: { unit: 'multiply-adds', of: (x) => (x.rows * x.columns ** 2) / 2 },
  patchGram: {
    unit: 'multiply-adds',
    of(_x, shape, groups, positions) {
      const columns = shape.channels * shape.kernel[0] * shape.kernel[1]
      return (patchCount(shape, positions) * columns ** 2) / groups / 2
    },
  },
  multiply: { unit: 'multiply-adds', of: (x, y) => x.rows * x.columns * y.columns },
  cholesky: { unit: 'multiply-adds', of: (a) => triangle(a) },
  solve: { unit: 'multiply-adds', of: (lower, b) => b.data.length * lower.size },
  inverseFactor: { unit: 'multiply-adds', of: (a) => 2 * triangle(a) },
  gptq: { unit: 'multiply-adds', of: (w) => (w.data.length * w.columns) / 2 },
  obsPrune: { unit: 'multiply-adds', of: (w) => (w.data.length * w.columns) / 2 },
  optimizeRounding: {
    unit: 'multiply-adds',
    of: (w, _gram, { iterations }) => w.data.length * w.columns * Math.max(1, iterations),
  },
}

export const kernelNames = Object.keys(workMeasures) as readonly KernelName[]
