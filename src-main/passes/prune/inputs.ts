// Gram matrices of the inputs of pruning targets, taken of the graph as it stands.
import type { Graph } from '../../ir/graph.ts'
import { removeDead } from '../../ir/rewrite.ts'
import type { Gram } from '../../kernels/kernels.ts'
import { collectGrams, defaultGramOptions, type GramOptions } from '../layer-inputs.ts'
import { layerOf, type WeightLayer } from '../layers.ts'
import type { PassContext } from '../pass.ts'
import { firstLayer, type PruneTarget } from './targets.ts'

/** Gram matrix of each target's inputs, by the name of its weights; layers that share weights are added up. */
export async function targetGrams(
  graph: Graph,
  targets: readonly PruneTarget[],
  context: PassContext,
  options: GramOptions = defaultGramOptions,
): Promise<Map<string, Gram>> {
  const layers = currentLayers(graph, targets)
  const grams = await collectGrams(prefixOf(graph, layers), layers, context, options)
  return new Map(
    targets.map((target) => {
      const parts = target.layers.map(({ node }) => grams.get(node.name)!)
      return [target.name, parts.reduce(addGrams)] as const
    }),
  )
}

/** The layers' nodes as they are in `graph`, whose weights may have other names by now. */
function currentLayers(graph: Graph, targets: readonly PruneTarget[]): WeightLayer[] {
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]))
  return targets.flatMap(({ layers }) => layers.map(({ node }) => layerOf(graph, nodes.get(node.name)!)!))
}

/** The graph up to the layers' inputs: what comes after need not be computed. */
function prefixOf(graph: Graph, layers: readonly WeightLayer[]): Graph {
  const made = new Set(graph.nodes.flatMap((node) => node.outputs))
  const outputs = [...new Set(layers.map(({ node }) => node.inputs[0]!))].filter((name) => made.has(name))
  return outputs.length > 0 ? removeDead({ ...graph, outputs }) : graph
}

function addGrams(a: Gram, b: Gram): Gram {
  return { ...a, data: a.data.map((value, i) => value + b.data[i]!), samples: a.samples + b.samples }
}

/** Targets one after the other, those that read the same value together. */
export function stagesOf(targets: readonly PruneTarget[]): PruneTarget[][] {
  const stages: PruneTarget[][] = []
  const inputOf = (target: PruneTarget) => firstLayer(target).node.inputs[0]!
  for (const target of targets) {
    const stage = stages.find((members) => inputOf(members[0]!) === inputOf(target))
    if (stage) stage.push(target)
    else stages.push([target])
  }
  return stages
}
