// The compression kernels of this machine: what `auto` takes, the calibration it goes by, and checks of every backend.
import { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import type { JobId } from '../contract/ids.ts'
import { type KernelChoice, type KernelState, type KernelTest, kernelTest } from '../contract/kernels.ts'
import {
  type Calibration,
  calibrationPath,
  measureKernels,
  readCalibration,
  thisMachine,
  writeCalibration,
} from '../kernels/calibration.ts'
import { thresholdsOf } from '../kernels/choose.ts'
import { type GpuKernels, openGpuKernels } from '../kernels/gpu/kernels.ts'
import { openKernels } from '../kernels/open.ts'
import { kernelNames, workMeasures } from '../kernels/work.ts'
import { isoNow, type ServiceContext } from './context.ts'
import type { KernelWork } from './kernel-task.ts'

export function kernelsService({ clock, jobs }: Pick<ServiceContext, 'clock' | 'jobs'>, path = calibrationPath()) {
  const tests = new Map<JobId, KernelTest[]>()
  let running: Promise<Calibration> | null = null
  return {
    test(): JobId {
      const id: JobId = jobs.enqueue({
        title: say`Checking the kernels`,
        projectId: null,
        request: { test: 'kernels' },
        input: async (): Promise<KernelWork> => ({ task: 'kernels' }),
        finish: async (rows) => ({ runId: null, commit: () => tests.set(id, z.array(kernelTest).parse(rows)) }),
      })
      return id
    },
    tested(job: JobId): KernelTest[] {
      const rows = tests.get(job)
      if (!rows)
        throw new AppError('store.notFound', { kind: say`test of the kernels`, id: job, plural: 'kernels --help' })
      return rows
    },
    state: (): KernelState => stateOf(readCalibration(path, thisMachine())),
    /** Who asks while one is being made gets the same. */
    async calibrate(signal: AbortSignal = new AbortController().signal): Promise<KernelState> {
      running ??= calibrate(clock, signal).finally(() => {
        running = null
      })
      const made = await running
      writeCalibration(path, made)
      return stateOf(made)
    },
  }
}

async function calibrate(clock: Clock, signal: AbortSignal): Promise<Calibration> {
  const startMs = clock.monotonicMs()
  const found = await findGpu()
  await using cpu = await openKernels('cpu')
  await using gpu = found.gpu
  const measured = gpu?.adapter.software ? null : gpu
  const kernels = await measureKernels({ cpu, gpu: measured, now: () => clock.monotonicMs(), signal })
  return {
    version: 1,
    measuredAt: isoNow(clock),
    machine: thisMachine(),
    adapter: gpu?.adapter ?? null,
    problem: found.problem,
    durationMs: Math.round(clock.monotonicMs() - startMs),
    kernels,
  }
}

export type FoundGpu =
  | { readonly gpu: GpuKernels; readonly problem: null; readonly error: null }
  | { readonly gpu: null; readonly problem: string; readonly error: AppError }

/** The GPU, or the sentence that says why there is none. */
export async function findGpu(): Promise<FoundGpu> {
  try {
    return { gpu: await openGpuKernels(), problem: null, error: null }
  } catch (error) {
    if (error instanceof AppError && error.code === 'kernel.noGpu') return { gpu: null, problem: error.message, error }
    throw error
  }
}

export function stateOf(calibration: Calibration | null): KernelState {
  const { cpu, threads } = thisMachine()
  const thresholds = thresholdsOf(calibration)
  return {
    cpu: { model: cpu, threads },
    gpu: gpuOf(calibration),
    measuredAt: calibration?.measuredAt ?? null,
    durationMs: calibration?.durationMs ?? null,
    kernels: kernelNames.map((kernel): KernelChoice => {
      const from = thresholds.get(kernel) ?? Infinity
      const sizes = (calibration?.kernels[kernel] ?? []).map(
        ({ label, work, cpuMs, gpuMs }): KernelChoice['sizes'][number] => ({
          ...{ label, cpuMs, gpuMs },
          auto: work >= from ? 'gpu' : 'cpu',
        }),
      )
      return { kernel, unit: workMeasures[kernel].unit, gpuFrom: from === Infinity ? null : Math.ceil(from), sizes }
    }),
  }
}

function gpuOf(calibration: Calibration | null): KernelState['gpu'] {
  if (!calibration) return { state: 'unknown', name: null, problem: null }
  const { adapter, problem } = calibration
  if (!adapter) return { state: 'none', name: null, problem }
  return { state: adapter.software ? 'software' : 'hardware', name: adapter.name, problem: null }
}
