// A model's weights as integers: what each codec makes of them, and the integers themselves for others to measure.
import { bestCodec, codecs, type IntTensor } from '../codecs/registry.ts'
import type { WeightFacts } from '../contract/model.ts'
import type { NumericArray } from '../data/npy.ts'
import type { Graph, Node } from '../ir/graph.ts'
import type { Tensor } from '../ir/tensor.ts'
import { weightStatistics } from '../targets/packer/statistics.ts'
import type { Plan } from '../targets/plan.ts'
import { codableWeights, rowsOf } from '../targets/weight-storage.ts'

/** One weight tensor as codecs see it: output channels first. */
export interface IntegerWeights {
  readonly name: string
  readonly node: string
  readonly op: string
  /** Output channels first. */
  readonly shape: readonly number[]
  readonly tensor: IntTensor
}

export function weightsOfPlan(plan: Plan): IntegerWeights[] {
  return codableWeights(plan).map((weights) => {
    const { node, op } = plan.ops[weights.ops[0]!]!
    const { name, shape } = plan.tensors[weights.tensor]!
    const isDepthwise = weights.rowDims === 0
    const ordered = isDepthwise ? [shape.at(-1)!, ...shape.slice(1, -1), 1] : [...shape]
    return { name, node, op, shape: ordered, tensor: rowsOf(plan, weights) }
  })
}

/** Of a quantised graph that does not lower: constants on an int8 grid, in the graph's own order of dimensions. */
export function weightsOfGraph(graph: Graph): IntegerWeights[] {
  return graph.nodes.flatMap((node) => {
    const name = node.inputs[1] ?? ''
    const held = graph.constants.get(name)
    if (held?.dtype !== 'i8' || held.shape.length < 2 || !graph.values.get(name)?.quant) return []
    const axis = outputAxis(node, held.shape.length)
    const shape = [held.shape[axis]!, ...held.shape.filter((_, d) => d !== axis)]
    const data = channelsFirst(held, axis)
    const rowElements = data.length / Math.max(1, shape[0]!)
    const tensor = { data, rows: shape[0]!, rowElements, inner: shape.at(-1)! }
    return data.length === 0 ? [] : [{ name, node: node.name, op: node.op, shape, tensor }]
  })
}

function outputAxis(node: Node, rank: number): number {
  if (node.op === 'ConvTranspose') return 1
  if (node.op === 'MatMul') return rank - 1
  return node.op === 'Gemm' && node.attrs.transB !== 1 ? 1 : 0
}

function channelsFirst(held: Tensor, axis: number): Int8Array {
  const numbers = Int8Array.from(held.read() as ArrayLike<number>)
  if (axis === 0) return numbers
  const channels = held.shape[axis]!
  const inner = held.shape.slice(axis + 1).reduce((a, b) => a * b, 1)
  const outer = numbers.length / (channels * inner)
  const moved = new Int8Array(numbers.length)
  let to = 0
  for (let c = 0; c < channels; c++)
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) moved[to++] = numbers[(o * channels + c) * inner + i]!
  return moved
}

export function weightFacts(weights: readonly IntegerWeights[], progress?: (fraction: number) => void): WeightFacts[] {
  return weights.map(({ name, node, op, shape, tensor }, index) => {
    progress?.(index / weights.length)
    const { best, sizes } = bestCodec(tensor)
    const bytesOf = new Map(sizes.map(({ codec, payloadBytes, tableBytes }) => [codec, payloadBytes + tableBytes]))
    return {
      tensor: name,
      node,
      op,
      shape: [...shape],
      elements: tensor.data.length,
      ...weightStatistics(tensor.data),
      best: best.codec,
      codecs: codecs.map((codec) => ({ codec: codec.name, bytes: bytesOf.get(codec.name) ?? null })),
    }
  })
}

/** One int8 array a tensor, in the order of the network; names are what file systems and NumPy take. */
export function weightArrays(weights: readonly IntegerWeights[]): Record<string, NumericArray> {
  const arrays: Record<string, NumericArray> = {}
  weights.forEach(({ name, shape, tensor }, i) => {
    const plain = name
      .replace(/[^\w.-]+/g, '_')
      .replace(/^_+/, '')
      .slice(0, 80)
    arrays[`${String(i).padStart(3, '0')}_${plain}`] = { dtype: 'i8', shape, data: tensor.data }
  })
  return arrays
}
