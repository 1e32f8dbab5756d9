// Cuts a graph into blocks that are reconstructed one after the other: parts between values through which all else flows.
import type { Graph, Node } from '../../ir/graph.ts'
import { readsOf } from '../../ir/reads.ts'
import { layerOf } from '../layers.ts'

export interface Block {
  readonly nodes: readonly Node[]
  /** Values that come from before, and values that go on; no constants. Mostly one of each. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Nodes with constant weights. */
  readonly layers: readonly Node[]
}

/**
 * Residual blocks stay whole, from the fork to the node that joins it; of plain chains up to `most` layers make one block.
 * Activations belong to the layer before them, pools and the like to the layer after.
 */
export function blocksOf(graph: Graph, most: number): Block[] {
  const count = (parts: readonly Part[]) => parts.reduce((sum, { layers }) => sum + layers.length, 0)
  const groups: Part[][] = []
  let open: Part[] = []
  const close = () => {
    const end = open.findLastIndex((part, i) => part.layers.length > 0 || (i > 0 && isActivation(part))) + 1
    if (end > 0) groups.push(open.slice(0, end))
    open = open.slice(end)
  }
  for (const part of partsOf(graph)) {
    const branched = part.layers.length > 1 || open.some(({ layers }) => layers.length > 1)
    if (part.layers.length > 0 && count(open) > 0 && (branched || count(open) >= most)) close()
    open.push(part)
  }
  close()
  if (open.length > 0) groups.push(open)
  return groups.map((parts) => blockOf(graph, parts))
}

interface Part {
  readonly nodes: readonly Node[]
  readonly layers: readonly Node[]
}

const activations = ['Relu', 'Clip', 'LeakyRelu', 'Sigmoid', 'Tanh', 'HardSigmoid', 'HardSwish', 'PRelu', 'Elu', 'Gelu']

const isActivation = ({ nodes }: Part) => nodes.every(({ domain, op }) => domain === '' && activations.includes(op))

/** The smallest parts between which a single value is alive. */
function partsOf(graph: Graph): Part[] {
  const lastRead = new Map<string, number>()
  for (const [i, node] of graph.nodes.entries()) for (const name of readsOf(node)) lastRead.set(name, i)
  const parts: Part[] = []
  let from = 0
  const alive = new Set(graph.inputs)
  for (const [i, node] of graph.nodes.entries()) {
    for (const name of node.outputs) alive.add(name)
    for (const name of alive) if ((lastRead.get(name) ?? -1) <= i) alive.delete(name)
    if (alive.size > 1 && i < graph.nodes.length - 1) continue
    const nodes = graph.nodes.slice(from, i + 1)
    parts.push({ nodes, layers: nodes.filter((each) => layerOf(graph, each)) })
    from = i + 1
  }
  return parts
}

function blockOf(graph: Graph, parts: readonly Part[]): Block {
  const nodes = parts.flatMap((part) => part.nodes)
  const own = new Set(nodes)
  const made = new Set(nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== '')))
  const read = new Set(nodes.flatMap(readsOf))
  const elsewhere = new Set(graph.nodes.filter((node) => !own.has(node)).flatMap(readsOf))
  return {
    nodes,
    inputs: [...read].filter((name) => !made.has(name) && !graph.constants.has(name)),
    outputs: [...made].filter((name) => elsewhere.has(name) || graph.outputs.includes(name)),
    layers: parts.flatMap((part) => part.layers),
  }
}

/** Part of a graph as a graph of its own, with the constants as they are in `graph`. */
export function partOf(
  graph: Graph,
  names: ReadonlySet<string>,
  inputs: readonly string[],
  outputs: readonly string[],
): Graph {
  const nodes = graph.nodes.filter((node) => names.has(node.name))
  const read = new Set(nodes.flatMap(readsOf))
  const used = new Set([...read, ...inputs, ...nodes.flatMap((node) => node.outputs)])
  return {
    ...graph,
    nodes,
    inputs,
    outputs,
    constants: new Map([...graph.constants].filter(([name]) => read.has(name))),
    values: new Map([...graph.values].filter(([name]) => used.has(name))),
  }
}

/** The block in a version of the network that has the same nodes by name. */
export const blockGraph = (graph: Graph, { nodes, inputs, outputs }: Block): Graph =>
  partOf(graph, new Set(nodes.map(({ name }) => name)), inputs, outputs)
