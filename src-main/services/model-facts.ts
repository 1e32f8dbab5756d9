// What is said of a model without running it.
import type { z } from 'zod'
import { type Note, say } from '../base/note.ts'
import type { Analysis, Model, port } from '../contract/model.ts'
import { graphMacs, layerTable } from '../ir/cost.ts'
import { isFloat } from '../ir/dtype.ts'
import type { Graph, Node } from '../ir/graph.ts'
import { elementsOf, floatPieces, type Tensor } from '../ir/tensor.ts'
import { lowerableOps } from '../targets/lowering/lower.ts'
import type { LoadedModel } from './run/load.ts'

export function graphParameters(graph: Graph): number {
  return layerTable(graph).reduce((sum, row) => sum + row.parameters, 0)
}

export type ModelFacts = Omit<Model, 'id' | 'addedAt'>

export function modelFacts(model: LoadedModel, name: string): ModelFacts {
  const { graph } = model
  return {
    name,
    format: model.format,
    sha256: model.sha256,
    bytes: model.bytes,
    parameters: graphParameters(graph),
    macs: graphMacs(graph),
    quantized: isQuantized(graph),
    inputs: portsOf(graph, graph.inputs),
    outputs: portsOf(graph, graph.outputs),
  }
}

/** Whether activations came with quantisation of their own. */
export function isQuantized(graph: Graph): boolean {
  return graph.nodes.some((node) => node.outputs.some((output) => graph.values.get(output)?.quant))
}

function portsOf(graph: Graph, names: readonly string[]): z.infer<typeof port>[] {
  return names.map((name) => {
    const value = graph.values.get(name)
    return { name, dtype: value?.quant?.dtype ?? value?.dtype ?? 'f32', shape: value?.shape ? [...value.shape] : null }
  })
}

export function layersOf(graph: Graph): Analysis['layers'] {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]))
  return layerTable(graph).map((row) => {
    const node = byName.get(row.node)!
    return {
      ...row,
      outputShape: row.outputShape && [...row.outputShape],
      range: weightRange(graph, node.inputs),
      refusal: refusalOf(node),
    }
  })
}

/** Why a node runs on the host only. */
export const refusalOf = (node: Node): Note | null =>
  isLowerable(node) ? null : say`the device runtime has no kernel for ${node.op}`

const isLowerable = ({ op, domain }: Node) => (domain === '' || domain === 'ai.onnx') && lowerableOps.has(op)

/** Of the largest floating-point constant that the node reads. */
function weightRange(graph: Graph, inputs: readonly string[]): [number, number] | null {
  const weights = inputs
    .map((name) => graph.constants.get(name))
    .filter((tensor): tensor is Tensor => tensor !== undefined && isFloat(tensor.dtype) && elementsOf(tensor.shape) > 0)
    .sort((a, b) => elementsOf(b.shape) - elementsOf(a.shape))[0]
  if (!weights) return null
  let [low, high] = [Infinity, -Infinity]
  for (const { data } of floatPieces(weights))
    for (const value of data) {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  return [low, high]
}

export function operatorCounts(graph: Graph): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { op } of graph.nodes) counts[op] = (counts[op] ?? 0) + 1
  return counts
}
