// The progress of jobs under way, kept in the browser's storage of this window, so that leaving a screen and coming back, or
// loading the page again, shows a job's past.
import { z } from 'zod'
import type { JobId } from '../../src-main/contract/ids.ts'
import type { ProgressPoint } from './job-progress.ts'

const storageKey = 'shoehorn.jobTraces'
const keptJobs = 4
/** A curve needs no more points than pixels. */
const mostPoints = 300

const stored = z.array(z.tuple([z.string(), z.array(z.tuple([z.number(), z.number(), z.number()]))]))

function all(): z.infer<typeof stored> {
  try {
    return stored.parse(JSON.parse(globalThis.sessionStorage?.getItem(storageKey) ?? '[]'))
  } catch {
    // Written by another version, or storage is not allowed: then the curve begins now.
    return []
  }
}

export function traceOf(job: JobId): ProgressPoint[] {
  const found = all().find(([id]) => id === job)
  return (found?.[1] ?? []).map(([atMs, stage, fraction]) => ({ atMs, stage, fraction }))
}

export function keepTrace(job: JobId, points: readonly ProgressPoint[]): void {
  const row = points.map(({ atMs, stage, fraction }) => [Math.round(atMs), stage, fraction])
  const others = all().filter(([id]) => id !== job)
  try {
    globalThis.sessionStorage?.setItem(storageKey, JSON.stringify([[job, row], ...others].slice(0, keptJobs)))
  } catch {
    // Storage is full or not allowed; only the past of a curve is lost.
  }
}

/** Half of the points once there are too many; the beginning of each stage stays, since its time is read from it. */
export function thinned(points: readonly ProgressPoint[]): readonly ProgressPoint[] {
  if (points.length <= mostPoints) return points
  return points.filter(
    ({ stage }, index) => index % 2 === 0 || index === points.length - 1 || points[index - 1]?.stage !== stage,
  )
}
