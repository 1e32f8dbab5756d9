import type { ErrorInfo } from '../../src-main/contract/error.ts'
import { isCancelled, toErrorInfo } from '../api/error.ts'

/**
 * Something fetched from the host. Answers are ordered by when they were asked for: an older one never replaces a newer
 * one, and a newer question does not throw away an older answer that comes first. So when
 * `load()` had an answer, the value is at least as new as that question, and what depends on it can be loaded. A failed refresh keeps what was shown.
 */
export class Resource<T> {
  #fetch: () => Promise<T>
  #value = $state.raw<T | null>(null)
  #error = $state.raw<ErrorInfo | null>(null)
  #busy = $state(false)
  /** Tickets: of the last question, and of the answer that is shown. */
  #asked = 0
  #shown = 0

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

  /** Whether an answer came. */
  async load(): Promise<boolean> {
    const ticket = this.#ask()
    try {
      this.#show(ticket, await this.#fetch())
      return true
    } catch (error) {
      if (ticket === this.#asked && !isCancelled(error)) this.#error = toErrorInfo(error)
      return false
    } finally {
      this.#settle(ticket)
    }
  }

  /** For a request that changes it on the host and answers with how it then is. Its failure is the caller's. */
  async change(request: () => Promise<T>): Promise<T> {
    const ticket = this.#ask()
    try {
      const value = await request()
      this.#show(ticket, value)
      return value
    } finally {
      this.#settle(ticket)
    }
  }

  /** For what came with the answer to another question. */
  set(value: T): void {
    const ticket = this.#ask()
    this.#show(ticket, value)
    this.#settle(ticket)
  }

  #ask(): number {
    this.#asked += 1
    this.#busy = true
    return this.#asked
  }

  #show(ticket: number, value: T): void {
    if (ticket < this.#shown) return
    this.#shown = ticket
    this.#value = value
    this.#error = null
  }

  #settle(ticket: number): void {
    if (ticket === this.#asked) this.#busy = false
  }
}
