import { ORPCError } from '@orpc/client'
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { JobId } from '../../src-main/contract/ids.ts'
import type { Job } from '../../src-main/contract/job.ts'
import { toErrorInfo } from '../api/error.ts'
import { type ProgressPoint, pointOf, stageDurations } from './job-progress.ts'
import { rememberedStageTimes, rememberStageTimes } from './stage-times.ts'

const retryMs = 500
/** Progress comes many times a second; a curve needs no more points than pixels. */
const leastMsBetween = 150

/** Follows one job to its end, across lost connections. */
export class JobFollower {
  #api: Api
  #job = $state.raw<Job | null>(null)
  #error = $state.raw<ErrorInfo | null>(null)
  #cancelling = $state(false)
  #stop: AbortController | null = null
  #points = $state.raw<readonly ProgressPoint[]>([])
  /** Milliseconds each stage took in the job before this one. */
  #before = $state.raw<ReadonlyMap<number, number>>(new Map())
  readonly running = $derived(this.#job?.state === 'queued' || this.#job?.state === 'running')

  constructor(api: Api) {
    this.#api = api
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

  /** Seen since this page follows the job. */
  get points() {
    return this.#points
  }
  get before() {
    return this.#before
  }

  show(job: Job): void {
    this.#note(job)
    this.#job = job
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
          if (hasEnded(job)) return job
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
      this.#before = rememberedStageTimes()
      this.#points = []
    }
    const point = pointOf(job, Date.now())
    const last = this.#points.at(-1)
    if (job.state === 'done') rememberStageTimes(stageDurations(this.#points))
    if (!point || hasEnded(job)) return
    if (!last || point.stage !== last.stage || point.atMs - last.atMs >= leastMsBetween)
      this.#points = [...this.#points, point]
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

function hasEnded(job: Job): boolean {
  return job.state !== 'queued' && job.state !== 'running'
}
