// What a node reads: its inputs, and the outer values its subgraphs (If, Loop, Scan) use by name.
import { type Graph, isGraph, type Node } from './graph.ts'

/** Names the node reads, without repeats; inputs first. */
export function readsOf(node: Node): readonly string[] {
  const inputs = node.inputs.filter((name) => name !== '')
  const captured = Object.values(node.attrs).flatMap((attr) => (isGraph(attr) ? capturedBy(attr) : []))
  return captured.length === 0 && inputs.length < 2 ? inputs : [...new Set([...inputs, ...captured])]
}

/** Names a subgraph uses and does not define. */
export function capturedBy(graph: Graph): readonly string[] {
  const own = new Set([...graph.inputs, ...graph.constants.keys(), ...graph.nodes.flatMap((node) => node.outputs)])
  const used = [...graph.nodes.flatMap(readsOf), ...graph.outputs]
  return [...new Set(used)].filter((name) => !own.has(name))
}

/** The node with every read passed through `rename`, subgraphs included. */
export function renameReads(node: Node, rename: (name: string) => string): Node {
  const inputs = node.inputs.map((name) => (name === '' ? name : rename(name)))
  const graphs = Object.entries(node.attrs).filter((entry): entry is [string, Graph] => isGraph(entry[1]))
  if (graphs.length === 0) return inputs.every((name, i) => name === node.inputs[i]) ? node : { ...node, inputs }
  const attrs = Object.fromEntries(graphs.map(([key, graph]) => [key, renameCaptured(graph, rename)]))
  return { ...node, inputs, attrs: { ...node.attrs, ...attrs } }
}

function renameCaptured(graph: Graph, rename: (name: string) => string): Graph {
  const captured = new Set(capturedBy(graph))
  const inner = (name: string) => (captured.has(name) ? rename(name) : name)
  return { ...graph, nodes: graph.nodes.map((node) => renameReads(node, inner)), outputs: graph.outputs.map(inner) }
}
