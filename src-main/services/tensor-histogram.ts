// How the elements of a tensor are distributed: as the model has them, and as a run's pack holds them, in real numbers.
import { readFile } from 'node:fs/promises'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import type { Distribution, TensorHistogram } from '../contract/model-graph.ts'
import { readShoe } from '../formats/shoe/index.ts'
import type { Graph } from '../ir/graph.ts'
import { dequantizeTensor } from '../ir/quantize.ts'
import { readFloats, type Tensor } from '../ir/tensor.ts'
import { isWeighted, type Plan, type WeightedOp } from '../targets/plan.ts'
import type { HistogramInput } from './model-task.ts'
import { loadModel } from './run/load.ts'

/** The integers of quantised constants become the real numbers that they stand for. */
export function realsOf(graph: Graph, name: string): Float32Array {
  const held = graph.constants.get(name)
  if (!held) throw new AppError('store.notFound', { kind: say`tensor`, id: name, plural: 'analyze' })
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

/** @param graph of the file at `path`, when it is open already */
export async function histogramOfFiles({ path, tensor, pack, bins }: HistogramInput, graph?: Graph) {
  const read = graph ?? (await loadModel(path)).graph
  const plan = pack === null ? null : readShoe(new Uint8Array(await readFile(pack))).plan
  return histogramOf(tensor, realsOf(read, tensor), plan && packedWeights(plan, read, tensor), bins)
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

const distributionOf = (values: Float32Array, low: number, high: number, bins: number): Distribution =>
  new DistributionSum(low, high, bins).add(values).distribution()

/** Elements in equal steps, summed a part at a time. What is outside counts in the outermost bins. */
export class DistributionSum {
  readonly low: number
  readonly high: number
  readonly #counts: number[]
  #elements = 0
  #sum = 0
  #squares = 0
  #zeros = 0
  #min = Infinity
  #max = -Infinity

  constructor(low: number, high: number, bins: number) {
    this.low = low
    this.high = high
    this.#counts = new Array<number>(bins).fill(0)
  }

  add(values: Float32Array): this {
    const counts = this.#counts
    const { low, high } = this
    const last = counts.length - 1
    const perBin = high > low ? counts.length / (high - low) : 0
    this.#elements += values.length
    for (const value of values) {
      if (!Number.isFinite(value)) continue
      counts[Math.max(0, Math.min(last, Math.floor((value - low) * perBin)))]!++
      this.#sum += value
      this.#squares += value * value
      if (value === 0) this.#zeros++
      if (value < this.#min) this.#min = value
      if (value > this.#max) this.#max = value
    }
    return this
  }

  distribution(): Distribution {
    const elements = this.#elements
    const mean = elements ? this.#sum / elements : 0
    const variance = elements ? Math.max(0, this.#squares / elements - mean * mean) : 0
    const isEmpty = this.#min > this.#max
    return {
      elements,
      min: isEmpty ? 0 : this.#min,
      max: isEmpty ? 0 : this.#max,
      mean,
      std: Math.sqrt(variance),
      zeros: elements ? this.#zeros / elements : 0,
      counts: [...this.#counts],
    }
  }
}
