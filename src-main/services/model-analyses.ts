// Analyses under way and done, by what they are of: everybody who asks for the same one waits for the same work, and is told
// how far it is.
import type { Analysis } from '../contract/model.ts'

export interface AnalysisNews {
  readonly fraction: number
  readonly analysis: Analysis | null
}

type Work = (progress: (fraction: number) => void) => Promise<Analysis>

/** Progress is told in steps of this much. */
const leastStep = 0.01

class Running {
  readonly result: Promise<Analysis>
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

export class ModelAnalyses {
  readonly #known = new Map<string, Running>()

  get(key: string, work: Work): Promise<Analysis> {
    return this.#start(key, work).result
  }

  async *watch(key: string, work: Work): AsyncGenerator<AnalysisNews> {
    const running = this.#start(key, work)
    let isDone = false
    const ended = running.result.then(
      () => (isDone = true),
      () => (isDone = true),
    )
    // A finished one answers at once, without a step of progress before.
    await Promise.race([ended, Promise.resolve()])
    while (!isDone) {
      yield { fraction: running.fraction, analysis: null }
      await Promise.race([ended, running.changed])
    }
    yield { fraction: 1, analysis: await running.result }
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
