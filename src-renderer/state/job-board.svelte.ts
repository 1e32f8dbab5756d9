// The jobs under way, whatever screen is looked at: for the list of projects, the window's title, and what waits for what.
import { textOf } from '../../src-main/base/note.ts'
import type { Api } from '../../src-main/contract/contract.ts'
import type { Job } from '../../src-main/contract/job.ts'
import { overallOf } from './job-progress.ts'

/** Another process may start or end one: only asking tells. */
const askEveryMs = 1500

export interface OpenJob {
  readonly job: Job
  /** Of the whole job, 0 to 1; never less than before. */
  readonly share: number
  /** What has to end first; null: it runs, or runs next. */
  readonly ahead: Job | null
}

/** In the order in which they run. */
export function inTurn(jobs: readonly Job[], before: ReadonlyMap<string, number> = new Map()): OpenJob[] {
  const order = (job: Job) => (job.state === 'running' ? 0 : 1)
  const sorted = jobs.toSorted((a, b) => order(a) - order(b) || a.createdAt.localeCompare(b.createdAt))
  return sorted.map((job, place) => ({
    job,
    share: Math.max(before.get(job.id) ?? 0, overallOf(job.progress)),
    ahead: job.state === 'queued' ? (sorted[place - 1] ?? null) : null,
  }))
}

/** Before the window's own title while work is under way. */
export const titleOf = ([first]: readonly OpenJob[]): string =>
  first?.job.state === 'running' ? `▶ ${Math.floor(first.share * 100)} % ${textOf(first.job.title)}` : ''

export class JobBoard {
  #api: Api
  #jobs = $state.raw<readonly OpenJob[]>([])
  #asking = false

  constructor(api: Api) {
    this.#api = api
  }

  get jobs() {
    return this.#jobs
  }

  /** The one that runs, else the one that waits. */
  ofProject(id: string): OpenJob | null {
    return this.#jobs.find(({ job }) => job.projectId === id) ?? null
  }

  of(id: string): OpenJob | null {
    return this.#jobs.find(({ job }) => job.id === id) ?? null
  }

  /** Asks again and again until the returned function is called. */
  follow(): () => void {
    void this.ask()
    const timer = setInterval(() => void this.ask(), askEveryMs)
    return () => clearInterval(timer)
  }

  async ask(): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    try {
      const found = await this.#api.jobs.list({ open: true })
      const before = new Map(this.#jobs.map(({ job, share }) => [job.id as string, share]))
      this.#jobs = inTurn(found, before)
    } catch {
      // Without an answer the connection's own banner says so; what was known stays.
    } finally {
      this.#asking = false
    }
  }
}
