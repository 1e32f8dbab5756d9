// Checks of the kernels for the command line: the case list over every backend of this machine, and a table of times.
import type { Clock } from '../base/clock.ts'
import { timeOf } from '../kernels/calibration.ts'
import type { KernelCase } from '../kernels/cases/kernel-case.ts'
import type { BackendName, Kernels } from '../kernels/kernels.ts'
import { openKernels } from '../kernels/open.ts'
import { probes } from '../kernels/probes.ts'
import { kernelNames } from '../kernels/work.ts'
import { findGpu } from './kernels.ts'

export interface OpenBackends extends AsyncDisposable {
  readonly kernels: readonly Kernels[]
  /** Of the GPU; null without one. */
  readonly adapter: { readonly name: string; readonly software: boolean } | null
  /** Why there is no GPU; null when there is one or none was asked for. */
  readonly problem: string | null
}

/** @param asked those that must be there; null: all that this machine has */
export async function openBackends(asked: readonly BackendName[] | null): Promise<OpenBackends> {
  const names: readonly BackendName[] = asked ?? ['reference', 'cpu', 'gpu']
  const found = names.includes('gpu') ? await findGpu() : null
  if (asked && found?.error) throw found.error
  const plain = names.filter((name) => name !== 'gpu')
  const kernels = [...(await Promise.all(plain.map((name) => openKernels(name)))), ...(found?.gpu ? [found.gpu] : [])]
  return {
    kernels,
    adapter: found?.gpu?.adapter ?? null,
    problem: found?.problem ?? null,
    async [Symbol.asyncDispose]() {
      for (const each of kernels) await each[Symbol.asyncDispose]()
    },
  }
}

export interface KernelTestRow {
  readonly kernel: string
  readonly backend: BackendName
  readonly passed: number
  readonly failed: number
  /** Largest difference from the reference over the largest magnitude of a result; null for the reference itself. */
  readonly deviation: number | null
  readonly problems: readonly string[]
}

export interface CheckEvents {
  readonly signal: AbortSignal
  progress(note: string, done: number, total: number): void
}

/** Every case on every backend. */
export async function testKernels(backends: readonly Kernels[], events: CheckEvents): Promise<KernelTestRow[]> {
  const rows: KernelTestRow[] = []
  const total = kernelNames.length * backends.length
  // Their data are made when the module is read, which takes longer than the start of everything else.
  const { kernelCases } = await import('../kernels/cases/kernel-cases.ts')
  for (const kernel of kernelNames)
    for (const kernels of backends) {
      events.progress(`${kernel} on ${kernels.backend}`, rows.length, total)
      const cases = kernelCases.filter((one) => one.kernel === kernel)
      rows.push(await testKernel(kernel, kernels, cases, events.signal))
    }
  return rows
}

async function testKernel(
  kernel: string,
  kernels: Kernels,
  cases: readonly KernelCase[],
  signal: AbortSignal,
): Promise<KernelTestRow> {
  const problems: string[] = []
  let [passed, failed, deviation] = [0, 0, kernels.backend === 'reference' ? null : 0]
  for (const each of cases) {
    signal.throwIfAborted()
    const outcome = await each.compare(kernels)
    if (outcome.problems.length === 0) passed++
    else failed++
    problems.push(...outcome.problems.map((problem) => `${each.name}: ${problem}`))
    if (deviation !== null) deviation = Math.max(deviation, outcome.deviation ?? 0)
  }
  return { kernel, backend: kernels.backend, passed, failed, deviation, problems }
}

export interface KernelTime {
  readonly kernel: string
  readonly size: string
  readonly rate: 'GB/s' | 'GFLOP/s'
  readonly times: readonly {
    readonly backend: BackendName
    /** null: left out, because the smaller size was slow already. */
    readonly ms: number | null
    /** In `rate`. */
    readonly perSecond: number | null
  }[]
}

/** A size that is expected to last longer is left out. */
const longestMs = 8000

/** The sizes of the calibration on every backend: the better of two runs after one to warm up. */
export async function timeKernels(
  backends: readonly Kernels[],
  clock: Clock,
  events: CheckEvents,
): Promise<KernelTime[]> {
  const rows: KernelTime[] = []
  for (const [i, { kernel, rate, sizes }] of probes.entries()) {
    const costs = new Map<BackendName, number>()
    for (const size of sizes()) {
      const times: KernelTime['times'][number][] = []
      for (const kernels of backends) {
        events.signal.throwIfAborted()
        events.progress(`${kernel} ${size.label} on ${kernels.backend}`, i, probes.length)
        const isHopeless = (costs.get(kernels.backend) ?? 0) * size.work > longestMs
        const ms = isHopeless
          ? null
          : await timeOf(
              () => size.run(kernels),
              () => clock.monotonicMs(),
            )
        if (ms !== null) costs.set(kernels.backend, ms / size.work)
        times.push({ backend: kernels.backend, ms, perSecond: ms === null ? null : size.amount / ms / 1e6 })
      }
      rows.push({ kernel, size: size.label, rate, times })
    }
  }
  return rows
}
