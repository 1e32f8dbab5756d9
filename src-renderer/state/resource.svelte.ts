import type { ErrorInfo } from '../../src-main/contract/error.ts'
import { isCancelled, toErrorInfo } from '../api/error.ts'

/** Something fetched from the host. The last request wins; a failed refresh keeps what was shown. */
export class Resource<T> {
  #fetch: () => Promise<T>
  #value = $state.raw<T | null>(null)
  #error = $state.raw<ErrorInfo | null>(null)
  #busy = $state(false)
  #request = 0

  constructor(fetch: () => Promise<T>) {
    this.#fetch = fetch
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

  async load(): Promise<void> {
    this.#request += 1
    const request = this.#request
    this.#busy = true
    try {
      const value = await this.#fetch()
      if (request !== this.#request) return
      this.#value = value
      this.#error = null
    } catch (error) {
      if (request === this.#request && !isCancelled(error)) this.#error = toErrorInfo(error)
    } finally {
      if (request === this.#request) this.#busy = false
    }
  }

  /** For an answer that came with a change, so that it need not be asked for again. */
  set(value: T): void {
    this.#request += 1
    this.#value = value
    this.#error = null
    this.#busy = false
  }
}
