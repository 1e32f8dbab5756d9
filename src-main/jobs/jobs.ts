// The queue: one job of this process runs at a time; every change is stored and told to those who watch. A job whose
// process has died is found at the next start and marked interrupted; what it had finished is in the store already.
import { randomUUID } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import { type ErrorInfo, toErrorInfo } from '../contract/error.ts'
import { type JobId, jobId, type ProjectId, type RunId } from '../contract/ids.ts'
import { isOpen, type Job, type JobProgress } from '../contract/job.ts'
import type { Store } from '../store/store.ts'
import { runTask, TaskError } from './worker-task.ts'

export interface JobRequest {
  readonly title: Note
  readonly projectId: ProjectId | null
  /** What was asked, for the record. */
  readonly request: unknown
  /** Plain data for the worker; made when the job's turn comes. */
  input(): Promise<unknown>
  /** Stores what the worker gave; the job is marked done in the same transaction. */
  finish(result: unknown): Promise<{ runId: RunId | null; commit: () => void }>
}

export type Jobs = ReturnType<typeof createJobs>

const keptLogLines = 500

export function createJobs({ store, clock, workerUrl }: { store: Store; clock: Clock; workerUrl: URL }) {
  const live = new Map<JobId, LiveJob>()
  let last: Promise<unknown> = Promise.resolve()
  markInterrupted(store, clock)

  function enqueue(request: JobRequest): JobId {
    const id = jobId.parse(randomUUID())
    const job = new LiveJob(newJob(id, request, clock))
    live.set(id, job)
    store.jobs.add({ job: job.value, request: JSON.stringify(request.request), ownerPid: process.pid })
    last = last.then(() => execute(job, request))
    return id
  }

  async function execute(job: LiveJob, request: JobRequest) {
    const { signal } = job.controller
    try {
      signal.throwIfAborted()
      change(job, { state: 'running', startedAt: now() })
      const result = await runTask(workerUrl, await request.input(), eventsOf(job), signal)
      const { runId, commit } = await request.finish(result)
      const done: Job = { ...job.value, state: 'done', runId, endedAt: now() }
      store.transaction(() => {
        commit()
        store.jobs.update(done)
      })
      job.tell(done)
    } catch (error) {
      const cancelled = signal.aborted || (error instanceof TaskError && error.cancelled)
      change(job, { state: cancelled ? 'cancelled' : 'failed', error: infoOf(error, cancelled), endedAt: now() })
    } finally {
      live.delete(job.value.id)
    }
  }

  const now = () => new Date(clock.nowMs()).toISOString()
  function change(job: LiveJob, part: Partial<Job>) {
    job.tell({ ...job.value, ...part })
    store.jobs.update(job.value)
  }
  function eventsOf(job: LiveJob) {
    return {
      progress(progress: JobProgress) {
        const stageIsNew = progress.stage !== job.value.progress?.stage
        job.tell({ ...job.value, progress })
        if (stageIsNew) store.jobs.update(job.value)
      },
      log(line: Note) {
        const log = [...job.value.log, { atMs: clock.nowMs(), line }].slice(-keptLogLines)
        job.tell({ ...job.value, log })
      },
    }
  }
  function get(id: JobId): Job {
    const found = live.get(id)?.value ?? store.jobs.get(id)
    if (!found) throw new AppError('store.notFound', { kind: say`job`, id, plural: 'jobs' })
    return found
  }

  return {
    enqueue,
    get,
    /** Of this process, not ended. */
    underWay: (): Job[] => [...live.values()].map(({ value }) => value),
    list: (project?: ProjectId) => store.jobs.list(project).map((job) => live.get(job.id)?.value ?? job),
    /** Not ended, the newest first; asked often, so that ended jobs are not read for it. */
    open: (project?: ProjectId): Job[] =>
      store.jobs
        .unfinished()
        .map(({ id }) => get(jobId.parse(id)))
        .filter((job) => isOpen(job) && (project === undefined || job.projectId === project))
        .sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
    async *watch(id: JobId, signal?: AbortSignal): AsyncGenerator<Job> {
      const job = live.get(id)
      if (job) yield* job.watch(signal)
      else yield get(id)
    },
    cancel(id: JobId) {
      const job = live.get(id)
      if (job) job.controller.abort(new AppError('job.cancelled'))
      else if (isOpen(get(id)))
        throw new AppError('store.conflict', { problem: say`The job runs in another process; cancel it there.` })
    },
    async [Symbol.asyncDispose]() {
      for (const job of live.values()) job.controller.abort(new AppError('job.cancelled'))
      await last
    },
  }
}

/** A job under way: its newest value, and those who wait for the next one. */
class LiveJob {
  readonly controller = new AbortController()
  #value: Job
  #next = Promise.withResolvers<void>()

  constructor(value: Job) {
    this.#value = value
  }
  get value() {
    return this.#value
  }
  tell(value: Job) {
    this.#value = value
    this.#next.resolve()
    this.#next = Promise.withResolvers()
  }
  async *watch(signal?: AbortSignal): AsyncGenerator<Job> {
    const stopped = Promise.withResolvers<void>()
    const stop = () => stopped.resolve()
    signal?.addEventListener('abort', stop, { once: true })
    try {
      while (!signal?.aborted) {
        const next = this.#next.promise
        const value = this.#value
        yield value
        if (!isOpen(value)) return
        await Promise.race([next, stopped.promise])
      }
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }
}

function newJob(id: JobId, request: JobRequest, clock: Clock): Job {
  return {
    id,
    projectId: request.projectId,
    title: request.title,
    state: 'queued',
    progress: null,
    log: [],
    error: null,
    runId: null,
    createdAt: new Date(clock.nowMs()).toISOString(),
    startedAt: null,
    endedAt: null,
  }
}

function infoOf(error: unknown, cancelled: boolean): ErrorInfo {
  if (cancelled) return toErrorInfo(new AppError('job.cancelled'))
  return error instanceof TaskError ? error.info : toErrorInfo(error)
}

function markInterrupted(store: Store, clock: Clock) {
  for (const { id, owner_pid } of store.jobs.unfinished()) {
    if (owner_pid !== process.pid && isAlive(owner_pid)) continue
    const job = store.jobs.get(jobId.parse(id))
    if (!job) continue
    const error = toErrorInfo(new AppError('job.interrupted'))
    store.jobs.update({ ...job, state: 'interrupted', error, endedAt: new Date(clock.nowMs()).toISOString() })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
