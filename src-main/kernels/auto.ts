// Opens what `auto` works with: the CPU kernels, and the GPU when the calibration sends some calls there.
import { calibrationPath, readCalibration, thisMachine } from './calibration.ts'
import { autoKernels, thresholdsOf } from './choose.ts'
import { openGpuKernels } from './gpu/kernels.ts'
import type { Kernels } from './kernels.ts'

/** Owns `cpu`. The GPU is opened by the first call that goes there. */
export function autoOver(cpu: Kernels, signal: AbortSignal | null, path = calibrationPath()): Kernels {
  const thresholds = thresholdsOf(readCalibration(path, thisMachine()))
  return thresholds.size === 0 ? cpu : autoKernels({ cpu, openGpu: () => openGpuKernels(signal), thresholds })
}
