import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { KernelState, KernelTest } from '../../src-main/contract/kernels.ts'
import { isCancelled, toErrorInfo } from '../api/error.ts'
import { JobFollower } from './job-follower.svelte.ts'
import { Resource } from './resource.svelte.ts'

export class SettingsPage {
  readonly kernels: Resource<KernelState>
  #api: Api
  readonly follower: JobFollower
  #tests = $state.raw<readonly KernelTest[] | null>(null)
  #calibrating = $state(false)
  #error = $state.raw<ErrorInfo | null>(null)

  constructor(api: Api) {
    this.#api = api
    this.follower = new JobFollower(api)
    this.kernels = new Resource(() => api.kernels.state())
  }

  get calibrating() {
    return this.#calibrating
  }
  /** Of the last check since the page was opened. */
  get tests() {
    return this.#tests
  }
  get error() {
    return this.#error
  }

  /** Every case on every backend. */
  async test(): Promise<void> {
    if (this.follower.running) return
    this.#error = null
    try {
      const { job } = await this.#api.kernels.test()
      const ended = await this.follower.follow(job)
      if (ended?.state === 'done') this.#tests = await this.#api.kernels.tested({ job })
      else if (ended?.state !== 'cancelled') this.#error = ended?.error ?? this.follower.error
    } catch (error) {
      if (!isCancelled(error)) this.#error = toErrorInfo(error)
    }
  }

  async calibrate(): Promise<void> {
    this.#calibrating = true
    this.#error = null
    try {
      await this.kernels.change(() => this.#api.kernels.calibrate())
    } catch (error) {
      if (!isCancelled(error)) this.#error = toErrorInfo(error)
    } finally {
      this.#calibrating = false
    }
  }
}
