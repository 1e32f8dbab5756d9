import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { KernelState } from '../../src-main/contract/kernels.ts'
import { isCancelled, toErrorInfo } from '../api/error.ts'
import { Resource } from './resource.svelte.ts'

export class SettingsPage {
  readonly kernels: Resource<KernelState>
  #api: Api
  #calibrating = $state(false)
  #error = $state.raw<ErrorInfo | null>(null)

  constructor(api: Api) {
    this.#api = api
    this.kernels = new Resource(() => api.kernels.state())
  }

  get calibrating() {
    return this.#calibrating
  }
  get error() {
    return this.#error
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
