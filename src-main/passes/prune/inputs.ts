// Gram matrices of the inputs of pruning targets, taken of the graph as it stands.
import type { Graph } from '../../ir/graph.ts'
import { removeDead } from '../../ir/rewrite.ts'
import type { Gram, Kernels, Matrix, SquareStack } from '../../kernels/kernels.ts'
import { collectGrams, collectJointGram, defaultGramOptions, type GramOptions } from '../layer-inputs.ts'
import { layerOf, type WeightLayer, weightMatrix } from '../layers.ts'
import type { PassContext } from '../pass.ts'
import { damped, timesStack } from './masked-least-squares.ts'
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

/** A layer to be approximated: weights to aim at, and what errors cost. */
export interface LayerGoal {
  readonly w: Matrix
  readonly gram: Gram
}

/**
 * The weights that make of the inputs as they are now what the layer made of the reference's inputs, and the Gram matrix of the
 * inputs as they are now: errors of earlier layers are made up for (asymmetric calibration, GPTAQ, Li et al. 2025). Layers that
 * the reference does not have in the same form aim at their own weights.
 */
export async function layerGoal(
  graph: Graph,
  target: PruneTarget,
  context: PassContext,
  options: GramOptions & { readonly damping: number },
): Promise<LayerGoal> {
  const w = weightMatrix(firstLayer(target))
  const [layer] = currentLayers(graph, [target])
  if (target.layers.length > 1 || !layer || layer.groups > 1 || !hasSameInputs(context.reference, layer)) {
    const grams = await targetGrams(graph, [target], context, options)
    return { w, gram: grams.get(target.name)! }
  }
  const { after, cross } = await collectJointGram(context.reference, graph, layer, context, options)
  return { w: await fitted(context.kernels, w, after, cross!, options.damping), gram: after }
}

/** Whether the input is a value that the passes have changed, in the reference and here. */
function hasSameInputs(reference: Graph, { node, columns }: WeightLayer): boolean {
  const before = reference.nodes.find(({ name }) => name === node.name)
  const other = before && layerOf(reference, before)
  const input = node.inputs[0]!
  return other?.columns === columns && other.node.inputs[0] === input && !reference.inputs.includes(input)
}

/** W + (W Cᵀ - W H) (H + damping)⁻¹ with C = sum of x zᵀ, z the reference's inputs. */
async function fitted(kernels: Kernels, w: Matrix, gram: Gram, cross: SquareStack, damping: number): Promise<Matrix> {
  const { size } = gram
  const drift = {
    ...gram,
    data: gram.data.map((_, i) => cross.data[(i % size) * size + Math.floor(i / size)]! - gram.data[i]!),
  }
  const missed = await timesStack(kernels, w, drift)
  const lower = await kernels.cholesky(damped(gram, damping), 0)
  const right = {
    rows: size,
    columns: w.rows,
    data: missed.map((_, i) => missed[(i % w.rows) * size + Math.floor(i / w.rows)]!),
  }
  const change = await kernels.solve(lower, right)
  return { ...w, data: w.data.map((value, i) => value + change.data[(i % size) * w.rows + Math.floor(i / size)]!) }
}
