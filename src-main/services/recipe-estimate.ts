// What a recipe makes of a model's size, from shapes and parameters alone: quick enough for every change in the editor. No
// samples are run and nothing is packed, so what depends on values is left out and said to be.
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'
import type { ModelId } from '../contract/ids.ts'
import type { RecipeEstimate } from '../contract/recipe.ts'
import { isFloat } from '../ir/dtype.ts'
import type { Graph } from '../ir/graph.ts'
import { bytesOfTensor, elementsOf } from '../ir/tensor.ts'
import type { ServiceContext } from './context.ts'
import { type LayerSize, sizeAfter } from './recipe-sizes.ts'
import { resolveRecipe } from './recipes.ts'
import { loadModel } from './run/load.ts'

const keptModels = 4
/** Arithmetic over one weight tensor: the plan's record of its operator, measured on packs of this project's models. */
const planBytesPerNode = 40
/** Bias, factor and shift of an output channel in a pack (SPEC.md). */
const requantBytesPerChannel = 9

interface ModelSizes {
  readonly layers: readonly LayerSize[]
  readonly nodes: number
}

export function recipeEstimates({ store }: ServiceContext) {
  const kept = new Map<ModelId, Promise<ModelSizes>>()

  function sizesOf(id: ModelId): Promise<ModelSizes> {
    const found = store.models.get(id)
    if (!found) throw new AppError('store.notFound', { kind: 'model', id, plural: 'models' })
    const sizes =
      kept.get(id) ?? loadModel(join(store.trees.dir(found.tree), found.file)).then(({ graph }) => layerSizes(graph))
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

/** Weight tensors with their nodes; what else a node reads (biases) is counted with it. */
export function layerSizes(graph: Graph): ModelSizes {
  const counted = new Set<string>()
  const layers = graph.nodes.flatMap((node): LayerSize[] => {
    const own = node.inputs.filter((name) => graph.constants.has(name) && !counted.has(name))
    for (const name of own) counted.add(name)
    const tensors = own
      .map((name) => ({ name, tensor: graph.constants.get(name)! }))
      .filter(({ tensor }) => isFloat(tensor.dtype) || ['i8', 'u8'].includes(tensor.dtype))
      .sort((a, b) => elementsOf(b.tensor.shape) - elementsOf(a.tensor.shape))
    const [weights, ...others] = tensors
    const elements = weights ? elementsOf(weights.tensor.shape) : 0
    if (!weights || elements === 0) return []
    const channels = Math.max(
      ...others.map(({ tensor }) => elementsOf(tensor.shape)),
      outputsOf(graph, node.outputs[0]),
    )
    return [
      {
        node: node.name,
        tensor: weights.name,
        isLinear: ['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'DepthwiseConv'].includes(node.op),
        elements,
        channels,
        bits: (bytesOfTensor(weights.tensor) * 8) / elements,
        otherBytes: others.reduce((sum, { tensor }) => sum + bytesOfTensor(tensor), 0),
      },
    ]
  })
  return { layers, nodes: graph.nodes.length }
}

/** Channels of NCHW, features of a row. */
function outputsOf(graph: Graph, output: string | undefined): number {
  const size = graph.values.get(output ?? '')?.shape?.[1]
  return typeof size === 'number' ? size : 0
}
