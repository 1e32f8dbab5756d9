// Small edits of a graph. Each gives a new graph and leaves the old one as it was.
import type { Graph, Node, Shape, Value } from './graph.ts'
import { inferShapes } from './infer.ts'
import { readsOf, renameReads } from './reads.ts'
import { sortNodes } from './sort.ts'
import type { Tensor } from './tensor.ts'

/** Other nodes, sorted again; what they make is added to the values (type f32, shape unknown, until shapes are inferred). */
export function withNodes(graph: Graph, nodes: readonly Node[]): Graph {
  const sorted = sortNodes(nodes, new Set([...graph.inputs, ...graph.constants.keys()]), graph.name)
  const values = new Map(graph.values)
  for (const node of sorted)
    for (const name of node.outputs)
      if (name && !values.has(name)) values.set(name, { name, dtype: 'f32', shape: null })
  return { ...graph, nodes: sorted, values }
}

/** Each node in the map gives way to the nodes it maps to. */
export function replaceNodes(graph: Graph, replacements: ReadonlyMap<Node, readonly Node[]>): Graph {
  if (replacements.size === 0) return graph
  return withNodes(
    graph,
    graph.nodes.flatMap((node) => replacements.get(node) ?? [node]),
  )
}

/** Constants added or replaced. A value that was quantised keeps its `quant` when the new tensor has that type. */
export function withConstants(graph: Graph, entries: Iterable<readonly [string, Tensor]>): Graph {
  const constants = new Map(graph.constants)
  const values = new Map(graph.values)
  for (const [name, tensor] of entries) {
    const quant = values.get(name)?.quant
    const type = { name, dtype: tensor.dtype, shape: tensor.shape }
    values.set(name, quant?.dtype === tensor.dtype ? { ...values.get(name)!, shape: tensor.shape } : type)
    constants.set(name, tensor)
  }
  return { ...graph, constants, values }
}

export function withValue(graph: Graph, value: Value): Graph {
  return { ...graph, values: new Map(graph.values).set(value.name, value) }
}

/** Every reader of `from`, graph outputs included, reads `to` instead. `from` itself stays. */
export function redirect(graph: Graph, from: string, to: string): Graph {
  const rename = (name: string) => (name === from ? to : name)
  return { ...graph, nodes: graph.nodes.map((node) => renameReads(node, rename)), outputs: graph.outputs.map(rename) }
}

/** Another name for a value, wherever it is made and read. */
export function renameValue(graph: Graph, from: string, to: string): Graph {
  const rename = (name: string) => (name === from ? to : name)
  const values = new Map([...graph.values].map(([name, value]) => [rename(name), { ...value, name: rename(name) }]))
  const constants = new Map([...graph.constants].map(([name, tensor]) => [rename(name), tensor]))
  const nodes = graph.nodes.map((node) => {
    const read = renameReads(node, rename)
    return node.outputs.includes(from) ? { ...read, outputs: read.outputs.map(rename) } : read
  })
  return { ...graph, values, constants, nodes, inputs: graph.inputs.map(rename), outputs: graph.outputs.map(rename) }
}

/** Without the nodes, constants and values that no output needs. Graph inputs stay: they are the model's interface. */
export function removeDead(graph: Graph): Graph {
  const needed = new Set(graph.outputs)
  const nodes: Node[] = []
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue
    nodes.push(node)
    for (const name of readsOf(node)) needed.add(name)
  }
  const made = new Set([...graph.inputs, ...nodes.flatMap((node) => node.outputs)])
  const constants = new Map([...graph.constants].filter(([name]) => needed.has(name)))
  const values = new Map([...graph.values].filter(([name]) => made.has(name) || constants.has(name)))
  return { ...graph, nodes: nodes.reverse(), constants, values }
}

/** A name that no value has yet. */
export function freshName(graph: Graph, wanted: string): string {
  for (let i = 0; ; i++) {
    const name = i === 0 ? wanted : `${wanted}_${i}`
    if (!graph.values.has(name)) return name
  }
}

/**
 * The symbolic first size of the inputs becomes a number, and the shapes are inferred again. Graphs whose batch is fixed
 * already are given back as they are.
 */
export function bindBatch(graph: Graph, size: number): Graph {
  const symbols = new Set<unknown>(
    graph.inputs.map((name) => graph.values.get(name)?.shape?.[0]).filter((d) => typeof d === 'string'),
  )
  if (symbols.size === 0) return graph
  const bind = (shape: Shape | null) => shape?.map((dim) => (symbols.has(dim) ? size : dim)) ?? null
  const values = new Map([...graph.values].map(([name, value]) => [name, { ...value, shape: bind(value.shape) }]))
  return inferShapes({ ...graph, values })
}
