// What each operator does to the channels that pass it: makes new ones, keeps them, joins them, or is not understood, which
// keeps them all.
import { attrNumber, type Graph, type Node } from '../../ir/graph.ts'
import { elementsOf, readNumbers } from '../../ir/tensor.ts'
import { Features } from './features.ts'

/** The output has the input's channels. */
const keeping = new Set([
  'Relu',
  'LeakyRelu',
  'Clip',
  'Sigmoid',
  'HardSigmoid',
  'HardSwish',
  'Tanh',
  'Elu',
  'Gelu',
  'Identity',
  'Dropout',
  'Softplus',
  'MaxPool',
  'AveragePool',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'BatchNormalization',
])
const elementwise = new Set(['Add', 'Sub', 'Mul', 'Div', 'PRelu'])
const flattening = new Set(['Flatten', 'Reshape', 'Squeeze'])

/** Features of the graph, joined by its operators. */
export function channelFeatures(graph: Graph): Features {
  const features = new Features(graph)
  for (const node of graph.nodes) if (!relate(graph, features, node)) freezeAll(features, node)
  for (const name of [...graph.inputs, ...graph.outputs]) features.freeze(name)
  return features
}

function freezeAll(features: Features, node: Node) {
  for (const name of [...node.inputs, ...node.outputs]) if (name) features.freeze(name)
}

/** false when the operator's channels must stay as they are. */
function relate(graph: Graph, features: Features, node: Node): boolean {
  if (node.domain !== '') return false
  const [input, output] = [node.inputs[0]!, node.outputs[0]!]
  if (makesChannels(graph, node)) return true
  if (isDepthwise(graph, node) || keeping.has(node.op) || padsSpaceOnly(graph, node))
    return same(features, input, output)
  if (isSpatialMean(graph, node)) return same(features, input, output)
  if (elementwise.has(node.op)) return relateOperands(graph, features, node)
  if (node.op === 'Concat' && attrNumber(node, 'axis', 1) === 1) return relateParts(graph, features, node)
  if (flattening.has(node.op)) return relateFlat(graph, features, input, output)
  return false
}

/** Dense layers: their inputs and outputs are free of each other. */
export function makesChannels(graph: Graph, node: Node): boolean {
  const weights = graph.constants.get(node.inputs[1] ?? '')
  if (node.domain !== '' || !weights || graph.constants.has(node.inputs[0]!)) return false
  if (node.inputs[2] && !graph.constants.has(node.inputs[2])) return false
  if (node.op === 'Conv') return attrNumber(node, 'group', 1) === 1
  return node.op === 'Gemm' && attrNumber(node, 'transB', 0) === 1 && attrNumber(node, 'transA', 0) === 0
}

export function isDepthwise(graph: Graph, node: Node): boolean {
  const weights = graph.constants.get(node.inputs[1] ?? '')
  const group = attrNumber(node, 'group', 1)
  return node.op === 'Conv' && group > 1 && weights?.shape[0] === group && weights.shape[1] === 1
}

function padsSpaceOnly(graph: Graph, node: Node): boolean {
  const pads = graph.constants.get(node.inputs[1] ?? '')
  if (node.op !== 'Pad' || !pads || node.inputs[3]) return false
  const amounts = readNumbers(pads)
  const rank = amounts.length / 2
  return rank > 2 && [0, 1, rank, rank + 1].every((i) => amounts[i] === 0)
}

function isSpatialMean(graph: Graph, node: Node): boolean {
  if (node.op !== 'ReduceMean') return false
  const [before, after] = [graph.values.get(node.inputs[0]!)?.shape, graph.values.get(node.outputs[0]!)?.shape]
  return before?.length === 4 && before[1] === after?.[1] && (after?.slice(2).every((dim) => dim === 1) ?? false)
}

function same(features: Features, a: string, b: string): boolean {
  if (features.count(a) === 0 || features.count(a) !== features.count(b)) return false
  for (let i = 0; i < features.count(a); i++) features.join(a, i, b, i)
  return true
}

function relateOperands(graph: Graph, features: Features, node: Node): boolean {
  const output = node.outputs[0]!
  return node.inputs.every((name) =>
    graph.constants.has(name) ? constantAxis(graph, node, name) !== null : same(features, name, output),
  )
}

/** Where a constant operand has the output's channels; 'none' when it is the same for all; null when neither. */
export function constantAxis(graph: Graph, node: Node, name: string): number | 'none' | null {
  const held = graph.constants.get(name)!
  const shape = graph.values.get(node.outputs[0]!)?.shape
  if (!shape || held.shape.length > shape.length) return null
  const axis = held.shape.length - (shape.length - 1)
  if (axis < 0 || held.shape[axis] === 1) return 'none'
  return held.shape[axis] === shape[1] ? axis : null
}

function relateParts(graph: Graph, features: Features, node: Node): boolean {
  if (node.inputs.some((name) => graph.constants.has(name) || features.count(name) === 0)) return false
  let at = 0
  for (const name of node.inputs)
    for (let i = 0; i < features.count(name); i++) features.join(name, i, node.outputs[0]!, at++)
  return true
}

/** [N, C, H, W] to [N, C * H * W]: each channel becomes a run of features. */
function relateFlat(graph: Graph, features: Features, input: string, output: string): boolean {
  const [from, to] = [graph.values.get(input)?.shape, graph.values.get(output)?.shape]
  const inner = from?.slice(1)
  if (!inner?.every((dim) => typeof dim === 'number') || to?.length !== 2 || to[1] !== elementsOf(inner)) return false
  const run = elementsOf(inner.slice(1))
  for (let i = 0; i < features.count(output); i++) features.join(input, Math.floor(i / run), output, i)
  return true
}
