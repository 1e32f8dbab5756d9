// How far a job is over time, how long it may still take, and the curves in its log.
import { textOf } from '../../src-main/base/note.ts'
import type { Job } from '../../src-main/contract/job.ts'
import { stageOrder } from './stages.ts'

export interface ProgressPoint {
  /** Milliseconds since the job began. */
  readonly atMs: number
  readonly stage: number
  /** Of the stage, 0 to 1. */
  readonly fraction: number
}

const names: readonly string[] = stageOrder

export const pointOf = (job: Job, nowMs: number): ProgressPoint | null =>
  job.progress && job.startedAt
    ? {
        atMs: Math.max(0, nowMs - Date.parse(job.startedAt)),
        stage: names.indexOf(job.progress.stage),
        fraction: job.progress.fraction,
      }
    : null

/** Milliseconds of each stage that has ended, by its place. */
export function stageDurations(points: readonly ProgressPoint[]): ReadonlyMap<number, number> {
  const starts = new Map<number, number>()
  for (const { stage, atMs } of points) if (!starts.has(stage)) starts.set(stage, atMs)
  const ordered = [...starts].toSorted(([a], [b]) => a - b)
  const durations = new Map<number, number>()
  for (const [index, [stage, start]] of ordered.entries()) {
    const next = ordered[index + 1]
    if (next) durations.set(stage, next[1] - start)
  }
  return durations
}

/** Less progress than this tells nothing of the rest. */
const leastShare = 0.15

/**
 * What is left, in milliseconds: the rest of this stage by its progress so far, and the stages to come as long as they took
 * last time. Where no job was timed before, as if all stages were alike. null while too little is known.
 */
export function timeLeftMs(
  points: readonly ProgressPoint[],
  nowMs: number,
  before: ReadonlyMap<number, number>,
): number | null {
  const now = points.at(-1)
  if (!now) return null
  if (before.size === 0) {
    const share = (now.stage + now.fraction) / stageOrder.length
    return share < leastShare ? null : (nowMs * (1 - share)) / share
  }
  const spent = nowMs - (points.find(({ stage }) => stage === now.stage)?.atMs ?? 0)
  const byProgress = now.fraction > leastShare ? (spent * (1 - now.fraction)) / now.fraction : null
  const here = byProgress ?? Math.max(0, (before.get(now.stage) ?? 0) - spent)
  return here + [...before].filter(([stage]) => stage > now.stage).reduce((sum, [, ms]) => sum + ms, 0)
}

export interface LogCurve {
  readonly name: string
  readonly points: readonly { readonly atMs: number; readonly value: number }[]
}

const figure = /([\p{L} -]*(?:loss|error|rmse|mse|sqnr))\s*[:=]?\s*(?:is\s*)?(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)/iu

/** Losses and errors that passes log, each kind as one curve; a single figure is no curve. */
export function logCurves(log: Job['log']): LogCurve[] {
  const curves = new Map<string, { atMs: number; value: number }[]>()
  for (const { atMs, line } of log) {
    const found = figure.exec(textOf(line))
    const name = found?.[1]?.trim().toLowerCase()
    const value = Number(found?.[2])
    if (name && Number.isFinite(value)) curves.set(name, [...(curves.get(name) ?? []), { atMs, value }])
  }
  return [...curves].filter(([, points]) => points.length > 1).map(([name, points]) => ({ name, points }))
}
