// Opens a set of kernels.
import type { BackendName, Kernels } from './kernels.ts'
import { referenceKernels } from './reference/kernels.ts'

export interface KernelOptions {
  /** Threads of the CPU backend, the caller's among them; by default as many as the machine runs at once. */
  readonly threads?: number
  /** Kernels that begin after it is aborted fail with its reason. */
  readonly signal?: AbortSignal
}

export async function openKernels(
  _backend: BackendName | 'auto' = 'auto',
  { signal }: KernelOptions = {},
): Promise<Kernels> {
  signal?.throwIfAborted()
  return referenceKernels
}
