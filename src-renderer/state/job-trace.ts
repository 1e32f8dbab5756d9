// The progress of jobs under way, kept in the browser's storage of this window, so that leaving a screen and coming back, or
// loading the page again, shows a job's past.
import { z } from 'zod'
import type { JobId } from '../../src-main/contract/ids.ts'
import type { ProgressPoint } from './job-progress.ts'
import { keptList } from './kept-list.ts'

const keptJobs = 4
/** A curve needs no more points than pixels. */
const mostPoints = 300

const point = z.tuple([z.number(), z.number(), z.number()])
/** The curve of a job that is not in it begins now. */
const kept = keptList('sessionStorage', 'shoehorn.jobTraces', z.tuple([z.string(), z.array(point)]), keptJobs)

export function traceOf(job: JobId): ProgressPoint[] {
  const found = kept.all().find(([id]) => id === job)
  return (found?.[1] ?? []).map(([atMs, stage, fraction]) => ({ atMs, stage, fraction }))
}

export function keepTrace(job: JobId, points: readonly ProgressPoint[]): void {
  const row = points.map(({ atMs, stage, fraction }): z.infer<typeof point> => [Math.round(atMs), stage, fraction])
  kept.put([job, row], ([id]) => id === job)
}

/** Half of the points once there are too many; the beginning of each stage stays, since its time is read from it. */
export function thinned(points: readonly ProgressPoint[]): readonly ProgressPoint[] {
  if (points.length <= mostPoints) return points
  return points.filter(
    ({ stage }, index) => index % 2 === 0 || index === points.length - 1 || points[index - 1]?.stage !== stage,
  )
}
