// Values of all samples between blocks, and what a block makes of them.
import { Bug } from '../../base/errors.ts'
import { memorySamples, rowSize, type Samples } from '../../engine/samples.ts'
import type { Graph } from '../../ir/graph.ts'
import type { PassContext } from '../pass.ts'

export interface Activation {
  readonly data: Float32Array
  /** The first dimension counts the samples. */
  readonly shape: readonly number[]
}

export type Activations = Readonly<Record<string, Activation>>

const batchSize = 64

export async function inputActivations(samples: Samples, names: readonly string[]): Promise<Activations> {
  const read = await samples.read(0, samples.count)
  return Object.fromEntries(
    names.map((name) => {
      const { data, shape } = read[name]!
      return [name, { data: Float32Array.from(data as ArrayLike<number>, Number), shape }]
    }),
  )
}

/** The outputs of a graph for all samples. */
export async function outputsOf(graph: Graph, inputs: Activations, context: PassContext): Promise<Activations> {
  const samples = memorySamples(inputs)
  await using host = await context.engine.open(graph)
  const found: Record<string, Activation> = {}
  for await (const { from, outputs } of host.runBatches(samples, { batchSize, signal: context.signal }))
    for (const [name, { data, shape }] of Object.entries(outputs)) {
      const size = rowSize({ data, shape })
      found[name] ??= { data: new Float32Array(samples.count * size), shape: [samples.count, ...shape.slice(1)] }
      found[name].data.set(data, from * size)
    }
  return found
}

/** Some samples, in the order given. */
export function picked({ data, shape }: Activation, indices: ArrayLike<number>): Activation {
  const size = rowSize({ data, shape })
  const rows = new Float32Array(indices.length * size)
  for (let i = 0; i < indices.length; i++)
    rows.set(data.subarray(indices[i]! * size, (indices[i]! + 1) * size), i * size)
  return { data: rows, shape: [indices.length, ...shape.slice(1)] }
}

/** Weighted squared error of each sample on average. @param weights of one sample's elements, by name */
export function squaredError(found: Activations, targets: Activations, weights: Activations | null): number {
  let sum = 0
  let samples = 1
  for (const [name, target] of Object.entries(targets)) {
    const [own, size] = [found[name]!.data, rowSize(target)]
    if (own.length !== target.data.length)
      throw new Bug(`${name} has ${own.length} elements, not ${target.data.length}`)
    const weight = weights ? weights[name]!.data : null
    samples = target.shape[0]!
    for (let i = 0; i < own.length; i++) sum += (weight ? weight[i % size]! : 1) * (own[i]! - target.data[i]!) ** 2
  }
  return sum / samples
}
