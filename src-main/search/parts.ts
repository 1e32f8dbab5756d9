// A graph cut in two before one of its nodes: what has been computed by then, and the graph of the rest.
import type { Graph, Node, Value } from '../ir/graph.ts'

/** Values that exist before node `at` and that it or a later node reads. Constants are not among them. */
export function liveBefore(graph: Graph, at: number): string[] {
  const made = new Set([...graph.inputs, ...graph.nodes.slice(0, at).flatMap(({ outputs }) => outputs)])
  const read = graph.nodes.slice(at).flatMap(({ inputs }) => inputs)
  return [...new Set(read.filter((name) => name !== '' && made.has(name)))]
}

/** Nodes [from, to) as a graph of their own. Its inputs lose the type that they had outside. */
export function part(graph: Graph, from: number, to: number, outputs: readonly string[]): Graph {
  const nodes = graph.nodes.slice(from, to)
  const inputs = liveInputs(graph, nodes)
  return {
    ...graph,
    nodes,
    inputs,
    outputs,
    values: withoutOutside(graph, inputs),
    constants: usedConstants(graph, nodes),
  }
}

function liveInputs(graph: Graph, nodes: readonly Node[]): string[] {
  const made = new Set(nodes.flatMap(({ outputs }) => outputs))
  const read = nodes.flatMap(({ inputs }) => inputs)
  return [...new Set(read.filter((name) => name !== '' && !made.has(name) && !graph.constants.has(name)))]
}

function withoutOutside(graph: Graph, inputs: readonly string[]): ReadonlyMap<string, Value> {
  const values = new Map(graph.values)
  for (const name of inputs) {
    const value = values.get(name)
    if (value?.outside) values.set(name, { ...value, outside: undefined })
  }
  return values
}

function usedConstants(graph: Graph, nodes: readonly Node[]): Graph['constants'] {
  const used = new Set(nodes.flatMap(({ inputs }) => inputs))
  return new Map([...graph.constants].filter(([name]) => used.has(name)))
}

/** Name under which the weights of a layer are fed. */
export const fedWeights = 'weights of the layer'

/** The graph with the weights of `node` as an input, in real numbers, so that one session takes any of them. */
export function withFedWeights(graph: Graph, node: Node): Graph {
  const name = node.inputs[1]!
  const shape = graph.constants.get(name)!.shape
  const nodes = graph.nodes.map((each) =>
    each.name === node.name ? { ...each, inputs: each.inputs.map((input, i) => (i === 1 ? fedWeights : input)) } : each,
  )
  const values = new Map(graph.values).set(fedWeights, { name: fedWeights, dtype: 'f32', shape })
  return { ...graph, nodes, inputs: [...graph.inputs, fedWeights], values, constants: usedConstants(graph, nodes) }
}
