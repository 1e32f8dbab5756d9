// How much each layer minds each method: its own weights, its own output, and what the network gives when this layer alone is
// changed, in fake-quantised ONNX Runtime; bytes through the packer's codecs, cycles from the cost model or a profile. It is
// the heat map of the interface and the input of the search.
import { type Note, say } from '../base/note.ts'
import { answers } from '../data/metrics.ts'
import type { Samples } from '../engine/samples.ts'
import { nodeMacs } from '../ir/cost.ts'
import type { Graph } from '../ir/graph.ts'
import { elementsOf } from '../ir/tensor.ts'
import { layerOf, realWeights, type WeightLayer, weightLayers } from '../passes/layers.ts'
import type { HostEngine } from '../passes/pass.ts'
import type { CostBasis } from '../targets/cost.ts'
import { type Activations, advance, inputActivations, type LayerRun, openTrial, type WalkOptions } from './alone.ts'
import { divergence, type ErrorFigures, ErrorSum } from './measures.ts'
import type { Method } from './methods.ts'

export interface Effect {
  /** On the weights of the layer. */
  readonly weights: ErrorFigures
  /** On what the layer gives, its input being the float network's. */
  readonly layerOutput: ErrorFigures
  /** On what the network gives. */
  readonly output: ErrorFigures
  /** Mean Kullback-Leibler divergence of the class probabilities from float, nats; null when the output is no vector of classes. */
  readonly kl: number | null
  /** Share of samples with the same answer as float; null without classes. */
  readonly agreement: number | null
  /** 0 to 1; null without labels. */
  readonly accuracy: number | null
  /** Percentage points below float on the same samples; null without labels. */
  readonly accuracyDrop: number | null
}

/** What a layer takes, and how that is known. */
export interface Footprint {
  /** Of the weights in the pack. */
  readonly bytes: number
  readonly codec: string
  readonly mode: 'direct' | 'streamed' | 'resident'
  /** Of the layer's operator in one inference; null when its time is not known. */
  readonly cycles: number | null
}

export interface Cell extends Effect {
  readonly method: string
  readonly footprint: Footprint | null
}

export interface LayerSensitivity {
  readonly node: string
  readonly op: string
  readonly weights: string
  readonly elements: number
  readonly macs: number
  /** As plain int8; null when the model does not lower. */
  readonly int8: Footprint | null
  /** A method that leaves the layer as it is has no cell. */
  readonly cells: readonly Cell[]
}

/** The whole analysis: what a search over methods starts from. */
export interface Sensitivity {
  readonly methods: readonly { readonly name: string; readonly title: Note; readonly description: Note }[]
  readonly layers: readonly LayerSensitivity[]
  /** Float, on the same samples; null without labels. */
  readonly originalAccuracy: number | null
  /** How the cycles of plain int8 were obtained. */
  readonly cyclesKind: 'measured' | 'simulated' | 'estimated'
  /** How good estimated cycles are. */
  readonly cost: CostBasis
}

export interface EffectsInput {
  /** With its layers canonical and its batch normalisation folded; weights in real numbers or on grids of their own. */
  readonly graph: Graph
  /** For each method the same graph with that method applied to all layers. */
  readonly variants: readonly { readonly method: Method; readonly graph: Graph }[]
  readonly samples: Samples
  readonly labels: ArrayLike<number> | null
  readonly batchSize: number
  readonly engine: HostEngine
  readonly signal?: AbortSignal
  progress?(fraction: number, note: Note): void
}

export interface Effects {
  readonly originalAccuracy: number | null
  readonly layers: readonly Omit<LayerSensitivity, 'int8'>[]
}

