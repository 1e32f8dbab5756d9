import { type Clock, systemClock } from '../../src-main/base/clock.ts'

/** The system's clock with waits `factor` times shorter, so that lost frames do not make a test slow. */
export function quickClock(factor: number): Clock {
  return { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / factor, signal) }
}
