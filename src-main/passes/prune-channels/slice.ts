// Takes channels out of a graph: weights, biases and constants lose their rows and columns, and every value that has fewer
// channels gets a new name, since it is no longer what the old name stood for.

import type { Graph, Node, Quantization } from '../../ir/graph.ts'
import { inferShapes } from '../../ir/infer.ts'
import { elementsOf, f32Tensor, readFloats, readNumbers, type Tensor, tensor } from '../../ir/tensor.ts'
import { GraphEdit } from '../edit.ts'
import { constantAxis, isDepthwise, makesChannels } from './dependencies.ts'
import type { Features } from './features.ts'

export function withoutChannels(graph: Graph, features: Features, removed: ReadonlySet<number>): Graph {
  const kept = (value: string) => features.all(value).flatMap((root, i) => (removed.has(root) ? [] : [i]))
  const isCut = (value: string) => features.all(value).some((root) => removed.has(root))
  const edit = new GraphEdit(graph)
  const renamed = new Map<string, string>()
  for (const { name, ...like } of graph.values.values())
    if (isCut(name)) renamed.set(name, edit.addValue(`${name}.kept`, { ...like, shape: null }))
  for (const node of edit.nodes()) {
    if (![...node.inputs, ...node.outputs].some((name) => name && isCut(name))) continue
    const rename = (name: string) => renamed.get(name) ?? name
    const sliced = sliceNode(graph, edit, node, kept, isCut)
    edit.replace(node, { ...sliced, inputs: sliced.inputs.map(rename), outputs: sliced.outputs.map(rename) })
  }
  return inferShapes(edit.finish())
}

type Kept = (value: string) => readonly number[]
type IsCut = (value: string) => boolean

function sliceNode(graph: Graph, edit: GraphEdit, node: Node, kept: Kept, isCut: IsCut): Node {
  const [input, output] = [node.inputs[0]!, node.outputs[0]!]
  const cut = (name: string, axis: number, indices: readonly number[]) =>
    sliceConstant(graph, edit, name, axis, indices)
  if (makesChannels(graph, node)) {
    const weights = sliceWeights(
      graph,
      edit,
      node,
      isCut(output) ? kept(output) : null,
      isCut(input) ? kept(input) : null,
    )
    const bias = node.inputs[2] && isCut(output) ? cut(node.inputs[2], 0, kept(output)) : node.inputs[2]
    return { ...node, inputs: bias ? [input, weights, bias] : [input, weights] }
  }
  if (isDepthwise(graph, node)) {
    const channels = kept(output)
    const rest = node.inputs.slice(1).map((name) => (name ? cut(name, 0, channels) : name))
    return { ...node, inputs: [input, ...rest], attrs: { ...node.attrs, group: channels.length } }
  }
  if (node.op === 'BatchNormalization')
    return { ...node, inputs: [input, ...node.inputs.slice(1).map((name) => cut(name, 0, kept(output)))] }
  if (node.op === 'Reshape' || node.op === 'Squeeze')
    return { ...node, op: 'Flatten', inputs: [input], attrs: { axis: 1 } }
  if (node.op === 'Clip' || node.op === 'Pad') return node
  return { ...node, inputs: node.inputs.map((name) => sliceOperand(graph, node, name, kept(output), cut)) }
}

type CutConstant = (name: string, axis: number, indices: readonly number[]) => string

function sliceOperand(graph: Graph, node: Node, name: string, channels: readonly number[], cut: CutConstant): string {
  if (!graph.constants.has(name) || node.op === 'Concat') return name
  const axis = constantAxis(graph, node, name)
  return typeof axis === 'number' ? cut(name, axis, channels) : name
}

function sliceWeights(
  graph: Graph,
  edit: GraphEdit,
  node: Node,
  rows: readonly number[] | null,
  columns: readonly number[] | null,
): string {
  const name = node.inputs[1]!
  const byRow = rows ? sliceConstant(graph, edit, name, 0, rows) : name
  if (!columns) return byRow
  return addSlice(edit, name, edit.constant(byRow)!, edit.value(byRow).quant, 1, columns)
}

function sliceConstant(graph: Graph, edit: GraphEdit, name: string, axis: number, indices: readonly number[]): string {
  return addSlice(edit, name, graph.constants.get(name)!, graph.values.get(name)?.quant, axis, indices)
}

function addSlice(
  edit: GraphEdit,
  name: string,
  held: Tensor,
  quant: Quantization | undefined,
  axis: number,
  indices: readonly number[],
): string {
  return edit.addConstant(`${name}.kept`, slicedTensor(held, axis, indices), quant && slicedGrid(quant, axis, indices))
}

/** A grid with a scale for each index of the dimension loses those that go. */
function slicedGrid(quant: Quantization, axis: number, indices: readonly number[]): Quantization {
  if (quant.axis !== axis || quant.scale.length === 1) return quant
  const pick = (values: readonly number[]) => indices.map((i) => values[i]!)
  return { ...quant, scale: pick(quant.scale), zeroPoint: pick(quant.zeroPoint) }
}

/** The given indices of one dimension. */
export function slicedTensor(held: Tensor, axis: number, indices: readonly number[]): Tensor {
  const inner = elementsOf(held.shape.slice(axis + 1))
  const size = held.shape[axis]!
  const outer = elementsOf(held.shape.slice(0, axis))
  const shape = held.shape.map((dim, i) => (i === axis ? indices.length : dim))
  const from = (at: number) => {
    const along = Math.floor(at / inner)
    const o = Math.floor(along / indices.length)
    return o < outer ? (o * size + indices[along % indices.length]!) * inner + (at % inner) : 0
  }
  const count = elementsOf(shape)
  if (held.dtype === 'f32') {
    const data = readFloats(held)
    return f32Tensor(
      shape,
      Float32Array.from({ length: count }, (_, at) => data[from(at)]!),
    )
  }
  const data = readNumbers(held)
  const values = Array.from({ length: count }, (_, at) => data[from(at)]!)
  return tensor(
    held.dtype,
    shape,
    held.dtype === 'i8'
      ? Int8Array.from(values)
      : held.dtype === 'u8'
        ? Uint8Array.from(values)
        : Int32Array.from(values),
  )
}
