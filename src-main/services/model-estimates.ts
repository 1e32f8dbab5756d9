// Estimates of models under way and done, by what they are of: everybody who asks for the same one waits for the same work, and is told
// how far it is.
import type { ModelEstimates } from '../contract/model.ts'

interface EstimateNews {
  readonly fraction: number
  readonly estimates: ModelEstimates | null
}

type Work = (progress: (fraction: number) => void) => Promise<ModelEstimates>

/** Progress is told in steps of this much. */
const leastStep = 0.01

class Running {
  readonly result: Promise<ModelEstimates>
  fraction = 0
  #next = Promise.withResolvers<void>()

  constructor(work: Work) {
    this.result = work((fraction) => {
      if (fraction - this.fraction < leastStep) return
      this.fraction = fraction
      this.#next.resolve()
      this.#next = Promise.withResolvers()
    })
  }

  get changed(): Promise<void> {
    return this.#next.promise
  }
}

export class KnownEstimates {
  readonly #known = new Map<string, Running>()

  get(key: string, work: Work): Promise<ModelEstimates> {
    return this.#start(key, work).result
  }

  async *watch(key: string, work: Work): AsyncGenerator<EstimateNews> {
    const running = this.#start(key, work)
    let isDone = false
    const ended = running.result.then(
      () => (isDone = true),
      () => (isDone = true),
    )
    // A finished one answers at once, without a step of progress before.
    await Promise.race([ended, Promise.resolve()])
    while (!isDone) {
      yield { fraction: running.fraction, estimates: null }
      await Promise.race([ended, running.changed])
    }
    yield { fraction: 1, estimates: await running.result }
  }

  #start(key: string, work: Work): Running {
    const known = this.#known.get(key)
    if (known) return known
    const running = new Running(work)
    this.#known.set(key, running)
    running.result.catch(() => this.#known.delete(key))
    return running
  }
}
