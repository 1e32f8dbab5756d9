// What the settings say of the kernels' backends.
import type { KernelChoice, KernelState } from '../../src-main/contract/kernels.ts'
import { formatShort } from '../ui/format.ts'

/** The contract's names, in the words of the field. */
const titles: Readonly<Record<string, string>> = {
  rowStatistics: 'Range and mean of rows',
  histogram: 'Histogram',
  searchScales: 'Search of scales',
  quantize: 'Quantise',
  dequantize: 'Dequantise',
  kmeans: 'k-means',
  topMask: 'Mask of the largest',
  nmMask: 'N:M mask',
  patches: 'im2col',
  gram: 'Gram matrix',
  patchGram: 'Gram matrix of patches',
  multiply: 'Matrix product',
  cholesky: 'Cholesky factor',
  solve: 'Triangular solution',
  inverseFactor: 'Factor of the inverse',
  gptq: 'GPTQ',
  obsPrune: 'OBS pruning',
  optimizeRounding: 'AdaRound',
}

export const kernelTitle = (kernel: string) => titles[kernel] ?? kernel

/** What `auto` does with a kernel. */
export function choiceText({ gpuFrom, unit, sizes }: KernelChoice): string {
  if (sizes.length === 0) return 'CPU, until measured'
  if (gpuFrom === null) return 'always CPU'
  return gpuFrom === 0 ? 'always GPU' : `GPU from ${formatShort(gpuFrom)} ${unit}`
}

export function gpuText({ state, name, problem }: KernelState['gpu']): string {
  switch (state) {
    case 'unknown':
      return 'not looked for yet'
    case 'none':
      return problem ?? 'none found'
    case 'software':
      return `${name}: a driver that computes on the CPU. It is never faster, so it was not measured.`
    case 'hardware':
      return name ?? 'unnamed'
  }
}
