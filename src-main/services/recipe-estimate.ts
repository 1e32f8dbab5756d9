// What a recipe makes of a model's size, from shapes and parameters alone: quick enough for every change in the editor. No
// samples are run and nothing is packed, so what depends on values is left out and said to be.
import type { ModelId } from '../contract/ids.ts'
import type { RecipeEstimate } from '../contract/recipe.ts'
import type { ServiceContext } from './context.ts'
import type { ModelSizes } from './layer-sizes.ts'
import { runModelTask } from './model-task.ts'
import { sizeAfter } from './recipe-sizes.ts'
import { resolveRecipe } from './recipes.ts'
import { modelOf } from './stored-inputs.ts'

const keptModels = 4
/** Header, ports and record of a pack, and the plan's record of one operator and its tensors: fitted to int8 packs. */
const headBytes = 500
const planBytesPerOperator = 100
/** Bias, factor and shift of an output channel in a pack (SPEC.md). */
const requantBytesPerChannel = 9

export function recipeEstimates({ store, background }: ServiceContext) {
  const kept = new Map<ModelId, Promise<ModelSizes>>()

  function sizesOf(id: ModelId): Promise<ModelSizes> {
    const { path } = modelOf(store, id)
    const sizes = kept.get(id) ?? runModelTask(background, 'sizes', { path })
    kept.delete(id)
    kept.set(id, sizes)
    sizes.catch(() => kept.delete(id))
    for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - keptModels))) kept.delete(oldest)
    return sizes
  }

  return {
    async estimate(id: ModelId, text: string): Promise<RecipeEstimate> {
      const { layers, operators, nameBytes } = await sizesOf(id)
      const { passes } = resolveRecipe(text)
      const after = sizeAfter(layers, passes)
      const channels = layers.reduce((sum, { isLinear, channels: each }) => sum + (isLinear ? each : 0), 0)
      const planBytes = headBytes + operators * planBytesPerOperator + nameBytes
      const flashBytes = after.weightsBytes + after.otherBytes + channels * requantBytesPerChannel + planBytes
      const originalBytes = layers.reduce((sum, layer) => sum + (layer.elements * layer.bits) / 8 + layer.otherBytes, 0)
      return {
        parameters: layers.reduce((sum, layer) => sum + layer.elements, 0),
        originalBytes: Math.round(originalBytes),
        weightsBytes: Math.round(after.weightsBytes),
        plainBytes: Math.round(after.plainBytes),
        flashBytes: Math.round(flashBytes),
        zeros: after.zeros,
        open: after.open,
      }
    },
  }
}
