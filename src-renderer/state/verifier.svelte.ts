// Making a run, or the runs of a report file, again, and what came of it.
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { RunId } from '../../src-main/contract/ids.ts'
import type { Verification } from '../../src-main/contract/verification.ts'
import { isCancelled, toErrorInfo } from '../api/error.ts'
import { JobFollower } from './job-follower.svelte.ts'

export class Verifier {
  readonly job: JobFollower
  #api: Api
  #starting = $state(false)
  #result = $state.raw<Verification | null>(null)
  #error = $state.raw<ErrorInfo | null>(null)

  constructor(api: Api) {
    this.#api = api
    this.job = new JobFollower(api)
  }

  get busy() {
    return this.#starting || this.job.running
  }
  get result() {
    return this.#result
  }
  get error() {
    return this.#error ?? this.job.error
  }

  /** What a run has been through before. */
  async recall(run: RunId): Promise<void> {
    await this.#reported(async () => {
      this.#result = (await this.#api.reports.verificationOf({ run })) ?? this.#result
    })
  }

  verifyRun(run: RunId): Promise<void> {
    return this.#verify({ kind: 'run', run })
  }

  async verifyFile(file: File): Promise<void> {
    await this.#verify({ kind: 'document', name: file.name, text: await file.text() })
  }

  async #verify(source: Parameters<Api['reports']['verify']>[0]): Promise<void> {
    this.#starting = true
    this.#result = null
    this.#error = null
    await this.#reported(async () => {
      const { job } = await this.#api.reports.verify(source)
      const ended = await this.job.follow(job)
      if (ended?.state === 'done') this.#result = await this.#api.reports.verification({ job })
      else if (ended?.error && ended.state !== 'cancelled') this.#error = ended.error
    })
    this.#starting = false
  }

  async #reported(action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (error) {
      if (!isCancelled(error)) this.#error = toErrorInfo(error)
    }
  }
}
