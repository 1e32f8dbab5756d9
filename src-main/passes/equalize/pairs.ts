// Pairs of layers between which each channel can be scaled: what lies between treats channels one by one, and twice the input
// gives twice the output.
import { type Graph, type Node, readers } from '../../ir/graph.ts'
import { layerOf, type WeightLayer } from '../layers.ts'

export interface LayerPair {
  readonly first: WeightLayer
  /** From the first layer to the second, without either. */
  readonly between: readonly Node[]
  readonly second: WeightLayer
  /** Channels that the first makes. */
  readonly channels: number
  /** A clamp from zero to a bound, which scaling would move; null without. */
  readonly clip: Node | null
}

const channelwise = [
  'Relu',
  'LeakyRelu',
  'MaxPool',
  'AveragePool',
  'GlobalAveragePool',
  'Identity',
  'Flatten',
  'Reshape',
]

/** In graph order. A layer can be second in one pair and first in the next. */
export function layerPairs(graph: Graph): LayerPair[] {
  const reading = readers(graph)
  const usedOnce = (name: string) => reading.get(name)?.length === 1
  return graph.nodes.flatMap((node) => {
    const first = scalableLayer(graph, node, usedOnce)
    return first ? (pairFrom(graph, first, reading, usedOnce) ?? []) : []
  })
}

function scalableLayer(graph: Graph, node: Node, usedOnce: (name: string) => boolean): WeightLayer | null {
  const layer = node.op === 'Conv' || node.op === 'Gemm' ? layerOf(graph, node) : null
  if (!layer || layer.quant || layer.tensor.dtype !== 'f32' || !usedOnce(layer.weights)) return null
  const biasFits = layer.bias ? usedOnce(layer.bias) && !graph.values.get(layer.bias)?.quant : !node.inputs[2]
  const plain = node.op === 'Conv' || (layer.channelAxis === 0 && layer.node.attrs.alpha === undefined)
  return biasFits && plain && !graph.values.get(node.outputs[0]!)?.quant ? layer : null
}

function pairFrom(
  graph: Graph,
  first: WeightLayer,
  reading: ReadonlyMap<string, readonly Node[]>,
  usedOnce: (name: string) => boolean,
): LayerPair | null {
  const between: Node[] = []
  let clip: Node | null = null
  let value = first.node.outputs[0]!
  for (;;) {
    const [node, other] = reading.get(value) ?? []
    if (!node || other || graph.outputs.includes(value) || graph.values.get(value)?.quant || node.inputs[0] !== value)
      return null
    const second = scalableLayer(graph, node, usedOnce)
    if (second) return fits(first, second) ? { first, between, second, channels: first.rows, clip } : null
    if (isClipFromZero(graph, node) && !clip) clip = node
    else if (!isChannelwise(graph, node)) return null
    between.push(node)
    value = node.outputs[0]!
  }
}

const fits = (first: WeightLayer, second: WeightLayer) => Number.isInteger(inputsPerChannel(first.rows, second))

/** Inputs of the second layer that one channel of the first becomes: 1, or the image that Flatten makes a vector of. */
export function inputsPerChannel(channels: number, { node, tensor, groups }: WeightLayer): number {
  return (tensor.shape[1]! * (node.op === 'Conv' ? groups : 1)) / channels
}

/** Input channel of the second layer, as channel of the first, for each element of its matrix. */
export function inputChannelOf(channels: number, second: WeightLayer): (row: number, column: number) => number {
  const { groups, rows, columns } = second
  const perGroup = columns / (second.node.op === 'Conv' ? window(second) : 1)
  const each = inputsPerChannel(channels, second)
  return (row, column) => {
    const input = Math.floor(row / (rows / groups)) * perGroup + Math.floor(column / (columns / perGroup))
    return Math.floor(input / each)
  }
}

const window = ({ tensor }: WeightLayer) => tensor.shape.slice(2).reduce((product, dim) => product * dim, 1)

function isChannelwise(graph: Graph, node: Node): boolean {
  if (node.domain !== '' || !channelwise.includes(node.op)) return false
  if (node.op !== 'Flatten' && node.op !== 'Reshape') return true
  // Only to one row per sample, in which each channel's elements stay together.
  const [from, to] = [graph.values.get(node.inputs[0]!)?.shape, graph.values.get(node.outputs[0]!)?.shape]
  return from !== null && from !== undefined && to?.length === 2 && from.length >= 2 && from[0] === to[0]
}

function isClipFromZero(graph: Graph, node: Node): boolean {
  const low = graph.constants.get(node.inputs[1] ?? '')
  return node.op === 'Clip' && node.domain === '' && low !== undefined && Number(low.read()[0]) === 0
}
