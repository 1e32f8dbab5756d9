// Layers with constant weights, as matrices: what the methods that work layer by layer see of a graph.
import { attrNumber, type Graph, type Node, type Quantization } from '../ir/graph.ts'
import { dequantizeTensor } from '../ir/quantize.ts'
import { elementsOf, readFloats, type Tensor } from '../ir/tensor.ts'
import type { Matrix } from '../kernels/kernels.ts'

/**
 * A node y = W x + b with constant weights. As a matrix, W has one row for each output channel and one column for each
 * input that is summed; a grouped layer is a stack of such matrices, whose rows follow each other.
 */
export interface WeightLayer {
  readonly node: Node
  /** Name of the constant. */
  readonly weights: string
  readonly tensor: Tensor
  /** Of weights that are integers already. */
  readonly quant: Quantization | undefined
  /** Name of the constant bias, null without one. */
  readonly bias: string | null
  readonly groups: number
  /** Of all groups together. */
  readonly rows: number
  readonly columns: number
  /** Dimension of the output channels in the tensor. */
  readonly channelAxis: number
}

const weightedOps = ['Conv', 'Gemm', 'MatMul', 'ConvTranspose']

/** In graph order. Weights that several nodes share appear once for each. */
export function weightLayers(graph: Graph): WeightLayer[] {
  return graph.nodes.flatMap((node) => layerOf(graph, node) ?? [])
}

export function layerOf(graph: Graph, node: Node): WeightLayer | null {
  const weights = node.inputs[1]
  const held = graph.constants.get(weights ?? '')
  if (node.domain !== '' || !weightedOps.includes(node.op) || !weights || !held) return null
  if (graph.constants.has(node.inputs[0]!)) return null
  const sizes = matrixShape(node, held)
  if (!sizes) return null
  const bias = node.op === 'MatMul' || !graph.constants.has(node.inputs[2] ?? '') ? null : node.inputs[2]!
  return { node, weights, tensor: held, quant: graph.values.get(weights)?.quant, bias, ...sizes }
}

type Sizes = Pick<WeightLayer, 'groups' | 'rows' | 'columns' | 'channelAxis'>

function matrixShape(node: Node, { shape }: Tensor): Sizes | null {
  const group = attrNumber(node, 'group', 1)
  const inner = elementsOf(shape.slice(1))
  switch (node.op) {
    case 'Conv':
      return { groups: group, rows: shape[0]!, columns: inner, channelAxis: 0 }
    case 'ConvTranspose':
      // [inputs, outputs / group, kernel...]: each kernel position of an output is a row of its own.
      return { groups: group, rows: group * inner, columns: shape[0]! / group, channelAxis: 1 }
    case 'Gemm':
      return attrNumber(node, 'transB', 0) === 1
        ? { groups: 1, rows: shape[0]!, columns: shape[1]!, channelAxis: 0 }
        : { groups: 1, rows: shape[1]!, columns: shape[0]!, channelAxis: 1 }
    default:
      return shape.length === 2 ? { groups: 1, rows: shape[1]!, columns: shape[0]!, channelAxis: 1 } : null
  }
}

/** Whether the tensor holds the matrix with rows and columns exchanged (in each group). */
export const isTransposed = ({ channelAxis }: Pick<WeightLayer, 'channelAxis'>) => channelAxis === 1

/** Real values of the weights as the tensor has them. */
export const realWeights = ({ tensor, quant }: WeightLayer): Float32Array =>
  readFloats(quant ? dequantizeTensor(tensor, quant) : tensor)

/** Real values of the weights, one row after the other. */
export function weightMatrix(layer: WeightLayer): Matrix {
  const { rows, columns } = layer
  return { rows, columns, data: toRows(layer, realWeights(layer)) }
}

/** Elements in the tensor's order to one row after the other. */
export const toRows = <T extends Float32Array | Int32Array>(layer: WeightLayer, data: T): T =>
  isTransposed(layer) ? transposed(data, layer.groups, layer.columns, layer.rows / layer.groups) : data

/** Elements one row after the other to the tensor's order. */
export const fromRows = <T extends Float32Array | Int32Array>(layer: WeightLayer, data: T): T =>
  isTransposed(layer) ? transposed(data, layer.groups, layer.rows / layer.groups, layer.columns) : data

function transposed<T extends Float32Array | Int32Array>(data: T, groups: number, rows: number, columns: number): T {
  const result = data.slice() as T
  for (let g = 0; g < groups; g++) {
    const from = g * rows * columns
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) result[from + c * rows + r] = data[from + r * columns + c]!
  }
  return result
}
