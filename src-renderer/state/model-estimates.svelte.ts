// Sizes and speed of a model on devices, which take a while to estimate, and how far the host is with them.
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { ModelId } from '../../src-main/contract/ids.ts'
import type { ModelEstimates as Estimates } from '../../src-main/contract/model.ts'
import { toErrorInfo } from '../api/error.ts'

export class ModelEstimates {
  #api: Api
  #id: ModelId
  #value = $state.raw<Estimates | null>(null)
  #error = $state.raw<ErrorInfo | null>(null)
  #fraction = $state(0)

  constructor(api: Api, id: ModelId) {
    this.#api = api
    this.#id = id
  }

  get value() {
    return this.#value
  }
  get error() {
    return this.#error
  }
  /** 0 to 1, while there is no value. */
  get fraction() {
    return this.#fraction
  }

  /** The host goes on when the signal fires, so that who comes back finds it further. */
  async load(signal: AbortSignal): Promise<void> {
    this.#error = null
    try {
      for await (const { fraction, estimates } of await this.#api.models.watchEstimates({ id: this.#id }, { signal })) {
        if (signal.aborted) return
        this.#fraction = fraction
        if (!estimates) continue
        // Taking the message apart was one task; what is drawn with it is another.
        await new Promise((resolve) => setTimeout(resolve))
        this.#value = estimates
      }
    } catch (error) {
      if (!signal.aborted) this.#error = toErrorInfo(error)
    }
  }
}
