// A graph with batch 1, and the questions lowering asks of it again and again.
import { type Graph, type Node, producers, readers, type Shape } from '../../ir/graph.ts'
import { inferShapes } from '../../ir/infer.ts'

export interface GraphView {
  readonly graph: Graph
  /** Shape with every symbolic size bound to 1; null when unknown. */
  shapeOf(name: string): readonly number[] | null
  /** The one node that reads `name`, null when there are more, none, or `name` is a graph output. */
  onlyReader(name: string): Node | null
  producerOf(name: string): Node | null
  /** Nodes the graph outputs depend on, in order. */
  readonly live: readonly Node[]
}

export function graphView(unbound: Graph): GraphView {
  const graph = inferShapes(withBatchOne(unbound))
  const made = producers(graph)
  const reading = readers(graph)
  const outputs = new Set(graph.outputs)
  return {
    graph,
    shapeOf: (name) => boundShape(graph.constants.get(name)?.shape ?? graph.values.get(name)?.shape ?? null),
    onlyReader(name) {
      const nodes = reading.get(name) ?? []
      return nodes.length === 1 && !outputs.has(name) ? nodes[0]! : null
    },
    producerOf: (name) => made.get(name) ?? null,
    live: liveNodes(graph, made),
  }
}

function withBatchOne(graph: Graph): Graph {
  const values = new Map(graph.values)
  for (const name of graph.inputs) {
    const value = values.get(name)
    if (value) values.set(name, { ...value, shape: boundShape(value.shape) })
  }
  return { ...graph, values }
}

/** The device runs one sample at a time. */
export const boundShape = (shape: Shape | null): readonly number[] | null =>
  shape?.map((dim) => (typeof dim === 'number' ? dim : 1)) ?? null

/** Operators whose further inputs only say the output's shape, which is known by now. */
const shapeOperands: ReadonlySet<string> = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Resize', 'Upsample', 'Dropout'])

function liveNodes(graph: Graph, made: ReadonlyMap<string, Node>): Node[] {
  const needed = new Set<Node>()
  const waiting = [...graph.outputs]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = made.get(name)
    if (!node || needed.has(node)) continue
    needed.add(node)
    waiting.push(...(shapeOperands.has(node.op) ? node.inputs.slice(0, 1) : node.inputs))
  }
  return graph.nodes.filter((node) => needed.has(node))
}
