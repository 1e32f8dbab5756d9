// What a graph costs, counted from shapes alone.
import type { Graph, Node, Shape } from './graph.ts'
import { inferContext } from './infer.ts'
import { opDefinition } from './ops/index.ts'
import { bytesOfTensor, elementsOf } from './tensor.ts'

export interface LayerRow {
  readonly node: string
  readonly op: string
  readonly outputShape: Shape | null
  /** Elements of the constants that this node is the first to read; integers for shapes and axes are not parameters. */
  readonly parameters: number
  readonly weightBytes: number
  readonly macs: number
}

/** Multiply-accumulates of one node for one sample; its shapes must have been inferred. */
export function nodeMacs(graph: Graph, node: Node): number {
  const macs = opDefinition(node)?.macs
  if (!macs) return 0
  const outputs = node.outputs.map((name) => {
    const value = graph.values.get(name)
    return { dtype: value?.dtype ?? 'f32', shape: value?.shape ?? null }
  })
  const batch = batchOf(graph)
  const leading = outputs[0]?.shape?.[0]
  const perSample = typeof leading === 'number' && leading % batch === 0 ? batch : 1
  return macs(inferContext(graph, node), outputs) / perSample
}

/** Fixed batch size of the graph's inputs; 1 when it is symbolic. */
function batchOf(graph: Graph): number {
  const batch = graph.values.get(graph.inputs[0] ?? '')?.shape?.[0]
  return typeof batch === 'number' && batch > 0 ? batch : 1
}

/** Multiply-accumulates of one inference of one sample. */
export function graphMacs(graph: Graph): number {
  return graph.nodes.reduce((sum, node) => sum + nodeMacs(graph, node), 0)
}

export function layerTable(graph: Graph): readonly LayerRow[] {
  const counted = new Set<string>()
  return graph.nodes.map((node) => {
    const own = node.inputs.filter((name) => isParameter(graph, name) && !counted.has(name))
    for (const name of own) counted.add(name)
    const weights = [...new Set(own)].map((name) => graph.constants.get(name)!)
    return {
      node: node.name,
      op: node.op,
      outputShape: graph.values.get(node.outputs[0] ?? '')?.shape ?? null,
      parameters: weights.reduce((sum, weight) => sum + elementsOf(weight.shape), 0),
      weightBytes: weights.reduce((sum, weight) => sum + bytesOfTensor(weight), 0),
      macs: nodeMacs(graph, node),
    }
  })
}

/** Shapes, axes and indices are 64-bit integers; what is learned is not. */
function isParameter(graph: Graph, name: string): boolean {
  const constant = graph.constants.get(name)
  return constant !== undefined && constant.dtype !== 'i64' && constant.dtype !== 'bool'
}
