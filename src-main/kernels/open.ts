// Opens a set of kernels.
import { checkedKernels } from './checked.ts'
import { type CpuOptions, cpuKernels } from './cpu/kernels.ts'
import type { BackendName, Kernels } from './kernels.ts'
import { referenceKernels } from './reference/kernels.ts'

/** `threads` is for the CPU backend; a kernel that begins after `signal` is aborted fails with its reason. */
export type KernelOptions = CpuOptions

export async function openKernels(
  backend: BackendName | 'auto' = 'auto',
  options: KernelOptions = {},
): Promise<Kernels> {
  options.signal?.throwIfAborted()
  return checkedKernels(backend === 'reference' ? referenceKernels : cpuKernels(options))
}
