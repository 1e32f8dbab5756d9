// Mean of each output channel of layers over samples.
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { Graph } from '../../ir/graph.ts'
import { upTo } from '../layer-inputs.ts'
import type { WeightLayer } from '../layers.ts'
import type { CalibrationData, PassContext } from '../pass.ts'

const batchBytes = 64 * 2 ** 20
const largestBatch = 64

/** By node name. Elements that are not finite count as zero. */
export async function channelMeans(
  graph: Graph,
  layers: readonly WeightLayer[],
  samples: CalibrationData,
  context: PassContext,
): Promise<Map<string, Float64Array>> {
  const outputs = layers.map(({ node }) => node.outputs[0]!)
  const part = layers.length === 1 ? upTo(graph, outputs[0]!) : graph
  await using host = await context.engine.open(part, { extraOutputs: outputs })
  const sums = new Map(layers.map((layer) => [layer.node.name, new Float64Array(channelsOf(graph, layer))]))
  const counts = new Map<string, number>()
  const batchSize = batchOf(graph, outputs)
  for await (const batch of host.runBatches(samples, { batchSize, signal: context.signal }))
    for (const { node } of layers) {
      const { data, shape } = batch.outputs[node.outputs[0]!]!
      const sum = sums.get(node.name)!
      addByChannel(sum, data, isChannelsLast(node.op) ? 1 : innerOf(shape))
      counts.set(node.name, (counts.get(node.name) ?? 0) + data.length / sum.length)
    }
  return new Map([...sums].map(([name, sum]) => [name, sum.map((v) => v / counts.get(name)!)]))
}

const isChannelsLast = (op: string) => op === 'Gemm' || op === 'MatMul'
const innerOf = (shape: readonly number[]) => shape.slice(2).reduce((product, dim) => product * dim, 1)

export function channelsOf(graph: Graph, { node }: WeightLayer): number {
  const shape = graph.values.get(node.outputs[0]!)?.shape
  const channels = isChannelsLast(node.op) ? shape?.at(-1) : shape?.[1]
  if (typeof channels === 'number') return channels
  throw new AppError('recipe.unsupported', { node: node.name, problem: say`the shape of its output is not known` })
}

function addByChannel(sum: Float64Array, data: Float32Array, inner: number) {
  const channels = sum.length
  for (let from = 0, c = 0; from < data.length; from += inner, c = (c + 1) % channels) {
    let part = 0
    for (let i = from; i < from + inner; i++) {
      const v = data[i]!
      if (v - v === 0) part += v
    }
    sum[c]! += part
  }
}

function batchOf(graph: Graph, names: readonly string[]): number {
  const perSample = names.reduce((sum, name) => {
    const dims = graph.values.get(name)?.shape ?? []
    return sum + dims.slice(1).reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 4)
  }, 1)
  return Math.max(1, Math.min(largestBatch, Math.floor(batchBytes / perSample)))
}
