// Adding to a layer's bias, whether it is real, integers, or not there yet.
import type { Graph } from '../../ir/graph.ts'
import { f32Tensor, readFloats, readNumbers, type Tensor, tensor } from '../../ir/tensor.ts'
import type { WeightLayer } from '../layers.ts'
import { biasGrid, roundAway } from '../quantize/grid.ts'

const biased = ['Conv', 'ConvTranspose', 'Gemm']

/** Also false for a bias that is computed at run time or that has another form than one number a channel. */
export const canHaveBias = ({ node, bias }: WeightLayer) =>
  biased.includes(node.op) && (bias !== null || !node.inputs[2])

/** Under a name of its own: other layers may share the old bias. */
export function withAddedBias(graph: Graph, layer: WeightLayer, added: Float64Array): Graph {
  const held = layer.bias ? graph.constants.get(layer.bias)! : null
  const quant = layer.bias ? graph.values.get(layer.bias)?.quant : unitOf(graph, layer)
  const name = freeName(graph, `${layer.bias ?? `${layer.node.name}.bias`}.corrected`)
  const old = held ? (quant ? readNumbers(held) : readFloats(held)) : new Float32Array(added.length)
  if (old.length !== added.length) return graph
  const scale = (c: number) => quant!.scale[quant!.scale.length === 1 ? 0 : c]!
  const made: Tensor = quant
    ? tensor(
        'i32',
        [added.length],
        Int32Array.from(added, (v, c) => old[c]! + roundAway(v / scale(c))),
      )
    : f32Tensor(
        [added.length],
        Float32Array.from(added, (v, c) => old[c]! + v),
      )
  const nodes = graph.nodes.map((node) =>
    node.name === layer.node.name ? { ...node, inputs: [node.inputs[0]!, node.inputs[1]!, name] } : node,
  )
  const constants = new Map(graph.constants).set(name, made)
  const values = new Map(graph.values).set(name, { name, dtype: 'f32', shape: made.shape, ...(quant && { quant }) })
  if (layer.bias && !nodes.some(({ inputs }) => inputs.includes(layer.bias!))) {
    constants.delete(layer.bias)
    values.delete(layer.bias)
  }
  return { ...graph, nodes, constants, values }
}

/** Of a bias to be added to a layer whose input and weights are integers already. */
function unitOf(graph: Graph, { node, quant }: WeightLayer) {
  const input = graph.values.get(node.inputs[0]!)?.quant
  if (!input || !quant || quant.blockSize) return undefined
  return biasGrid(quant.scale.map((scale) => Math.fround(scale * input.scale[0]!)))
}

function freeName(graph: Graph, wanted: string): string {
  const base = wanted.replace(/(\.corrected(_\d+)?)+$/, '.corrected')
  let name = base
  for (let i = 1; graph.values.has(name); i++) name = `${base}_${i}`
  return name
}
