// What differs between this model and another one of the workspace.
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { ModelId } from '../../src-main/contract/ids.ts'
import type { ModelDifference } from '../../src-main/contract/model-graph.ts'
import { isCancelled, toErrorInfo } from '../api/error.ts'

export class DifferencePanel {
  readonly #api: Api
  readonly #id: ModelId
  #other = $state<ModelId | null>(null)
  #value = $state.raw<ModelDifference | null>(null)
  #error = $state.raw<ErrorInfo | null>(null)
  #busy = $state(false)

  constructor(api: Api, id: ModelId) {
    this.#api = api
    this.#id = id
  }

  get other() {
    return this.#other
  }
  get value() {
    return this.#value
  }
  get error() {
    return this.#error
  }
  get busy() {
    return this.#busy
  }

  /** An answer that comes when another model was chosen since is not shown. */
  async compare(other: ModelId): Promise<void> {
    this.#other = other
    this.#busy = true
    this.#error = null
    this.#value = null
    try {
      const value = await this.#api.models.difference({ a: this.#id, b: other })
      if (this.#other === other) this.#value = value
    } catch (error) {
      if (this.#other === other && !isCancelled(error)) this.#error = toErrorInfo(error)
    } finally {
      if (this.#other === other) this.#busy = false
    }
  }
}
