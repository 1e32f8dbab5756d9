import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { jobId } from './ids.ts'
import { note } from './note.ts'

const kernelSize = z.object({
  label: z.string(),
  cpuMs: z.number(),
  /** null: left out, because a smaller size was slow already, or there is no GPU, or only a software one. */
  gpuMs: z.number().nullable(),
  /** What `auto` takes at this size. */
  auto: z.enum(['cpu', 'gpu']),
})

export const kernelChoice = z.object({
  kernel: z.string(),
  /** What `gpuFrom` counts. */
  unit: z.enum(['elements', 'multiply-adds']),
  /** Work from which on `auto` takes the GPU; null: never. */
  gpuFrom: z.number().nullable(),
  /** Empty before the first calibration. */
  sizes: z.array(kernelSize),
})
export type KernelChoice = z.infer<typeof kernelChoice>

export const kernelState = z.object({
  cpu: z.object({ model: z.string(), threads: z.number() }),
  /** 'unknown' before the first calibration; 'software': a driver that computes on the CPU. */
  gpu: z.object({
    state: z.enum(['unknown', 'none', 'hardware', 'software']),
    name: z.string().nullable(),
    /** Why there is none, with what would help; null when there is one. */
    problem: note.nullable(),
  }),
  /** Of the calibration; null before the first. */
  measuredAt: z.string().nullable(),
  durationMs: z.number().nullable(),
  kernels: z.array(kernelChoice),
})
export type KernelState = z.infer<typeof kernelState>

export const kernelTest = z.object({
  kernel: z.string(),
  backend: z.enum(['reference', 'cpu', 'gpu']),
  passed: z.number().int(),
  failed: z.number().int(),
  /** Largest difference from the reference over the largest magnitude of a result; null for the reference itself. */
  deviation: z.number().nullable(),
  problems: z.array(z.string()),
})
export type KernelTest = z.infer<typeof kernelTest>

const base = oc.errors(appErrors)

export const kernelsContract = {
  state: base.output(kernelState),
  /** Measures every kernel on this machine, which takes seconds, and remembers it. */
  calibrate: base.output(kernelState),
  /** Every case on every backend of this machine; gives the job to watch. */
  test: base.output(z.object({ job: jobId })),
  /** What came of it, while this host runs. */
  tested: base.input(z.object({ job: jobId })).output(z.array(kernelTest)),
}
