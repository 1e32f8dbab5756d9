// The graph of a model as it is drawn: its nodes with what is known of them, and which tensor goes where.
import type { GraphEdge, GraphNode, ModelGraph } from '../contract/model-graph.ts'
import { layerTable } from '../ir/cost.ts'
import { type Attr, type Graph, isGraph, isTensor, type Node } from '../ir/graph.ts'
import { bytesOfTensor, elementsOf, readNumbers } from '../ir/tensor.ts'
import { refusalOf } from './model-facts.ts'

/** Of an attribute, as it is shown. */
const shownCharacters = 160

export function graphOf(graph: Graph, name: string): ModelGraph {
  const rows = new Map(layerTable(graph).map((row) => [row.node, row]))
  const nodes: GraphNode[] = [
    ...graph.inputs.map((input) => port(graph, 'input', input)),
    ...graph.nodes.map((node) => {
      const { parameters, macs } = rows.get(node.name)!
      return { ...shown(graph, node), parameters, macs }
    }),
    ...graph.outputs.map((output) => port(graph, 'output', output)),
  ]
  return { name, nodes, edges: edgesOf(graph) }
}

function port(graph: Graph, kind: 'input' | 'output', name: string): GraphNode {
  const tensor = [tensorOf(graph, name)]
  const ends = kind === 'input' ? { inputs: [], outputs: tensor } : { inputs: tensor, outputs: [] }
  return { kind, name, op: '', ...ends, attributes: [], constants: [], parameters: 0, macs: 0, refusal: null }
}

function shown(graph: Graph, node: Node): Omit<GraphNode, 'parameters' | 'macs'> {
  const given = node.inputs.filter((name) => name !== '')
  return {
    kind: 'node',
    name: node.name,
    op: node.op,
    inputs: given.filter((name) => !graph.constants.has(name)).map((name) => tensorOf(graph, name)),
    outputs: node.outputs.filter((name) => name !== '').map((name) => tensorOf(graph, name)),
    attributes: attributesOf(node),
    constants: given.flatMap((name) => {
      const constant = graph.constants.get(name)
      if (!constant) return []
      return [{ name, shape: [...constant.shape], dtype: constant.dtype, bytes: bytesOfTensor(constant) }]
    }),
    refusal: refusalOf(node),
  }
}

export function attributesOf(node: Node): GraphNode['attributes'] {
  return Object.entries(node.attrs).map(([name, value]) => ({ name, value: attributeText(value) }))
}

function attributeText(value: Attr): string {
  if (isTensor(value)) {
    const shape = `${value.dtype}[${value.shape.join(', ')}]`
    return elementsOf(value.shape) > 16 ? shape : `${shape} ${Array.from(readNumbers(value)).join(', ')}`
  }
  if (isGraph(value)) return `${value.nodes.length} nodes`
  const text = Array.isArray(value) ? value.join(', ') : String(value)
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text
}

function tensorOf(graph: Graph, name: string) {
  const value = graph.values.get(name)
  return { name, shape: value?.shape ? [...value.shape] : null, dtype: value?.quant?.dtype ?? value?.dtype ?? 'f32' }
}

function edgesOf(graph: Graph): GraphEdge[] {
  const first = graph.inputs.length
  const madeBy = new Map(graph.inputs.map((name, index) => [name, index]))
  graph.nodes.forEach((node, index) => {
    for (const output of node.outputs) madeBy.set(output, first + index)
  })
  const edge = (tensor: string, to: number): GraphEdge[] => {
    const from = madeBy.get(tensor)
    return from === undefined || from === to ? [] : [{ from, to, tensor, shape: tensorOf(graph, tensor).shape }]
  }
  return [
    ...graph.nodes.flatMap((node, index) => [...new Set(node.inputs)].flatMap((name) => edge(name, first + index))),
    ...graph.outputs.flatMap((name, index) => edge(name, first + graph.nodes.length + index)),
  ]
}
