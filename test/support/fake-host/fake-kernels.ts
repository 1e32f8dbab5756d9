// Invented calibrations for the settings screen. Nothing was measured.
import type { KernelChoice, KernelState } from '../../../src-main/contract/kernels.ts'
import { kernelNames, workMeasures } from '../../../src-main/kernels/work.ts'

const cpu = { model: 'Imagined CPU', threads: 8 }

export const uncalibratedKernels: KernelState = {
  cpu,
  gpu: { state: 'unknown', name: null, problem: null },
  measuredAt: null,
  durationMs: null,
  kernels: kernelNames.map((kernel) => ({ kernel, unit: workMeasures[kernel].unit, gpuFrom: null, sizes: [] })),
}

/** Every third kernel never goes to the GPU, every third one left a size out. */
export const calibratedKernels: KernelState = {
  cpu,
  gpu: { state: 'hardware', name: 'Imagined GPU 4000', problem: null },
  measuredAt: '2026-11-22T08:00:00.000Z',
  durationMs: 2140,
  kernels: kernelNames.map((kernel, i): KernelChoice => {
    const isNever = i % 3 === 0
    return {
      kernel,
      unit: workMeasures[kernel].unit,
      gpuFrom: isNever ? null : 120_000 * (i + 1),
      sizes: [
        { label: '16 Ki', cpuMs: 0.21 + i / 10, gpuMs: 0.83, auto: 'cpu' },
        { label: '1 Mi', cpuMs: 11.4 + i, gpuMs: isNever ? null : 2.31, auto: isNever ? 'cpu' : 'gpu' },
      ],
    }
  }),
}
