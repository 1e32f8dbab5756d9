// How the elements of a tensor are distributed: as the model has them, and as a run's pack holds them, in real numbers.
import { AppError } from '../base/errors.ts'
import type { Distribution, TensorHistogram } from '../contract/model-graph.ts'
import type { Graph } from '../ir/graph.ts'
import { dequantizeTensor } from '../ir/quantize.ts'
import { readFloats, type Tensor } from '../ir/tensor.ts'
import { isWeighted, type Plan, type WeightedOp } from '../targets/plan.ts'

/** The integers of quantised constants become the real numbers that they stand for. */
export function realsOf(graph: Graph, name: string): Float32Array {
  const held = graph.constants.get(name)
  if (!held) throw new AppError('store.notFound', { kind: 'tensor', id: name, plural: 'analyze' })
  return readFloats(realTensor(graph, name, held))
}

function realTensor(graph: Graph, name: string, held: Tensor): Tensor {
  const quant = graph.values.get(name)?.quant
  return quant ? dequantizeTensor(held, quant) : held
}

export interface PackedTensor {
  readonly name: string
  readonly codec: string
  readonly distinct: number
  readonly values: Float32Array
}

/** The weights that the node of `tensor` has in the pack: of that name, else of the operator made from that node. */
export function packedWeights(plan: Plan, graph: Graph, tensor: string): PackedTensor | null {
  const reader = graph.nodes.find((node) => node.inputs.includes(tensor))
  const weighted = plan.ops.filter(isWeighted)
  const isBias = reader !== undefined && reader.inputs.indexOf(tensor) > 1
  const op =
    weighted.find((each) => plan.tensors[each.weights]!.name === tensor) ??
    (isBias ? undefined : weighted.find((each) => each.node === reader?.name))
  return op ? unpacked(plan, op) : null
}

function unpacked(plan: Plan, op: WeightedOp): PackedTensor | null {
  const { name, shape, place } = plan.tensors[op.weights]!
  if (place.kind !== 'constant') return null
  const scales = weightScales(plan, op)
  const isDepthwise = op.kind === 'depthwiseConv2d'
  const channels = isDepthwise ? shape.at(-1)! : op.kind === 'fullyConnected' ? shape.at(-2)! : shape[0]!
  const inner = isDepthwise ? 1 : op.kind === 'fullyConnected' ? shape.at(-1)! : place.data.length / channels
  const channelOf = (index: number) => Math.floor(index / inner) % channels
  return {
    name,
    codec: place.storage?.codec ?? 'int8',
    distinct: new Set(place.data).size,
    values: Float32Array.from(place.data, (q, index) => q * scales[scales.length === 1 ? 0 : channelOf(index)]!),
  }
}

/** What is requantised by input scale * weight scale / output scale gives the weight scale back. */
function weightScales(plan: Plan, op: WeightedOp): number[] {
  const { multiplier, shift } = op.requant
  const input = plan.tensors[op.input]!.scale
  const output = plan.tensors[op.output]!.scale
  return Array.from(multiplier, (m, c) => (m * 2 ** (shift[c]! - 31) * output) / input)
}

export function histogramOf(
  name: string,
  before: Float32Array,
  after: PackedTensor | null,
  bins: number,
): TensorHistogram {
  const [low, high] = extent(after ? [before, after.values] : [before])
  const of = (values: Float32Array) => distributionOf(values, low, high, bins)
  return {
    tensor: name,
    low,
    high,
    before: of(before),
    after: after && { ...of(after.values), name: after.name, codec: after.codec, distinct: after.distinct },
  }
}

function extent(arrays: readonly Float32Array[]): [number, number] {
  let [low, high] = [Infinity, -Infinity]
  for (const values of arrays)
    for (const value of values) {
      if (value < low) low = value
      if (value > high) high = value
    }
  return low <= high ? [low, high] : [0, 0]
}

function distributionOf(values: Float32Array, low: number, high: number, bins: number): Distribution {
  const counts = new Array<number>(bins).fill(0)
  const perBin = high > low ? bins / (high - low) : 0
  let [sum, squares, zeros, min, max] = [0, 0, 0, Infinity, -Infinity]
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    counts[Math.min(bins - 1, Math.floor((value - low) * perBin))]!++
    sum += value
    squares += value * value
    if (value === 0) zeros++
    if (value < min) min = value
    if (value > max) max = value
  }
  const elements = values.length
  const mean = elements ? sum / elements : 0
  const std = elements ? Math.sqrt(Math.max(0, squares / elements - mean * mean)) : 0
  return {
    elements,
    min: elements ? min : 0,
    max: elements ? max : 0,
    mean,
    std,
    zeros: elements ? zeros / elements : 0,
    counts,
  }
}
