// What `auto` works with: the CPU kernels alone, or both when the calibration sends some calls to the GPU.
import { calibrationPath, readCalibration, thisMachine } from './calibration.ts'
import { autoKernels, thresholdsOf } from './choose.ts'
import type { Kernels } from './kernels.ts'

/** Owns `cpu`. The GPU is opened by the first call that goes there. */
export function autoOver(cpu: Kernels, openGpu: () => Promise<Kernels>, path = calibrationPath()): Kernels {
  const thresholds = thresholdsOf(readCalibration(path, thisMachine()))
  return thresholds.size === 0 ? cpu : autoKernels({ cpu, openGpu, thresholds })
}
