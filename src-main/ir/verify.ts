// Whether a graph is well formed: what every pass may rely on and must leave. Faults are errors with a next step, because
// imported files have them too.
import { AppError } from '../base/errors.ts'
import { joined, type Note, say } from '../base/note.ts'
import { dtypes } from './dtype.ts'
import type { Graph, Quantization, Shape, Value } from './graph.ts'
import { readsOf } from './reads.ts'
import type { Tensor } from './tensor.ts'

export function verify(graph: Graph): void {
  const makers = sources(graph)
  checkNames(graph)
  checkOrder(graph, makers)
  for (const name of graph.outputs)
    if (!makers.has(name)) throw new AppError('model.missingValue', { node: name, op: say`graph output`, value: name })
  for (const name of makers.keys()) checkValue(graph, name)
}

/** What makes each value: an input, a constant or a node. */
function sources(graph: Graph): Map<string, Note> {
  const makers = new Map<string, Note>()
  const add = (value: string, maker: Note) => {
    const first = makers.get(value)
    if (first !== undefined) throw new AppError('model.duplicateValue', { value, first, second: maker })
    makers.set(value, maker)
  }
  for (const name of graph.inputs) add(name, say`the graph inputs`)
  for (const name of graph.constants.keys()) add(name, say`the constants`)
  for (const node of graph.nodes) for (const output of node.outputs) if (output) add(output, node.name)
  return makers
}

function checkNames(graph: Graph) {
  const names = new Set<string>()
  for (const node of graph.nodes) {
    if (node.name === '' || names.has(node.name))
      malformed(graph, `node ${node.name}`, say`the node name is empty or taken`)
    names.add(node.name)
  }
}

function checkOrder(graph: Graph, makers: ReadonlyMap<string, Note>) {
  const ready = new Set([...graph.inputs, ...graph.constants.keys()])
  for (const node of graph.nodes) {
    for (const name of readsOf(node)) {
      if (ready.has(name)) continue
      if (!makers.has(name)) throw new AppError('model.missingValue', { node: node.name, op: node.op, value: name })
      throw new AppError('model.cyclic', { name: graph.name, nodes: joined([node.name, makers.get(name)!], ', ') })
    }
    for (const name of node.outputs) if (name) ready.add(name)
  }
}

function checkValue(graph: Graph, name: string) {
  const value = graph.values.get(name)
  if (!value || value.name !== name) return malformed(graph, `value ${name}`, say`it has no type`)
  if (value.shape?.some((dim) => typeof dim === 'number' && (dim < 0 || !Number.isInteger(dim))))
    malformed(graph, `value ${name}`, say`the shape [${value.shape}] is not one`)
  if (value.quant) checkQuant(graph, value, value.quant)
  const constant = graph.constants.get(name)
  if (constant) checkConstant(graph, value, constant)
}

function checkConstant(graph: Graph, value: Value, constant: Tensor) {
  const expected = value.quant?.dtype ?? value.dtype
  if (constant.dtype !== expected)
    malformed(graph, `constant ${value.name}`, say`its elements are ${constant.dtype}, its type says ${expected}`)
  const same =
    value.shape?.length === constant.shape.length && constant.shape.every((dim, i) => dim === value.shape?.[i])
  if (!same)
    malformed(graph, `constant ${value.name}`, say`its shape is [${constant.shape}], its type says [${value.shape}]`)
}

function checkQuant(graph: Graph, { name, shape }: Value, quant: Quantization) {
  const bad = (problem: Note) => malformed(graph, say`quantisation of ${name}`, problem)
  const count = quant.scale.length
  if (count === 0 || quant.zeroPoint.length !== count)
    bad(say`there are ${count} scales and ${quant.zeroPoint.length} zero points`)
  if (quant.axis === null && count !== 1) bad(say`${count} scales have no axis`)
  const size = quant.blockSize === undefined ? channelCount(quant, shape) : blockCount(quant, shape)
  if (shape && (size === undefined || (typeof size === 'number' && size !== count)))
    bad(say`${count} scales do not fit axis ${quant.axis} of [${shape}]`)
  if (quant.scale.some((scale) => !(scale > 0) || !Number.isFinite(scale) || Math.fround(scale) !== scale))
    bad(say`a scale is not a positive float32`)
  const [low, high] = integerRange(quant.dtype)
  if (!(low <= quant.min && quant.min < quant.max && quant.max <= high))
    bad(say`the range ${quant.min} to ${quant.max} does not fit ${quant.dtype}`)
  if (quant.zeroPoint.some((zero) => !Number.isInteger(zero) || zero < low || zero > high))
    bad(say`a zero point is outside the type`)
}

const channelCount = ({ axis, scale }: Quantization, shape: Shape | null) =>
  axis === null ? scale.length : shape?.[axis]

/** Scales of a constant in blocks; undefined where there can be none. */
function blockCount({ axis, blockSize }: Quantization, shape: Shape | null): number | undefined {
  if (axis === null || blockSize === undefined || !Number.isInteger(blockSize) || blockSize < 1) return undefined
  const blocks = shape?.map((dim, i) => (i === axis ? Math.ceil(Number(dim) / blockSize) : Number(dim)))
  return blocks?.reduce((product, dim) => product * dim, 1)
}

/** Least and largest integer of a type of up to 32 bits. */
export function integerRange(dtype: Quantization['dtype']): readonly [number, number] {
  const bits = dtypes[dtype].bytes * 8
  return dtype === 'u8' ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]
}

function malformed(graph: Graph, where: Note, problem: Note): never {
  throw new AppError('model.malformed', { name: graph.name || say`The model`, where, problem })
}
