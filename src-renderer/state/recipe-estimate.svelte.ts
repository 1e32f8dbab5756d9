import type { Api } from '../../src-main/contract/contract.ts'
import type { ModelId } from '../../src-main/contract/ids.ts'
import type { RecipeEstimate } from '../../src-main/contract/recipe.ts'

/** What the recipe in the editor would make of the model's size; the newest answer counts. */
export class RecipeEstimates {
  #api: Api
  #value = $state.raw<RecipeEstimate | null>(null)
  #busy = $state(false)
  #asked = ''

  constructor(api: Api) {
    this.#api = api
  }

  get value() {
    return this.#value
  }
  get busy() {
    return this.#busy
  }

  async ask(model: ModelId | null, text: string): Promise<void> {
    const question = `${model} ${text}`
    if (question === this.#asked) return
    this.#asked = question
    this.#busy = model !== null
    if (!model) this.#value = null
    // A recipe that cannot be read has no size, and the editor says what is wrong with it.
    const found = model ? await this.#api.recipes.estimate({ model, text }).catch(() => null) : null
    if (question !== this.#asked) return
    this.#value = found
    this.#busy = false
  }
}
