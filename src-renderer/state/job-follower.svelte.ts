import { ORPCError } from '@orpc/client'
import { textOf } from '../../src-main/base/note.ts'
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { JobId } from '../../src-main/contract/ids.ts'
import { isOpen, type Job } from '../../src-main/contract/job.ts'
import { toErrorInfo } from '../api/error.ts'
import { notBefore, type ProgressPoint, pointOf, type StageTimes, stageDurations } from './job-progress.ts'
import { keepTrace, thinned, traceOf } from './job-trace.ts'
import { type JobKind, rememberedStageTimes, rememberStageTimes } from './stage-times.ts'

const retryMs = 500
/** Progress comes many times a second; a curve needs no more points than pixels. */
const leastMsBetween = 150
const keepEveryMs = 1000

/** Follows one job to its end, across lost connections. */
export class JobFollower {
  #api: Api
  #job = $state.raw<Job | null>(null)
  #error = $state.raw<ErrorInfo | null>(null)
  #cancelling = $state(false)
  #stop: AbortController | null = null
  #points = $state.raw<readonly ProgressPoint[]>([])
  /** What each stage took in the last job of this kind. */
  #before = $state.raw<StageTimes>(new Map())
  #kindOf: (job: Job) => JobKind
  #keptAtMs = 0
  readonly running = $derived(this.#job !== null && isOpen(this.#job))

  constructor(api: Api, kindOf: (job: Job) => JobKind = titled) {
    this.#api = api
    this.#kindOf = kindOf
  }

  get job() {
    return this.#job
  }
  get error() {
    return this.#error
  }
  get cancelling() {
    return this.#cancelling && this.running
  }

  /** Seen in this window. */
  get points() {
    return this.#points
  }
  get before() {
    return this.#before
  }

  show(job: Job): void {
    this.#note(job)
    this.#job = this.#withoutStepsBack(job)
  }

  /** Resolves with the job as it ended, or null when the following was stopped. */
  async follow(id: JobId): Promise<Job | null> {
    this.stop()
    const stop = new AbortController()
    this.#stop = stop
    this.#error = null
    this.#cancelling = false
    while (!stop.signal.aborted) {
      try {
        for await (const job of await this.#api.jobs.watch({ id }, { signal: stop.signal })) {
          this.show(job)
          if (!isOpen(job)) return job
        }
      } catch (error) {
        if (stop.signal.aborted) return null
        if (error instanceof ORPCError) {
          this.#error = toErrorInfo(error)
          return null
        }
      }
      // The stream ended before the job did: the host went away. The next call waits for it.
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
    return null
  }

  #note(job: Job): void {
    if (job.id !== this.#job?.id) {
      this.#before = rememberedStageTimes(this.#kindOf(job))
      this.#points = isOpen(job) ? traceOf(job.id) : []
    }
    const last = this.#points.at(-1)
    if (job.state === 'done' && this.#sawAll()) rememberStageTimes(this.#kindOf(job), this.#durations(job))
    const told = pointOf(job, Date.now())
    if (!told || !isOpen(job)) return
    const point = notBefore(told, last)
    if (last && point.stage === last.stage && point.atMs - last.atMs < leastMsBetween) return
    this.#points = thinned([...this.#points, point])
    if (point.stage === last?.stage && point.atMs - this.#keptAtMs < keepEveryMs) return
    this.#keptAtMs = point.atMs
    keepTrace(job.id, this.#points)
  }

  #withoutStepsBack(job: Job): Job {
    const last = this.#points.at(-1)
    const told = pointOf(job, Date.now())
    if (!isOpen(job) || !job.progress || !told || last?.stage !== told.stage) return job
    return { ...job, progress: { ...job.progress, fraction: Math.max(told.fraction, last.fraction) } }
  }

  /** A job that was joined late has told nothing of its first stages. */
  #sawAll(): boolean {
    return this.#points[0]?.stage === 0
  }

  /** With the last stage, which ends with the job. */
  #durations(job: Job): Map<number, number> {
    const times = stageDurations(this.#points)
    const last = this.#points.at(-1)
    const first = this.#points.find(({ stage }) => stage === last?.stage)
    if (first && job.startedAt && job.endedAt)
      times.set(first.stage, Math.max(0, Date.parse(job.endedAt) - Date.parse(job.startedAt) - first.atMs))
    return times
  }

  stop(): void {
    this.#stop?.abort()
  }

  async cancel(): Promise<void> {
    const id = this.#job?.id
    if (!id) return
    this.#cancelling = true
    try {
      await this.#api.jobs.cancel({ id })
    } catch (error) {
      this.#cancelling = false
      this.#error = toErrorInfo(error)
    }
  }
}

const titled = ({ title }: Job): JobKind => ({ work: textOf(title), recipe: '' })
