// The graph as text that does not change between runs: for golden files and for people.
import { type Attr, type Graph, isGraph, isTensor, type Node, type Quantization, type Value } from './graph.ts'
import { elementsOf, readNumbers } from './tensor.ts'

/** Longer lists are cut: weights are not for reading. */
const maxElements = 8

export function printGraph(graph: Graph): string {
  const opsets = Object.entries(graph.opsets).map(([domain, version]) => `${domain || 'onnx'} ${version}`)
  const lines = [
    `graph ${graph.name || '(unnamed)'}, ${opsets.sort().join(', ')}`,
    ...graph.inputs.map((name) => `input ${printValue(graph, name)}`),
    ...[...graph.constants.keys()]
      .sort()
      .map((name) => `constant ${printValue(graph, name)}${printElements(graph, name)}`),
    ...graph.nodes.flatMap((node) => printNode(graph, node)),
    ...graph.outputs.map((name) => `output ${name}`),
  ]
  return `${lines.join('\n')}\n`
}

function printNode(graph: Graph, node: Node): string[] {
  const op = node.domain ? `${node.domain}.${node.op}` : node.op
  const outputs = node.outputs.map((name) => (name === '' ? '_' : printValue(graph, name)))
  const inputs = node.inputs.map((name) => name || '_').join(', ')
  const attrs = Object.entries(node.attrs).sort(([a], [b]) => (a < b ? -1 : 1))
  const plain = attrs.flatMap(([name, attr]) => (isGraph(attr) ? [] : [`${name}=${printAttr(attr)}`]))
  const inner = attrs.flatMap(([name, attr]) => (isGraph(attr) ? [`  ${name}:`, ...indent(printGraph(attr))] : []))
  return [
    `${outputs.join(', ')} = ${op}(${inputs})${plain.length > 0 ? ` {${plain.join(' ')}}` : ''}  # ${node.name}`,
    ...inner,
  ]
}

const indent = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`)

function printValue(graph: Graph, name: string): string {
  const value: Value = graph.values.get(name) ?? { name, dtype: 'f32', shape: null }
  const outside = value.outside ? ` outside ${value.outside}` : ''
  return `${name}: ${value.dtype}${value.shape ? `[${value.shape}]` : '[?]'}${value.quant ? ` ${printQuant(value.quant)}` : ''}${outside}`
}

function printQuant(quant: Quantization): string {
  const range = `${quant.dtype}(${quant.min}..${quant.max})`
  const axis = quant.axis === null ? '' : ` axis ${quant.axis}`
  return `${range} scale ${printList(quant.scale)} zero ${printList(quant.zeroPoint)}${axis}`
}

function printElements(graph: Graph, name: string): string {
  const constant = graph.constants.get(name)!
  return elementsOf(constant.shape) <= maxElements ? ` = ${printList(readNumbers(constant))}` : ''
}

function printAttr(attr: Exclude<Attr, Graph>): string {
  if (typeof attr === 'number' || typeof attr === 'string') return String(attr)
  if (isTensor(attr)) return `${attr.dtype}[${attr.shape}]`
  return `[${attr.join(',')}]`
}

function printList(numbers: readonly number[]): string {
  const shown = numbers.slice(0, maxElements).map(String)
  if (numbers.length > maxElements) shown.push(`... ${numbers.length}`)
  return numbers.length === 1 ? shown[0]! : `[${shown.join(',')}]`
}
