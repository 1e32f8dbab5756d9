// All jobs of the workspace, whatever project they are of.
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { JobId } from '../../src-main/contract/ids.ts'
import type { Job } from '../../src-main/contract/job.ts'
import { toErrorInfo } from '../api/error.ts'
import { Resource } from './resource.svelte.ts'

/** Another process may start or end one: only asking tells. */
const askEveryMs = 1500

export const isOpen = ({ state }: Job) => state === 'queued' || state === 'running'

export class JobsPage {
  readonly list: Resource<Job[]>
  #api: Api
  #error = $state.raw<ErrorInfo | null>(null)
  #cancelling = $state.raw<ReadonlySet<JobId>>(new Set())

  constructor(api: Api) {
    this.#api = api
    this.list = new Resource(() => api.jobs.list({}))
  }

  get error() {
    return this.#error
  }
  isCancelling(id: JobId): boolean {
    return this.#cancelling.has(id)
  }

  /** Asks again and again until the returned function is called. */
  follow(): () => void {
    void this.list.load()
    const timer = setInterval(() => {
      if (!this.list.busy && !document.hidden) void this.list.load()
    }, askEveryMs)
    return () => clearInterval(timer)
  }

  async cancel(id: JobId): Promise<void> {
    this.#error = null
    this.#cancelling = new Set([...this.#cancelling, id])
    try {
      await this.#api.jobs.cancel({ id })
    } catch (error) {
      this.#error = toErrorInfo(error)
      this.#cancelling = new Set([...this.#cancelling].filter((each) => each !== id))
    }
    await this.list.load()
  }
}
