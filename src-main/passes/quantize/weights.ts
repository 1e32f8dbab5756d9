// Constants on int8 grids: weights per output channel, biases in units of input scale times weight scale, operands of
// elementwise operators per tensor.
import { attrNumber, type Graph, type Node, type Quantization, type Value } from '../../ir/graph.ts'
import { elementsOf, readFloats, type Tensor, tensor } from '../../ir/tensor.ts'
import { GraphEdit } from '../edit.ts'
import { affineGrid, biasGrid, roundAway, symmetricGrid, toGrid } from './grid.ts'

export type WeightGranularity = 'per-channel' | 'per-tensor'

/** Weights of one node, ready for any choice of activation ranges. */
export interface NodeWeights {
  readonly node: Node
  readonly weights: string
  readonly bias: string | null
  /** Dimension of the output channels, null with one scale for all. */
  readonly axis: number | null
}

/** Operators whose constant operands are int8 tensors on the device. */
const operandOps = new Set(['Add', 'Sub', 'Mul', 'Div', 'PRelu', 'Concat', 'MatMul'])

/** Dimension of the output channels of a node's weights (input 1), null when it has none. */
function channelAxis(node: Node, weights: Tensor): number | null {
  if (node.domain !== '') return null
  if (node.op === 'Conv' || node.op === 'Gemm') return node.op === 'Gemm' && node.attrs.transB !== 1 ? 1 : 0
  if (node.op === 'ConvTranspose') return 1
  return node.op === 'MatMul' && weights.shape.length >= 2 ? weights.shape.length - 1 : null
}

/** Gives every constant that will be quantised one reader: constants that several inputs read are copied. */
export function separateConstants(graph: Graph): Graph {
  const edit = new GraphEdit(graph)
  const uses = new Map<string, number>()
  for (const name of graph.nodes.flatMap((node) => node.inputs)) uses.set(name, (uses.get(name) ?? 0) + 1)
  for (const node of edit.nodes()) {
    const inputs = node.inputs.map((name, i) =>
      uses.get(name)! > 1 && needsGrid(graph, node, i)
        ? edit.addConstant(`${node.name}.${i}`, graph.constants.get(name)!)
        : name,
    )
    if (inputs.some((name, i) => name !== node.inputs[i])) edit.replace(node, { ...node, inputs })
  }
  return edit.changes > 0 ? edit.finish() : graph
}

const isFloatConstant = (graph: Graph, name: string | undefined) =>
  !!name && graph.constants.get(name)?.dtype === 'f32' && !graph.values.get(name)?.quant

const needsGrid = (graph: Graph, node: Node, input: number) =>
  isFloatConstant(graph, node.inputs[input]) && (isWeights(graph, node, input) || operandOps.has(node.op))

/** Weights, or the bias that goes with constant weights. */
function isWeights(graph: Graph, node: Node, input: number): boolean {
  const weights = graph.constants.get(node.inputs[1] ?? '')
  if (!weights || channelAxis(node, weights) === null) return false
  return input === 1 || (input === 2 && node.op !== 'MatMul')
}

/** Nodes whose weights or biases have no grid yet. */
export function floatWeights(graph: Graph, granularity: WeightGranularity): readonly NodeWeights[] {
  return graph.nodes.flatMap((node) => {
    const weights = node.inputs[1]
    const held = graph.constants.get(weights ?? '')
    const axis = held ? channelAxis(node, held) : null
    if (axis === null || graph.constants.has(node.inputs[0]!)) return []
    const bias = node.op !== 'MatMul' && isFloatConstant(graph, node.inputs[2]) ? node.inputs[2]! : null
    if (!isFloatConstant(graph, weights) && bias === null) return []
    // Groups of a transposed convolution share the indices of the channel dimension: one scale for all is what remains.
    const perChannel =
      granularity === 'per-channel' && !(node.op === 'ConvTranspose' && attrNumber(node, 'group', 1) > 1)
    return [{ node, weights: weights!, bias, axis: perChannel ? axis : null }]
  })
}

/** Constants that are operands of elementwise operators, and have no grid yet. */
export function floatOperands(graph: Graph): readonly string[] {
  const names = graph.nodes.flatMap((node) =>
    node.inputs.filter(
      (name, i) => operandOps.has(node.op) && !isWeights(graph, node, i) && isFloatConstant(graph, name),
    ),
  )
  return [...new Set(names)]
}

/** A constant with its grid. */
export interface GridConstant {
  readonly name: string
  readonly tensor: Tensor
  readonly quant: Quantization
}

