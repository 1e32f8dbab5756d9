// Opens a set of kernels.
import { autoOver } from './auto.ts'
import { checkedKernels } from './checked.ts'
import { type CpuOptions, cpuKernels } from './cpu/kernels.ts'
import { openGpuKernels } from './gpu/kernels.ts'
import type { BackendName, Kernels } from './kernels.ts'
import { referenceKernels } from './reference/kernels.ts'

/** `threads` is for the CPU backend; a kernel that begins after `signal` is aborted fails with its reason. */
export type KernelOptions = CpuOptions

export async function openKernels(
  backend: BackendName | 'auto' = 'auto',
  options: KernelOptions = {},
): Promise<Kernels> {
  options.signal?.throwIfAborted()
  if (backend === 'reference') return checkedKernels(referenceKernels)
  if (backend === 'gpu') return openGpu(options)
  const cpu = checkedKernels(cpuKernels(options))
  return backend === 'cpu' ? cpu : autoOver(cpu, () => openGpu(options))
}

/** Fails with kernel.noGpu when this machine has no adapter. */
async function openGpu({ signal }: KernelOptions): Promise<Kernels> {
  return checkedKernels(await openGpuKernels(signal ?? null))
}
