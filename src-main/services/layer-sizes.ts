// What the weights of a model's layers take, from its shapes.
import { isFloat } from '../ir/dtype.ts'
import type { Graph } from '../ir/graph.ts'
import { bytesOfTensor, elementsOf } from '../ir/tensor.ts'
import type { LayerSize } from './recipe-sizes.ts'

export interface ModelSizes {
  readonly layers: readonly LayerSize[]
  readonly nodes: number
}

/** Weight tensors with their nodes; what else a node reads (biases) is counted with it. */
export function layerSizes(graph: Graph): ModelSizes {
  const counted = new Set<string>()
  const layers = graph.nodes.flatMap((node): LayerSize[] => {
    const own = node.inputs.filter((name) => graph.constants.has(name) && !counted.has(name))
    for (const name of own) counted.add(name)
    const tensors = own
      .map((name) => ({ name, tensor: graph.constants.get(name)! }))
      .filter(({ tensor }) => isFloat(tensor.dtype) || ['i8', 'u8'].includes(tensor.dtype))
      .sort((a, b) => elementsOf(b.tensor.shape) - elementsOf(a.tensor.shape))
    const [weights, ...others] = tensors
    const elements = weights ? elementsOf(weights.tensor.shape) : 0
    if (!weights || elements === 0) return []
    const channels = Math.max(
      ...others.map(({ tensor }) => elementsOf(tensor.shape)),
      outputsOf(graph, node.outputs[0]),
    )
    return [
      {
        node: node.name,
        tensor: weights.name,
        isLinear: ['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'DepthwiseConv'].includes(node.op),
        elements,
        channels,
        bits: (bytesOfTensor(weights.tensor) * 8) / elements,
        otherBytes: others.reduce((sum, { tensor }) => sum + bytesOfTensor(tensor), 0),
      },
    ]
  })
  return { layers, nodes: graph.nodes.length }
}

/** Channels of NCHW, features of a row. */
function outputsOf(graph: Graph, output: string | undefined): number {
  const size = graph.values.get(output ?? '')?.shape?.[1]
  return typeof size === 'number' ? size : 0
}
