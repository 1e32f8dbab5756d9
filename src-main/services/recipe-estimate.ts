// What a recipe makes of a model's size, from shapes and parameters alone: quick enough for every change in the editor. No
// samples are run and nothing is packed, so what depends on values is left out and said to be.
import { say } from '../base/note.ts'
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'
import type { ModelId } from '../contract/ids.ts'
import type { RecipeEstimate } from '../contract/recipe.ts'
import type { ServiceContext } from './context.ts'
import type { ModelSizes } from './layer-sizes.ts'
import { runModelTask } from './model-task.ts'
import { sizeAfter } from './recipe-sizes.ts'
import { resolveRecipe } from './recipes.ts'

const keptModels = 4
/** Arithmetic over one weight tensor: the plan's record of its operator, measured on packs of this project's models. */
const planBytesPerNode = 40
/** Bias, factor and shift of an output channel in a pack (SPEC.md). */
const requantBytesPerChannel = 9

export function recipeEstimates({ store, background }: ServiceContext) {
  const kept = new Map<ModelId, Promise<ModelSizes>>()

  function sizesOf(id: ModelId): Promise<ModelSizes> {
    const found = store.models.get(id)
    if (!found) throw new AppError('store.notFound', { kind: say`model`, id, plural: 'models' })
    const path = join(store.trees.dir(found.tree), found.file)
    const sizes = kept.get(id) ?? runModelTask(background, 'sizes', { path })
    kept.delete(id)
    kept.set(id, sizes)
    sizes.catch(() => kept.delete(id))
    for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - keptModels))) kept.delete(oldest)
    return sizes
  }

  return {
    async estimate(id: ModelId, text: string): Promise<RecipeEstimate> {
      const { layers, nodes } = await sizesOf(id)
      const { passes } = resolveRecipe(text)
      const after = sizeAfter(layers, passes)
      const channels = layers.reduce((sum, { channels: each }) => sum + each, 0)
      const flashBytes =
        after.weightsBytes + after.otherBytes + channels * requantBytesPerChannel + nodes * planBytesPerNode
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
