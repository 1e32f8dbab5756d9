// Parts of the calibration samples.
import type { CalibrationData } from './pass.ts'

export function firstSamples(samples: CalibrationData, count: number): CalibrationData {
  if (samples.count <= count) return samples
  return { count, read: (from, size) => samples.read(from, Math.min(size, count - from)) }
}
