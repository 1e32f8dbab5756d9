// The one way to the host. A lost host is waited for: calls made meanwhile are sent once it answers again, and whoever
// follows something starts again when `epoch` changes.
import { createORPCClient } from '@orpc/client'
import type { Api } from '../../src-main/contract/contract.ts'
import { type Link, type Opener, Refused } from './link.ts'

export type ConnectionState = 'connecting' | 'open' | 'lost' | 'refused'

const firstRetryMs = 250
const longestRetryMs = 5_000

export class Connection {
  readonly api: Api
  #state = $state<ConnectionState>('connecting')
  #epoch = $state(0)
  #opener: Opener
  #ready = Promise.withResolvers<Link>()

  constructor(opener: Opener) {
    this.#opener = opener
    const link: Link = { call: async (path, input, options) => (await this.#ready.promise).call(path, input, options) }
    this.api = createORPCClient(link)
  }

  get state() {
    return this.#state
  }

  /** Grows with every successful connection. */
  get epoch() {
    return this.#epoch
  }

  /** Keeps the connection open for as long as the page lives. */
  async run(): Promise<never> {
    let retryMs = firstRetryMs
    for (;;) {
      try {
        const opened = await this.#opener()
        retryMs = firstRetryMs
        this.#ready.resolve(opened.link)
        this.#state = 'open'
        this.#epoch += 1
        await opened.closed
        this.#ready = Promise.withResolvers()
        this.#state = 'lost'
      } catch (error) {
        // The host is not there yet; the banner says so.
        this.#state = error instanceof Refused ? 'refused' : 'lost'
      }
      await new Promise((resolve) => setTimeout(resolve, retryMs))
      retryMs = Math.min(retryMs * 2, longestRetryMs)
    }
  }
}
