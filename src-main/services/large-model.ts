// What is said of a model whose weights no board of the catalogue can hold: everything that takes one pass over the file, and
// nothing that takes the model into memory.
import { say } from '../base/note.ts'
import { bestCodec, type CodecName, codecs, type IntTensor } from '../codecs/registry.ts'
import type { Deployability, WeightFacts } from '../contract/model.ts'
import type { Graph, Node } from '../ir/graph.ts'
import { elementsOf, floatPieces, piecesOf, type Tensor } from '../ir/tensor.ts'
import { type WeightLayer, weightLayers } from '../passes/layers.ts'
import { statisticsOfCounts } from '../targets/packer/statistics.ts'
import { unknownDeployability } from './deployability.ts'
import type { DeviceSummary } from './devices.ts'

/** Each weight tensor once, with the first layer that reads it. */
function distinctLayers(graph: Graph): WeightLayer[] {
  const seen = new Set<string>()
  return weightLayers(graph).filter(({ weights }) => !seen.has(weights) && seen.add(weights))
}

export const weightCount = (graph: Graph): number =>
  distinctLayers(graph).reduce((sum, { tensor }) => sum + elementsOf(tensor.shape), 0)

const memoryOf = ({ flashBytes, ramBytes }: DeviceSummary) => Math.max(flashBytes ?? 0, ramBytes ?? 0)

/** Whether the weights alone, a byte each, are more than any of the devices has. */
export const isBeyondDevices = (graph: Graph, devices: readonly DeviceSummary[]): boolean =>
  weightCount(graph) > Math.max(...devices.map(memoryOf))

export function beyondDevice(device: DeviceSummary, weights: number): Deployability {
  const holds = device.flashBytes === null && device.ramBytes === null ? Infinity : memoryOf(device)
  return weights > holds
    ? { ...unknownDeployability(device, say`${weights} weights are more than it holds`), fits: false }
    : unknownDeployability(device, say`no estimate for ${weights} weights; a run says whether they fit`)
}

/** Elements of a tensor that each codec is tried on. */
const sampleElements = 2 ** 18

export const sampledWeights = say`sizes of coded weights are estimated from evenly spaced output channels`

/** Statistics of every weight; sizes under each codec from some output channels. */
export function largeWeightFacts(graph: Graph, progress?: (fraction: number) => void): WeightFacts[] {
  return distinctLayers(graph).map(({ weights, node, tensor, quant, channelAxis }, index, layers) => {
    progress?.(index / layers.length)
    const integers = quant ? storedIntegers(tensor) : int8Integers(tensor, channelAxis)
    const shape = [tensor.shape[channelAxis]!, ...tensor.shape.filter((_, d) => d !== channelAxis)]
    return factsOf({ name: weights, node, shape, tensor, channelAxis }, integers)
  })
}

interface Described {
  readonly name: string
  readonly node: Node
  /** Output channels first. */
  readonly shape: readonly number[]
  readonly tensor: Tensor
  readonly channelAxis: number
}

/** Stretches of integers in the tensor's order. */
type Integers = Iterable<{ readonly first: number; readonly data: ArrayLike<number | bigint> }>

function factsOf({ name, node, shape, tensor, channelAxis }: Described, integers: Integers): WeightFacts {
  const elements = elementsOf(shape)
  const channels = shape[0]!
  const rowElements = elements / channels
  const rows = Math.max(1, Math.min(channels, Math.floor(sampleElements / rowElements)))
  const step = Math.floor(channels / rows)
  const inner = elementsOf(tensor.shape.slice(channelAxis + 1))
  const sample = new Int8Array(rows * rowElements)
  const filled = new Uint32Array(rows)
  const counts = new Uint32Array(256)
  for (const { first, data } of integers)
    for (let k = 0; k < data.length; k++) {
      const value = Number(data[k]!)
      counts[value & 0xff]!++
      const channel = Math.floor((first + k) / inner) % channels
      const row = channel / step
      if (row < rows && Number.isInteger(row)) sample[row * rowElements + filled[row]!++] = value
    }
  const { best, bytes } = estimatedSizes({ data: sample, rows, rowElements, inner: shape.at(-1)! }, elements)
  return {
    ...{ tensor: name, node: node.name, op: node.op, shape: [...shape], elements },
    ...statisticsOfCounts(counts),
    best,
    codecs: codecs.map((codec) => ({ codec: codec.name, bytes: bytes.get(codec.name) ?? null })),
  }
}

function estimatedSizes(sample: IntTensor, elements: number) {
  const { sizes } = bestCodec(sample)
  const grown = elements / sample.data.length
  const bytes = new Map<CodecName, number>(
    sizes.map(({ codec, payloadBytes, tableBytes }) => [codec, Math.round(payloadBytes * grown) + tableBytes]),
  )
  const best = [...bytes].reduce((least, each) => (each[1] < least[1] ? each : least))[0]
  return { best, bytes }
}

const storedIntegers = (tensor: Tensor): Integers => piecesOf(tensor) as Integers

/** Symmetric over the full range of each output channel, as the recipe int8-minmax has weights. */
function* int8Integers(tensor: Tensor, channelAxis: number): Generator<{ first: number; data: Int8Array }> {
  const channels = tensor.shape[channelAxis]!
  const inner = elementsOf(tensor.shape.slice(channelAxis + 1))
  const most = new Float32Array(channels)
  for (const { first, data } of floatPieces(tensor))
    for (let k = 0; k < data.length; k++) {
      const c = Math.floor((first + k) / inner) % channels
      most[c] = Math.max(most[c]!, Math.abs(data[k]!))
    }
  const scale = most.map((value) => (value > 0 ? value / 127 : 1))
  for (const { first, data } of floatPieces(tensor)) {
    const integers = new Int8Array(data.length)
    for (let k = 0; k < data.length; k++)
      integers[k] = Math.round(data[k]! / scale[Math.floor((first + k) / inner) % channels]!)
    yield { first, data: integers }
  }
}