export function operandOnGrid(graph: Graph, name: string): GridConstant {
  const held = graph.constants.get(name)!
  const data = readFloats(held)
  const low = data.reduce((a, b) => Math.min(a, b), 0)
  const high = data.reduce((a, b) => Math.max(a, b), 0)
  const quant = affineGrid({ low, high })
  return {
    name,
    quant,
    tensor: tensor(
      'i8',
      held.shape,
      Int8Array.from(data, (v) => toGrid(v, quant)),
    ),
  }
}

/** Accumulators hold bias and products alike, so a bias takes half the range of int32 at most. */
const largestBias = 2 ** 30

/**
 * Weights and bias of one node for a given input scale. A channel whose bias would not fit gets coarser weights; a channel
 * of zeros takes the largest scale of the others, which keeps its bias fine.
 */
export function weightsOnGrid(graph: Graph, { weights, bias, axis }: NodeWeights, inputScale: number): GridConstant[] {
  const held = graph.constants.get(weights)!
  const biases = bias ? readFloats(graph.constants.get(bias)!) : null
  const given = graph.values.get(weights)?.quant
  // Groups: the unit of the accumulator is the channel's scale, which lowering finds.
  if (given?.blockSize !== undefined) return []
  const scales = given ? [...given.scale] : weightScales(held, axis, biases, inputScale)
  const made: GridConstant[] = []
  if (!given) made.push({ name: weights, ...onChannels(held, scales, axis) })
  if (bias && biases && !(given && isTooLarge(biases, scales, inputScale))) {
    const products = Array.from({ length: given || axis === null ? scales.length : biases.length }, (_, c) =>
      Math.fround(inputScale * scales[c]!),
    )
    const data = Int32Array.from(biases, (v, c) => roundAway(v / products[products.length === 1 ? 0 : c]!))
    made.push({ name: bias, quant: biasGrid(products), tensor: tensor('i32', [biases.length], data) })
  }
  return made
}

/** With weights that keep their grid a bias too large for it stays real; lowering makes the weights of its channel coarser. */
const isTooLarge = (biases: Float32Array, scales: readonly number[], inputScale: number) =>
  biases.some((v, c) => Math.abs(v) > largestBias * inputScale * scales[scales.length === 1 ? 0 : c]!)

function weightScales(held: Tensor, axis: number | null, biases: Float32Array | null, inputScale: number): number[] {
  const largest = largestByChannel(held, axis)
  const overall = Math.max(...largest) || 1
  return largest.map((size, c) => {
    const scale = (size || overall) / 127
    const forBias = biases ? channelBias(biases, c, largest.length) / (largestBias * inputScale) : 0
    return Math.fround(Math.max(scale, forBias))
  })
}

const channelBias = (biases: Float32Array, c: number, channels: number) =>
  channels === 1 ? biases.reduce((a, b) => Math.max(a, Math.abs(b)), 0) : Math.abs(biases[c]!)

function largestByChannel(held: Tensor, axis: number | null): number[] {
  const channel = channelIndex(held.shape, axis)
  const largest = new Array<number>(axis === null ? 1 : held.shape[axis]!).fill(0)
  readFloats(held).forEach((w, i) => {
    const c = channel(i)
    if (Math.abs(w) > largest[c]!) largest[c] = Math.abs(w)
  })
  return largest
}

function onChannels(held: Tensor, scales: readonly number[], axis: number | null): Omit<GridConstant, 'name'> {
  const quant = symmetricGrid(scales, axis)
  const channel = channelIndex(held.shape, axis)
  const data = Int8Array.from(readFloats(held), (w, i) => toGrid(w, quant, channel(i)))
  return { quant, tensor: tensor('i8', held.shape, data) }
}

function channelIndex(shape: readonly number[], axis: number | null): (i: number) => number {
  if (axis === null) return () => 0
  const inner = elementsOf(shape.slice(axis + 1))
  const size = shape[axis]!
  return (i) => Math.floor(i / inner) % size
}

/** The graph with these constants in place of their float versions. */
export function withGridConstants(
  graph: Graph,
  constants: readonly GridConstant[],
  values: ReadonlyMap<string, Value>,
): Graph {
  const held = new Map(graph.constants)
  const typed = new Map(values)
  for (const { name, tensor: onGrid, quant } of constants) {
    held.set(name, onGrid)
    typed.set(name, { name, dtype: 'f32', shape: onGrid.shape, quant })
  }
  return { ...graph, constants: held, values: typed }
}
