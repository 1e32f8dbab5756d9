// The optimisation of one block: all of its weights together against the squared error of its outputs.
import type { Random } from '../../base/random.ts'
import { differentiate } from '../../engine/gradient/differentiate.ts'
import { withFedConstants, withSquaredError } from '../../engine/gradient/squared-error.ts'
import type { Graph } from '../../ir/graph.ts'
import { inferShapes } from '../../ir/infer.ts'
import { bindBatch } from '../../ir/rewrite.ts'
import type { PassContext } from '../pass.ts'
import { type Activation, type Activations, picked } from './activations.ts'
import type { BiasValues } from './biases.ts'
import type { LayerRounding } from './layer-rounding.ts'
import type { Params } from './settings.ts'

export interface BlockProblem {
  /** The block, with the layers to optimise as they are before. */
  readonly graph: Graph
  /** By the name of the weights. */
  readonly layers: ReadonlyMap<string, LayerRounding>
  /** By name; none where they stay. */
  readonly biases: ReadonlyMap<string, BiasValues>
  readonly inputs: Activations
  readonly targets: Activations
  /** Of one sample's elements; null: all alike. */
  readonly weights: Activations | null
}

/** Exponent of the regulariser, from flat to steep (AdaRound, section 3.3). */
const [firstBeta, lastBeta] = [20, 2]
/** Shares of the steps: the first are without the regulariser, the last for scales and biases alone. */
const [warmup, settled] = [0.2, 0.8]

/** Runs all steps; layers and biases then hold the result. Gives the share of each layer's weights that ended between two
 * integers. Fails with graph.gradient where a block cannot be differentiated. */
export async function optimizeBlock(
  problem: BlockProblem,
  options: Params,
  context: PassContext,
  progress: (fraction: number) => void,
): Promise<number[]> {
  const { layers, biases } = problem
  const samples = Object.values(problem.targets)[0]!.shape[0]!
  const batch = batchOf(problem.graph, Math.min(options.batch, samples))
  const lossGraph = lossGraphOf(problem, batch)
  await using host = await context.engine.open(lossGraph.graph, { quantization: 'drop' })
  const scales = options.scales && !options.powerOfTwo && options.granularity !== 'group'
  let undecided: number[] | null = null
  for (let step = 0; step < options.steps; step++) {
    context.signal?.throwIfAborted()
    const done = step / options.steps
    if (done >= settled && !undecided) undecided = settleAll(layers)
    const found = await host.run(feedsOf(problem, lossGraph, drawn(samples, batch, context.random)))
    const gradientOf = (name: string) => found[lossGraph.gradients.get(name) ?? '']?.data
    const fade = Math.min(1, (1 - done) / (1 - settled))
    const rates = {
      learningRate: options.learningRate,
      scaleRate: scales ? options.scaleRate * fade : 0,
      beta: betaAt((done - warmup) / (settled - warmup)),
      regularization: options.regularization,
    }
    for (const [name, layer] of layers) {
      const gradient = gradientOf(name)
      if (gradient) layer.step(gradient, rates)
    }
    for (const [name, bias] of biases) {
      const gradient = gradientOf(name)
      if (gradient) bias.step(gradient, options.biasRate * fade)
    }
    progress(done)
  }
  return undecided ?? settleAll(layers)
}

function settleAll(layers: ReadonlyMap<string, LayerRounding>): number[] {
  return [...layers.values()].map((layer) => {
    const undecided = layer.undecided()
    layer.settle()
    return undecided
  })
}

/** Cosine from the first to the last; null before it begins. */
const betaAt = (along: number) =>
  along < 0 ? null : lastBeta + 0.5 * (firstBeta - lastBeta) * (1 + Math.cos(Math.min(1, along) * Math.PI))

/** A graph whose batch is fixed keeps it. */
function batchOf(graph: Graph, wanted: number): number {
  const size = graph.values.get(graph.inputs[0] ?? '')?.shape?.[0]
  return typeof size === 'number' ? size : wanted
}

function lossGraphOf({ graph, layers, biases, targets, weights }: BlockProblem, batch: number) {
  const names = [...layers.keys(), ...biases.keys()]
  const bound = bindBatch(withFedConstants(graph, names), batch)
  const error = withSquaredError(bound, Object.keys(targets), batch, weights !== null)
  const { graph: whole, gradients } = differentiate(inferShapes(error.graph), { of: names, seeds: error.seeds })
  // The loss itself is not needed, and with it goes what only leads to it.
  return { ...error, graph: { ...whole, outputs: [...gradients.values()] }, gradients }
}

function feedsOf(
  { layers, biases, graph, inputs, targets, weights }: BlockProblem,
  lossGraph: ReturnType<typeof lossGraphOf>,
  indices: Uint32Array,
): Record<string, Activation> {
  const feeds: Record<string, Activation> = {}
  for (const name of graph.inputs) feeds[name] = picked(inputs[name]!, indices)
  for (const [name, layer] of layers) feeds[name] = { data: layer.soft(), shape: graph.constants.get(name)!.shape }
  for (const [name, { values, shape }] of biases) feeds[name] = { data: values, shape }
  for (const [name, input] of lossGraph.targets) feeds[input] = picked(targets[name]!, indices)
  for (const [name, input] of lossGraph.weights) feeds[input] = weights![name]!
  return feeds
}

/** Samples without repetition, any of them with equal chance. */
function drawn(count: number, size: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  for (let i = 0; i < Math.min(size, count - 1); i++) {
    const j = i + random.below(count - i)
    const held = order[i]!
    order[i] = order[j]!
    order[j] = held
  }
  // A fixed batch may be larger than the number of samples.
  return Uint32Array.from({ length: size }, (_, i) => order[i % count]!)
}
