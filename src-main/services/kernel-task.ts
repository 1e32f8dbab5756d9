// What a job does to check the kernels: every case on every backend of this machine, which would hold up whoever waits for a host.
import type { KernelTest } from '../contract/kernels.ts'
import { openBackends, testKernels } from './kernel-checks.ts'
import type { Host } from './run/prepare.ts'

export interface KernelWork {
  readonly task: 'kernels'
}

export async function executeKernelTask({ events }: Host): Promise<KernelTest[]> {
  await using backends = await openBackends(null)
  const rows = await testKernels(backends.kernels, {
    signal: events.signal,
    progress: (note, done, total) => events.progress('analyze', done / total, note),
  })
  return rows.map((row) => ({ ...row, problems: [...row.problems] }))
}
