// How far a job is over time, how long it may still take, and the curves in its log.
import { textOf } from '../../src-main/base/note.ts'
import type { Job, JobProgress, StageName } from '../../src-main/contract/job.ts'
import { stageOrder } from './stages.ts'

export interface ProgressPoint {
  /** Milliseconds since the job began. */
  readonly atMs: number
  /** Place in stageOrder. */
  readonly stage: number
  /** Of the stage, 0 to 1. */
  readonly fraction: number
}

const names: readonly string[] = stageOrder

/** null for a job without the stages of a run. */
export function pointOf(job: Job, nowMs: number): ProgressPoint | null {
  const stage = names.indexOf(job.progress?.stage ?? '')
  if (!job.progress || !job.startedAt || stage < 0) return null
  return { atMs: Math.max(0, nowMs - Date.parse(job.startedAt)), stage, fraction: job.progress.fraction }
}

/** Work that was begun again, or is counted anew within a stage, shows no step back. */
export function notBefore(point: ProgressPoint, last: ProgressPoint | undefined): ProgressPoint {
  if (!last || point.stage > last.stage) return point
  const fraction = point.stage === last.stage ? Math.max(point.fraction, last.fraction) : last.fraction
  return { ...point, stage: last.stage, fraction }
}

/**
 * Share of each stage in the time of a run, rounded from two: ResNet-8 (5000 samples) and the MLPerf Tiny keyword spotter
 * (200 samples) on the emulated Pico. What a project's own last run took replaces it.
 */
const typicalShares: Readonly<Record<StageName, number>> = {
  import: 0.01,
  data: 0.01,
  original: 0.03,
  compress: 0.05,
  pack: 0.01,
  twin: 0.1,
  deploy: 0.02,
  measure: 0.1,
  validate: 0.66,
  store: 0.01,
}
const typical: StageTimes = new Map(stageOrder.map((name, stage) => [stage, typicalShares[name]]))

/** Milliseconds, or any measure of time, by the stage's place. */
export type StageTimes = ReadonlyMap<number, number>

/** Of the whole job, 0 to 1, each stage weighed by the time that it takes. */
export function overallShare({ stage, fraction }: ProgressPoint, before: StageTimes = new Map()): number {
  const known = stageOrder.every((_, place) => before.has(place)) && sumOf(before, () => true) > 0
  const weights = known ? before : typical
  const done = sumOf(weights, (place) => place < stage) + fraction * (weights.get(stage) ?? 0)
  return done / sumOf(weights, () => true)
}

export const overallOf = (progress: JobProgress | null): number => {
  const stage = names.indexOf(progress?.stage ?? '')
  return progress ? (stage < 0 ? progress.fraction : overallShare({ stage, fraction: progress.fraction, atMs: 0 })) : 0
}

const sumOf = (times: StageTimes, which: (stage: number) => boolean) =>
  [...times].reduce((sum, [stage, ms]) => (which(stage) ? sum + ms : sum), 0)

/** Milliseconds of each stage that has ended, by its place. */
export function stageDurations(points: readonly ProgressPoint[]): Map<number, number> {
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

/** Stages that count samples or bytes: their progress goes with the time. Others jump. */
const steady: ReadonlySet<StageName> = new Set(['original', 'twin', 'deploy', 'validate'])
/** A rate is known from this much of a stage on, and after this long. */
const leastShare = 0.01
const leastMs = 1500
/** What happened longer ago says little of a machine that has other work too. */
const windowMs = 12_000

/**
 * What is left, in milliseconds: the rest of this stage at the rate measured in it, else as long as it took before; and the
 * stages to come as long as they took before. null while any of this is not known.
 */
export function timeLeftMs(points: readonly ProgressPoint[], nowMs: number, before: StageTimes): number | null {
  const now = points.at(-1)
  if (!now) return null
  const here = points.filter(({ stage }) => stage === now.stage)
  let left = restOfStage(here, now, nowMs, before)
  for (const [stage, name] of stageOrder.entries()) {
    if (stage <= now.stage || left === null) continue
    // Storing takes a moment, whatever the run.
    const took = before.get(stage) ?? (name === 'store' ? 0 : null)
    left = took === null ? null : left + took
  }
  return left
}

function restOfStage(
  here: readonly ProgressPoint[],
  now: ProgressPoint,
  nowMs: number,
  before: StageTimes,
): number | null {
  const first = here[0] ?? now
  const took = before.get(now.stage)
  if (steady.has(stageOrder[now.stage]!)) {
    const recent = here.findLast(({ atMs }) => atMs <= nowMs - windowMs) ?? first
    for (const since of [recent, first]) {
      const spentMs = nowMs - since.atMs
      const done = now.fraction - since.fraction
      if (done >= leastShare && spentMs >= leastMs) return (spentMs * (1 - now.fraction)) / done
    }
  }
  return took === undefined ? null : Math.max(0, took - (nowMs - first.atMs))
}

/** Within this much of a new estimate what is shown goes on counting down. */
const deadBand = 0.1
/** Time in which what is shown comes nearer to a new estimate by two thirds. */
const settleMs = 4000

/** What to show of an estimate that was `shownMs` some time ago and is `rawMs` now: it counts down, and does not jump. */
export function steadied(shownMs: number | null, rawMs: number | null, sinceMs: number): number | null {
  if (rawMs === null || shownMs === null) return rawMs
  const expected = Math.max(0, shownMs - sinceMs)
  if (Math.abs(rawMs - expected) <= Math.max(1000, deadBand * rawMs)) return expected
  return expected + (rawMs - expected) * (1 - Math.exp(-sinceMs / settleMs))
}

/** One quantity of one pass, as its log tells it. */
export interface LogSeries {
  /** '' where the line names none. */
  readonly pass: string
  readonly quantity: string
  /** curve: the same thing again and again while the pass works. points: one value a layer or method, in no order. */
  readonly kind: 'curve' | 'points'
  readonly points: readonly { readonly atMs: number; readonly label: string; readonly value: number }[]
}

/** `pass: label: … quantity 0.5` */
const figure =
  /^(?:([\w-]+): )?(?:(.+?): )?(?:.*,\s)?([\p{L} -]*(?:loss|error|rmse|mse|sqnr))\s*[:=]?\s*(?:is\s*)?(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)/iu
/** Fewer values, or a curve over fewer times, show nothing. */
const leastValues = 3
const leastTimes = 4

/** Losses and errors that passes log. Only values of the same pass and quantity share an axis. */
export function logSeries(log: Job['log']): LogSeries[] {
  const series = new Map<string, { pass: string; quantity: string; points: LogSeries['points'][number][] }>()
  for (const { atMs, line } of log) {
    const [, pass = '', label = '', words = '', digits = ''] = figure.exec(textOf(line)) ?? []
    const quantity = words.trim().toLowerCase()
    const value = Number(digits)
    if (quantity === '' || !Number.isFinite(value)) continue
    const key = `${pass}\n${quantity}`
    const kept = series.get(key) ?? { pass, quantity, points: [] }
    kept.points.push({ atMs, label, value })
    series.set(key, kept)
  }
  return [...series.values()].flatMap((each): LogSeries[] => {
    const count = (of: (point: LogSeries['points'][number]) => string | number) => new Set(each.points.map(of)).size
    if (count(({ label }) => label) === 1)
      return count(({ atMs }) => atMs) < leastTimes ? [] : [{ ...each, kind: 'curve' }]
    return each.points.length < leastValues ? [] : [{ ...each, kind: 'points' }]
  })
}
