// How much each element between two blocks matters to the network's outputs: the diagonal of the Gauss-Newton matrix, by
// which BRECQ (Li et al. 2021, section 3.2) weighs the squared error of a block.
import type { Random } from '../../base/random.ts'
import { differentiate } from '../../engine/gradient/differentiate.ts'
import { rowSize } from '../../engine/samples.ts'
import type { Graph } from '../../ir/graph.ts'
import { bindBatch, withValue } from '../../ir/rewrite.ts'
import type { PassContext } from '../pass.ts'
import { type Activation, type Activations, picked } from './activations.ts'
import { type Block, partOf } from './blocks.ts'

const mostSamples = 256
const batchSize = 32

/**
 * Mean over the samples of (d rᵀy / dz)^2, with random signs r: its expectation is the diagonal of JᵀJ, J the derivative of
 * the outputs y by the block's outputs z. y is what goes into a last Softmax. Mean 1 over the elements.
 * @param outputs of the block, in the float network
 */
export async function outputWeights(
  graph: Graph,
  after: readonly Block[],
  outputs: Activations,
  context: PassContext,
): Promise<Activations | null> {
  const rest = restOf(graph, after, Object.keys(outputs))
  if (!rest) return null
  const samples = Object.values(outputs)[0]!.shape[0]!
  const batch = Math.min(batchSize, samples)
  const bound = bindBatch(rest, batch)
  const [y] = bound.outputs
  const value = bound.values.get(y!)!
  if (!value.shape?.every((dim) => typeof dim === 'number')) return null
  const shape = value.shape.map(Number)
  const seeded = withValue({ ...bound, inputs: [...bound.inputs, 'signs'] }, { name: 'signs', dtype: 'f32', shape })
  const of = Object.keys(outputs)
  const made = differentiate(seeded, { of, seeds: new Map([[y!, 'signs']]) })
  await using host = await context.engine.open({ ...made.graph, outputs: [...made.gradients.values()] })
  const sums = Object.fromEntries(of.map((name) => [name, new Float32Array(rowSize(outputs[name]!))]))
  for (let from = 0; from + batch <= Math.min(samples, mostSamples); from += batch) {
    context.signal?.throwIfAborted()
    const indices = Array.from({ length: batch }, (_, i) => from + i)
    const inputs = Object.fromEntries(of.map((name) => [name, picked(outputs[name]!, indices)]))
    const found = await host.run({ ...inputs, signs: signs(shape, context.random) })
    for (const name of of) addSquares(sums[name]!, found[made.gradients.get(name)!]!.data)
  }
  return Object.fromEntries(of.map((name) => [name, normalised(sums[name]!, outputs[name]!)]))
}

/** From the block's outputs to the network's; null where the rest needs other values too, or nothing follows. */
function restOf(graph: Graph, after: readonly Block[], from: readonly string[]): Graph | null {
  const nodes = after.flatMap((block) => block.nodes)
  const needs = after
    .flatMap((block) => block.inputs)
    .filter((name) => !nodes.some((node) => node.outputs.includes(name)))
  if (nodes.length === 0 || graph.outputs.length !== 1 || needs.some((name) => !from.includes(name))) return null
  const last = nodes.at(-1)!
  const isHead = last.op === 'Softmax' && last.outputs[0] === graph.outputs[0]
  const kept = isHead ? nodes.slice(0, -1) : nodes
  if (kept.length === 0) return null
  return partOf(graph, new Set(kept.map(({ name }) => name)), from, [isHead ? last.inputs[0]! : graph.outputs[0]!])
}

function signs(shape: readonly number[], random: Random): Activation {
  const size = shape.reduce((product, dim) => product * dim, 1)
  return { data: Float32Array.from({ length: size }, () => (random.next() < 0.5 ? -1 : 1)), shape }
}

function addSquares(sum: Float32Array, gradient: Float32Array) {
  for (let i = 0; i < gradient.length; i++) sum[i % sum.length]! += gradient[i]! ** 2
}

function normalised(sum: Float32Array, { shape }: Activation): Activation {
  const mean = sum.reduce((total, v) => total + v, 0) / sum.length
  return { data: mean > 0 ? sum.map((v) => v / mean) : sum.fill(1), shape: [1, ...shape.slice(1)] }
}
