import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import type { Attr, Dim, Graph, Node, Value } from '../../ir/graph.ts'
import { isTensor } from '../../ir/graph.ts'
import { dtypeOfOnnx } from '../../ir/ops/cast.ts'
import { readsOf } from '../../ir/reads.ts'
import { sortNodes } from '../../ir/sort.ts'
import { f32Tensor, i64Tensor, type Tensor } from '../../ir/tensor.ts'
import { readAttributes } from './attributes.ts'
import type { Decoded } from './decode.ts'
import { elementType, type ModelFile, maxRank, readTensorProto } from './tensor-data.ts'

/** Builds one graph of a model; subgraphs get builders of their own, because their names are their own. */
export class GraphBuilder {
  readonly #file: ModelFile
  readonly #opsets: Readonly<Record<string, number>>
  readonly #values = new Map<string, Value>()
  readonly #constants = new Map<string, Tensor>()
  readonly #nodeNames = new Map<string, number>()

  constructor(file: ModelFile, opsets: Readonly<Record<string, number>>) {
    this.#file = file
    this.#opsets = opsets
  }

  build(proto: Decoded<'GraphProto'>): Graph {
    const graph = this.#convert(proto)
    const known = new Set([...graph.inputs, ...graph.constants.keys()])
    return { ...graph, nodes: sortNodes(graph.nodes, known, this.#file.source.name) }
  }

  /** A subgraph may read values of the graphs around it; those are checked where its node is sorted. */
  buildSubgraph(proto: Decoded<'GraphProto'>): Graph {
    const graph = this.#convert(proto)
    const made = new Set(graph.nodes.flatMap((node) => node.outputs))
    const known = new Set(graph.nodes.flatMap(readsOf).filter((name) => !made.has(name)))
    return { ...graph, nodes: sortNodes(graph.nodes, known, this.#file.source.name) }
  }

  #convert(proto: Decoded<'GraphProto'>): Graph {
    if (proto.sparseInitializer.length > 0) this.#unsupported(say`sparse tensors`, 'GraphProto.sparse_initializer')
    for (const initializer of proto.initializer) this.#addInitializer(initializer)
    const inputs = proto.input.filter((info) => !this.#constants.has(info.name ?? ''))
    for (const info of inputs) this.#addInput(info)
    const nodes = proto.node.map((node) => this.#node(node)).filter((node) => !this.#takeConstant(node))
    for (const info of proto.output) this.#declare(info)
    for (const info of proto.valueInfo) if (isTensorType(info)) this.#declare(info)
    for (const node of nodes) for (const name of node.outputs) if (name) this.#addMade(name)
    return {
      name: proto.name ?? '',
      opsets: this.#opsets,
      inputs: inputs.map((info) => info.name ?? ''),
      outputs: proto.output.map((info) => info.name ?? ''),
      nodes,
      values: this.#values,
      constants: this.#constants,
    }
  }

  #addInitializer(proto: Decoded<'TensorProto'>) {
    const name = proto.name || this.#malformed('GraphProto.initializer', say`an initialiser has no name`)
    this.#addConstant(name, readTensorProto(this.#file, proto, `initialiser ${name}`), say`the initialisers`)
  }

  #addConstant(name: string, constant: Tensor, maker: Note) {
    if (this.#constants.has(name))
      throw new AppError('model.duplicateValue', { value: name, first: say`the initialisers`, second: maker })
    this.#constants.set(name, constant)
    this.#values.set(name, { name, dtype: constant.dtype, shape: constant.shape })
  }

  #addInput(info: Decoded<'ValueInfoProto'>) {
    const name = info.name || this.#malformed('GraphProto.input', say`an input has no name`)
    if (this.#values.has(name))
      throw new AppError('model.duplicateValue', { value: name, first: say`the inputs`, second: say`the inputs` })
    this.#values.set(name, this.#value(info, name) ?? { name, dtype: 'f32', shape: null })
  }

  /** Declared types are the only ones that values of unknown operators have. */
  #declare(info: Decoded<'ValueInfoProto'>) {
    const name = info.name ?? ''
    if (name === '' || this.#values.has(name)) return
    const value = this.#value(info, name)
    if (value) this.#values.set(name, value)
  }

  #addMade(name: string) {
    if (!this.#values.has(name)) this.#values.set(name, { name, dtype: 'f32', shape: null })
  }

  #value(info: Decoded<'ValueInfoProto'>, name: string): Value | null {
    const type = info.type?.tensorType
    if (!type) return info.type ? this.#unsupported(say`a type that is no tensor`, `value ${name}`) : null
    const dtype = elementType(this.#file.source, type.elemType ?? 0, `value ${name}`)
    const rank = type.shape?.dim.length ?? 0
    if (rank > maxRank) this.#malformed(`value ${name}`, say`it has ${rank} dimensions`)
    return { name, dtype, shape: type.shape ? type.shape.dim.map((dim, i) => this.#dim(dim, name, i)) : null }
  }

  /** Tools write 0 or -1 for an open size as well as leaving it out. */
  #dim({ dimValue, dimParam }: Decoded<'Dimension'>, name: string, index: number): Dim {
    if (dimParam) return dimParam
    if (dimValue === undefined || dimValue <= 0) return `${name}.${index}`
    return Number.isSafeInteger(dimValue) ? dimValue : this.#malformed(`value ${name}`, say`${dimValue} is no size`)
  }

  #node(proto: Decoded<'NodeProto'>): Node {
    const op = proto.opType ?? ''
    const name = this.#uniqueName(proto.name || proto.output.find(Boolean) || op)
    const domain = proto.domain === 'ai.onnx' ? '' : (proto.domain ?? '')
    const subgraph = (graph: Decoded<'GraphProto'>) => new GraphBuilder(this.#file, this.#opsets).buildSubgraph(graph)
    const { attrs, floatAttrs } = readAttributes(this.#file, proto, name, subgraph)
    const node = { name, op, domain, inputs: proto.input, outputs: proto.output, attrs }
    return floatAttrs.length > 0 ? { ...node, floatAttrs } : node
  }

  #uniqueName(wanted: string): string {
    const seen = this.#nodeNames.get(wanted)
    this.#nodeNames.set(wanted, (seen ?? 0) + 1)
    return seen === undefined ? wanted : this.#uniqueName(`${wanted}_${seen}`)
  }

  /** A Constant node becomes a constant under the name of its output. */
  #takeConstant(node: Node): boolean {
    if (node.op !== 'Constant' || node.domain !== '') return false
    const constant = constantOf(node.attrs)
    const name = node.outputs[0]
    if (!constant || !name) return false
    this.#addConstant(name, constant, node.name)
    return true
  }

  #malformed(where: string, problem: Note): never {
    throw new AppError('model.malformed', { name: this.#file.source.name, where, problem })
  }

  #unsupported(what: Note, where: string): never {
    throw new AppError('model.unsupported', { name: this.#file.source.name, what, where })
  }
}

/** Values inside may be anything the host can run (strings, sequences); only their declaration is left out then. */
const isTensorType = ({ type }: Decoded<'ValueInfoProto'>) => dtypeOfOnnx(type?.tensorType?.elemType ?? 0) !== null

const isNumbers = (attr: Attr | undefined): attr is readonly number[] =>
  Array.isArray(attr) && attr.every((element) => typeof element === 'number')

function constantOf({ value, value_float, value_floats, value_int, value_ints }: Node['attrs']): Tensor | null {
  if (value !== undefined && isTensor(value)) return value
  if (typeof value_float === 'number') return f32Tensor([], [value_float])
  if (isNumbers(value_floats)) return f32Tensor([value_floats.length], value_floats)
  if (typeof value_int === 'number') return i64Tensor([], [value_int])
  return isNumbers(value_ints) ? i64Tensor([value_ints.length], value_ints) : null
}
