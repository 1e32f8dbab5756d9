// All jobs of the workspace, whatever project they are of. Those under way are on the job board; a list is of what it was.
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { JobId } from '../../src-main/contract/ids.ts'
import { isOpen, type Job } from '../../src-main/contract/job.ts'
import { toErrorInfo } from '../api/error.ts'
import type { JobBoard } from './job-board.svelte.ts'
import { Resource } from './resource.svelte.ts'

export class JobsPage {
  /** Asked for when a job begins or ends: each comes with its whole log. */
  readonly list: Resource<Job[]>
  readonly open = $derived.by(() => this.#board.jobs.map(({ job }) => job))
  readonly ended = $derived.by(() => (this.list.value ?? []).filter((job) => !isOpen(job)))
  /** Another one whenever the list is out of date. */
  readonly turn = $derived.by(() => this.open.map(({ id, state }) => `${id} ${state}`).join())
  #api: Api
  #board: JobBoard
  #error = $state.raw<ErrorInfo | null>(null)
  #cancelling = $state.raw<ReadonlySet<JobId>>(new Set())

  constructor(api: Api, board: JobBoard) {
    this.#api = api
    this.#board = board
    this.list = new Resource(() => api.jobs.list({}))
  }

  get error() {
    return this.#error
  }
  isCancelling(id: JobId): boolean {
    return this.#cancelling.has(id)
  }
  /** Of the whole job, 0 to 1. */
  shareOf(id: JobId): number {
    return this.#board.of(id)?.share ?? 0
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
    await this.#board.ask()
  }
}
