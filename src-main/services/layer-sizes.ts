// What the weights of a model's layers take, from its shapes.
import { isFloat } from '../ir/dtype.ts'
import type { Graph } from '../ir/graph.ts'
import { bytesOfTensor, elementsOf } from '../ir/tensor.ts'
import type { LayerSize } from './recipe-sizes.ts'

export interface ModelSizes {
  readonly layers: readonly LayerSize[]
  /** That a pack has too. */
  readonly operators: number
  /** Of these operators and what they give: a pack holds them. */
  readonly nameBytes: number
}

/** Merged into another operator, or only another shape for the same bytes. */
const vanishing: ReadonlySet<string> = new Set([
  ...['BatchNormalization', 'Clip', 'Relu', 'Identity', 'Dropout', 'Constant'],
  ...['Flatten', 'Reshape', 'Squeeze', 'Unsqueeze', 'Transpose', 'Pad', 'Cast', 'QuantizeLinear', 'DequantizeLinear'],
])

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
        isNorm: node.op === 'BatchNormalization',
        otherBytes: others.reduce((sum, { tensor }) => sum + bytesOfTensor(tensor), 0),
      },
    ]
  })
  const kept = graph.nodes.filter(({ op }) => !vanishing.has(op))
  const nameBytes = kept.reduce((sum, { name, outputs }) => sum + name.length + (outputs[0]?.length ?? 0), 0)
  return { layers, operators: kept.length, nameBytes }
}

/** Channels of NCHW, features of a row. */
function outputsOf(graph: Graph, output: string | undefined): number {
  const size = graph.values.get(output ?? '')?.shape?.[1]
  return typeof size === 'number' ? size : 0
}
