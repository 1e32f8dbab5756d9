// What differs between two models: nodes that only one has, nodes that changed, and weights element by element.
import type { GraphNode, ModelDifference } from '../contract/model-graph.ts'
import type { Graph, Node } from '../ir/graph.ts'
import { attributesOf } from './model-graph.ts'
import { realsOf } from './tensor-histogram.ts'

export interface NamedGraph {
  readonly name: string
  readonly graph: Graph
}

export function differenceOf(a: NamedGraph, b: NamedGraph): ModelDifference {
  const pairs = pairNodes(a.graph, b.graph)
  const changed = pairs.flatMap(([left, right]) => {
    const changes = nodeChanges(a.graph, left, b.graph, right)
    return changes.length > 0 ? [{ name: left.name, op: left.op, changes }] : []
  })
  const left = new Set(pairs.map(([node]) => node))
  const right = new Set(pairs.map(([, node]) => node))
  const named = ({ name, op }: Node) => ({ name, op })
  return {
    a: a.name,
    b: b.name,
    removed: a.graph.nodes.filter((node) => !left.has(node)).map(named),
    added: b.graph.nodes.filter((node) => !right.has(node)).map(named),
    changed,
    sameNodes: pairs.length - changed.length,
    ...tensorDifferences(a.graph, b.graph, pairs),
  }
}

/** By name; what is left over by operator in the order of the network, since exporters make names up. */
function pairNodes(a: Graph, b: Graph): [Node, Node][] {
  const byName = new Map(b.nodes.map((node) => [node.name, node]))
  const pairs: [Node, Node][] = []
  const rest: Node[] = []
  for (const node of a.nodes) {
    const same = byName.get(node.name)
    if (same && same.op === node.op) pairs.push([node, same])
    else rest.push(node)
  }
  const taken = new Set(pairs.map(([, node]) => node))
  const free = b.nodes.filter((node) => !taken.has(node))
  return [...pairs, ...commonSubsequence(rest, free)]
}

/** Longest common subsequence by operator (Wagner and Fischer 1974), within bounds; beyond them in order of appearance. */
function commonSubsequence(a: readonly Node[], b: readonly Node[]): [Node, Node][] {
  if (a.length * b.length > mostCells) return inOrder(a, b)
  const width = b.length + 1
  const length = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const skipped = Math.max(length[(i + 1) * width + j]!, length[i * width + j + 1]!)
      length[i * width + j] = a[i]!.op === b[j]!.op ? length[(i + 1) * width + j + 1]! + 1 : skipped
    }
  const pairs: [Node, Node][] = []
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    if (a[i]!.op === b[j]!.op) pairs.push([a[i++]!, b[j++]!])
    else if (length[(i + 1) * width + j]! >= length[i * width + j + 1]!) i++
    else j++
  }
  return pairs
}

const mostCells = 4_000_000

function inOrder(a: readonly Node[], b: readonly Node[]): [Node, Node][] {
  const byOp = new Map<string, Node[]>()
  for (const node of b) byOp.set(node.op, [...(byOp.get(node.op) ?? []), node])
  return a.flatMap((node): [Node, Node][] => {
    const other = byOp.get(node.op)?.shift()
    return other ? [[node, other]] : []
  })
}

type Changes = ModelDifference['changed'][number]['changes']

function nodeChanges(a: Graph, left: Node, b: Graph, right: Node): Changes {
  const changes: Changes = []
  const add = (what: Changes[number]['what'], from: string, to: string) => {
    if (from !== to) changes.push({ what, a: from, b: to })
  }
  const text = (list: GraphNode['attributes']) => list.map(({ name, value }) => `${name}=${value}`).sort()
  const [before, after] = [text(attributesOf(left)), text(attributesOf(right))]
  const only = (list: readonly string[], other: readonly string[]) =>
    list.filter((each) => !other.includes(each)).join('; ')
  add('attribute', only(before, after), only(after, before))
  add('shape', outputShape(a, left), outputShape(b, right))
  const count = (node: Node) => String(node.inputs.filter((name) => name !== '').length)
  add('inputs', count(left), count(right))
  return changes
}

const outputShape = (graph: Graph, node: Node) => graph.values.get(node.outputs[0] ?? '')?.shape?.join(' x ') ?? '?'

function tensorDifferences(a: Graph, b: Graph, pairs: readonly (readonly [Node, Node])[]) {
  const tensors: ModelDifference['tensors'] = []
  const unmatched: ModelDifference['unmatched'] = []
  const partners = partnersOf(a, b, pairs)
  for (const [name, partner] of partners) {
    const [left, right] = [a.constants.get(name)!, b.constants.get(partner)!]
    const shape = [...left.shape]
    if (shape.join() !== right.shape.join()) {
      unmatched.push({ name, a: shape.join(' x '), b: right.shape.join(' x ') })
      continue
    }
    tensors.push({ name, nameInB: partner, shape, ...valueDifference(realsOf(a, name), realsOf(b, partner)) })
  }
  const used = new Set(partners.values())
  for (const [name, { shape }] of a.constants)
    if (!partners.has(name)) unmatched.push({ name, a: shape.join(' x '), b: null })
  for (const [name, { shape }] of b.constants)
    if (!used.has(name)) unmatched.push({ name, a: null, b: shape.join(' x ') })
  return { tensors, unmatched }
}

/** Constants at the same input of paired nodes. */
function partnersOf(a: Graph, b: Graph, pairs: readonly (readonly [Node, Node])[]): Map<string, string> {
  const partners = new Map<string, string>()
  for (const [left, right] of pairs)
    left.inputs.forEach((name, index) => {
      const other = right.inputs[index] ?? ''
      if (a.constants.has(name) && b.constants.has(other) && !partners.has(name)) partners.set(name, other)
    })
  return partners
}

function valueDifference(a: Float32Array, b: Float32Array) {
  let [signal, noise, maxAbs, changed] = [0, 0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!)
    signal += a[i]! * a[i]!
    noise += difference * difference
    if (difference > maxAbs) maxAbs = difference
    if (difference !== 0) changed++
  }
  // Of an all-zero tensor that changed there is no signal: nothing of it is left.
  const sqnrDb = noise === 0 ? null : Math.max(-200, 10 * Math.log10(signal / noise))
  return { elements: a.length, changed, sqnrDb, maxAbs }
}