export async function layerEffects(input: EffectsInput): Promise<Effects> {
  const { graph, signal, engine, batchSize } = input
  const walk: WalkOptions = { engine, batchSize, signal }
  const layers = weightLayers(graph)
  let at = 0
  let live: Activations = await inputActivations(graph, input.samples)
  let originalAccuracy: number | null = null
  const found: Omit<LayerSensitivity, 'int8'>[] = []
  for (const [i, layer] of layers.entries()) {
    signal?.throwIfAborted()
    input.progress?.(i / layers.length, say`layer ${i + 1} of ${layers.length}, ${layer.node.name}`)
    const place = graph.nodes.indexOf(layer.node)
    live = await advance(graph, live, [at, place], walk)
    at = place
    const { cells, accuracy } = await cellsOf(input, layer, live, walk)
    originalAccuracy ??= accuracy
    found.push({
      node: layer.node.name,
      op: layer.node.op,
      weights: layer.weights,
      elements: elementsOf(layer.tensor.shape),
      macs: nodeMacs(graph, layer.node),
      cells,
    })
  }
  input.progress?.(1, say`all layers`)
  return { originalAccuracy, layers: found }
}

async function cellsOf(input: EffectsInput, layer: WeightLayer, live: Activations, walk: WalkOptions) {
  const judge = judgeOf(input)
  await using trial = await openTrial(input.graph, layer.node, live, walk)
  const weights = realWeights(layer)
  const float = await trial.run(weights)
  const cells: Cell[] = []
  for (const { method, graph } of input.variants) {
    const changed = changedWeights(graph, layer)
    if (!changed || changed.every((value, i) => value === weights[i])) continue
    const run = await trial.run(changed)
    const ofWeights = new ErrorSum().add(changed, weights).figures()
    cells.push({ method: method.name, weights: ofWeights, ...judge(run, float), footprint: null })
  }
  return { cells, accuracy: accuracyOf(float.output, input) }
}

/** The layer's weights after a method, in real numbers and the tensor's order; null when the method has no such layer. */
function changedWeights(graph: Graph, layer: WeightLayer): Float32Array | null {
  const node = graph.nodes.find(({ name }) => name === layer.node.name)
  const changed = node && layerOf(graph, node)
  return changed && elementsOf(changed.tensor.shape) === elementsOf(layer.tensor.shape) ? realWeights(changed) : null
}

/** Classes of one sample; 0 when the output is not a vector of scores. */
function classesOf({ graph, samples }: EffectsInput, output: Float32Array): number {
  const rank = graph.values.get(graph.outputs[0]!)?.shape?.filter((dim) => dim !== 1).length ?? 0
  const width = output.length / samples.count
  return rank <= 2 && width > 1 && width <= mostClasses ? width : 0
}

const mostClasses = 100_000

function judgeOf(input: EffectsInput) {
  const last = input.graph.nodes.find(({ outputs }) => outputs.includes(input.graph.outputs[0]!))
  const isLogits = last?.op !== 'Softmax' && last?.op !== 'Sigmoid'
  return (run: LayerRun, float: LayerRun): Omit<Effect, 'weights'> => {
    const classes = classesOf(input, float.output)
    const accuracy = accuracyOf(run.output, input)
    const original = accuracyOf(float.output, input)
    return {
      layerOutput: new ErrorSum().add(run.own, float.own).figures(),
      output: new ErrorSum().add(run.output, float.output).figures(),
      kl: classes === 0 ? null : divergence(run.output, float.output, classes, isLogits),
      agreement: classes === 0 ? null : agreement(run.output, float.output, classes),
      accuracy,
      accuracyDrop: accuracy === null || original === null ? null : (original - accuracy) * 100,
    }
  }
}

function agreement(found: Float32Array, reference: Float32Array, classes: number): number {
  const [a, b] = [answers(found, classes), answers(reference, classes)]
  return a.reduce((same, answer, i) => same + Number(answer === b[i]), 0) / Math.max(1, a.length)
}

function accuracyOf(output: Float32Array, { labels, samples }: EffectsInput): number | null {
  if (!labels) return null
  const found = answers(output, output.length / samples.count)
  return found.reduce((right, answer, i) => right + Number(answer === labels[i]), 0) / Math.max(1, found.length)
}
