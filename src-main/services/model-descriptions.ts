// What was said of models as they were read, kept while the host runs: it is small, and the Model screen opens with it.
import type { ModelId } from '../contract/ids.ts'
import type { ServiceContext } from './context.ts'
import type { DescribedModel } from './model-file.ts'
import { runModelTask } from './model-task.ts'
import { modelOf } from './stored-inputs.ts'

export class ModelDescriptions {
  readonly #known = new Map<ModelId, Promise<DescribedModel>>()
  readonly #context: Pick<ServiceContext, 'store' | 'background'>

  constructor(context: Pick<ServiceContext, 'store' | 'background'>) {
    this.#context = context
  }

  of(id: ModelId): Promise<DescribedModel> {
    // Fails for one that has been removed, whatever was known of it.
    const file = modelOf(this.#context.store, id)
    const known = this.#known.get(id)
    if (known) return known
    const asked = runModelTask(this.#context.background, 'read', file)
    this.#known.set(id, asked)
    asked.catch(() => this.#known.delete(id))
    return asked
  }

  keep(id: ModelId, { outline, graph }: DescribedModel): void {
    this.#known.set(id, Promise.resolve({ outline, graph }))
  }
}
