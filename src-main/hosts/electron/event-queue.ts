// Events for one page, kept until it listens.

export class EventQueue<Event> {
  #waiting: Event[] = []
  #wake: (() => void) | null = null

  push(event: Event) {
    this.#waiting.push(event)
    this.#wake?.()
  }

  /** Everything pushed so far and from now on, to one listener at a time; ends when the signal does. */
  async *listen(signal: AbortSignal | undefined): AsyncGenerator<Event, void> {
    const wake = () => this.#wake?.()
    signal?.addEventListener('abort', wake)
    try {
      while (!signal?.aborted) {
        const event = this.#waiting.shift()
        if (event !== undefined) yield event
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
      }
    } finally {
      signal?.removeEventListener('abort', wake)
    }
  }
}
