// What was said of models as they were read, kept while the host runs: it is small, and the Model screen opens with it.
import type { ModelId } from '../contract/ids.ts'
import type { DescribedModel } from './model-file.ts'

export class ModelDescriptions {
  readonly #known = new Map<ModelId, Promise<DescribedModel>>()

  of(id: ModelId, read: () => Promise<DescribedModel>): Promise<DescribedModel> {
    const known = this.#known.get(id)
    if (known) return known
    const asked = read()
    this.#known.set(id, asked)
    asked.catch(() => this.#known.delete(id))
    return asked
  }

  keep(id: ModelId, { outline, graph }: DescribedModel): void {
    this.#known.set(id, Promise.resolve({ outline, graph }))
  }
}
