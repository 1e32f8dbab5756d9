import type { Api } from '../../src-main/contract/contract.ts'
import type { ModelId } from '../../src-main/contract/ids.ts'

/** Estimated packs of one model, a preset each: asked for once, and only when somebody looks for a smaller one. */
export class PresetSizes {
  #api: Api
  #model: ModelId | null = null
  /** Preset to bytes of its pack with the weights as small as possible, without the runtime. */
  #value = $state.raw<ReadonlyMap<string, number>>(new Map())

  constructor(api: Api) {
    this.#api = api
  }

  get value() {
    return this.#value
  }

  async load(model: ModelId, presets: readonly string[]): Promise<void> {
    if (model === this.#model) return
    this.#model = model
    this.#value = new Map()
    const sizes = new Map<string, number>()
    for (const preset of presets) {
      // Without an estimate the preset is not proposed.
      const estimate = await this.#api.recipes.estimate({ model, text: preset }).catch(() => null)
      if (model !== this.#model) return
      if (estimate) sizes.set(preset, estimate.flashBytes)
    }
    this.#value = sizes
    // Nothing answered: the next question asks again.
    if (sizes.size === 0) this.#model = null
  }
}
