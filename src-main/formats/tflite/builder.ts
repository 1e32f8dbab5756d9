// Collects the nodes, values and constants of the graph while the operators are converted, and keeps every rank-4 tensor
// in the order it is in: 'native' (NHWC, as in the file) or 'nchw'. A Transpose is added only when a reader wants the other
// order, so a chain of convolutions has none inside.
import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import type { DType } from '../../ir/dtype.ts'
import type { Attr, Graph, Node, Quantization, Shape, Value } from '../../ir/graph.ts'
import { f32Tensor, i64Tensor, readNumbers, type Tensor } from '../../ir/tensor.ts'
import { dequantized, permuted, reshaped, sourceTensor } from './constant.ts'
import { type Edges, quantizationOf } from './edges.ts'
import type { TfliteModel, TfliteOperator, TfliteTensor } from './model.ts'

export type Layout = 'native' | 'nchw'

/** Output dimension i is input dimension perm[i]. */
export const toNchw = [0, 3, 1, 2] as const
export const toNhwc = [0, 2, 3, 1] as const

type Attrs = Readonly<Record<string, Attr>>

export interface ConstantForm {
  /** Output dimension i is input dimension perm[i], after `rank` has been reached with leading ones. */
  readonly perm?: readonly number[]
  readonly rank?: number
  /** As real numbers, for a float operator with quantised weights. */
  readonly real?: boolean
}

export class GraphBuilder {
  readonly model: TfliteModel
  readonly #edges: Edges
  readonly #batched: ReadonlySet<number> | null
  readonly #ports: ReadonlySet<number>
  readonly #nodes: Node[] = []
  readonly #values = new Map<string, Value>()
  readonly #constants = new Map<string, Tensor>()
  /** Names of the values of each canonical tensor, by layout. */
  readonly #held = new Map<number, Partial<Record<Layout, string>>>()
  readonly #names = new Map<number, string>()
  readonly #taken = new Set<string>()
  readonly #made = new Map<number, Note>()

  constructor(model: TfliteModel, edges: Edges, batched: ReadonlySet<number> | null) {
    this.model = model
    this.#edges = edges
    this.#batched = batched
    this.#ports = new Set([...model.inputs, ...model.outputs].map(edges.canonical))
    // the outside names are promised; others give way
    for (const port of this.#ports) this.#names.set(port, this.#unique(this.#plainName(port)))
  }

  // --- what the file says about a tensor ---

  tensor(t: number): TfliteTensor {
    return this.model.tensors[this.#edges.canonical(t)]!
  }
  shape(t: number): readonly number[] {
    return this.tensor(t).shape
  }
  isConstant(t: number): boolean {
    return this.tensor(t).data !== null
  }
  quant(t: number): Quantization | null {
    return this.#edges.quant(this.#edges.canonical(t))
  }
  /** Integers of a constant (axes, paddings, sizes), null when it is made at run time. */
  numbers(t: number): readonly number[] | null {
    const tensor = this.model.tensors[t]
    return tensor?.data ? readNumbers(sourceTensor(this.model.source, tensor)) : null
  }

  // --- values ---

  /** The shape of a tensor's value in `layout`, the batch as a symbol where it can vary. */
  dims(t: number, layout: Layout): Shape {
    const native: Shape = this.shape(t)
    const shape = this.#batched?.has(this.#edges.canonical(t)) ? ['N', ...native.slice(1)] : native
    return layout === 'nchw' && native.length === 4 ? toNchw.map((from) => shape[from]!) : shape
  }

  /** Whether this tensor (rank 4) exists in NCHW order already. */
  holds(t: number, layout: Layout): string | undefined {
    return this.#held.get(this.#edges.canonical(t))?.[layout]
  }

  /** Name of the value that holds tensor t in `layout`. */
  value(t: number, layout: Layout, op: TfliteOperator): string {
    if (this.isConstant(t)) return this.constant(t, layout === 'nchw' ? { perm: toNchw, rank: 4 } : {}, op)
    const key = this.#edges.canonical(t)
    const held = this.#held.get(key)
    if (!held) {
      const data = { node: nodeName(op), op: op.op, value: this.tensor(t).name }
      throw new AppError('model.missingValue', data)
    }
    const wanted = this.shape(t).length === 4 ? layout : 'native'
    const name = held[wanted]
    if (name !== undefined) return name
    const other = held[wanted === 'nchw' ? 'native' : 'nchw']!
    const result = this.#declare(key, wanted)
    held[wanted] = result
    this.#push(`${result}/transpose`, 'Transpose', [other], [result], { perm: wanted === 'nchw' ? toNchw : toNhwc })
    return result
  }

  /** The value made by an operator for its output tensor. */
  define(t: number, layout: Layout, op: TfliteOperator): string {
    const key = this.#edges.canonical(t)
    const first = this.#made.get(key)
    if (first !== undefined) {
      throw new AppError('model.duplicateValue', { value: this.tensor(t).name, first, second: nodeName(op) })
    }
    this.#made.set(key, nodeName(op))
    return this.#hold(key, layout)
  }

  /** A value between two nodes that one operator becomes; same type and quantisation as tensor t. */
  between(t: number, layout: Layout, suffix: string, shape: Shape = this.dims(t, layout)): string {
    const key = this.#edges.canonical(t)
    const name = this.#unique(`${this.#nameOf(key)}/${suffix}`)
    this.#values.set(name, { ...this.#typeOf(key), name, shape })
    return name
  }

  /** An int64 value between two nodes, of tensor t's shape. */
  longBetween(t: number, suffix: string): string {
    const name = this.#unique(`${this.#nameOf(this.#edges.canonical(t))}/${suffix}`)
    this.#values.set(name, { name, dtype: 'i64', shape: this.dims(t, 'native') })
    return name
  }

  input(t: number): string {
    this.#made.set(t, say`the graph inputs`)
    return this.#hold(t, 'native')
  }

  node(op: TfliteOperator, onnx: string, inputs: readonly string[], outputs: readonly string[], attrs: Attrs = {}) {
    this.#push(nodeName(op), onnx, inputs, outputs, attrs)
  }

  foreign(op: TfliteOperator, inputs: readonly string[], outputs: readonly string[], attrs: Attrs) {
    this.#push(nodeName(op), op.op, inputs, outputs, attrs, 'tflite')
  }

  // --- constants ---

  constant(t: number, form: ConstantForm, op: TfliteOperator): string {
    const file = this.tensor(t)
    const rank = file.shape.length
    const scalar = rank === 0
    if (form.rank !== undefined && rank > form.rank) {
      const problem = say`the constant ${file.name} has ${rank} dimensions, at most ${form.rank} fit`
      throw new AppError('model.shape', { node: nodeName(op), op: op.op, problem })
    }
    const lead = scalar ? 0 : Math.max(0, (form.rank ?? rank) - rank)
    const perm = scalar ? undefined : form.perm
    const dequantizedInFile = file.index !== t
    const real = dequantizedInFile || (form.real ?? !this.isInteger(op))
    const key = `${file.index}|${perm?.join() ?? ''}|${lead}|${real}`
    const known = this.#forms.get(key)
    if (known !== undefined) return known
    const quant = quantizationOf(file)
    let data = sourceTensor(this.model.source, file)
    if (real && (quant || file.type.name === 'FLOAT16')) data = dequantized(data, quant)
    if (lead > 0) data = reshaped(data, [...Array<number>(lead).fill(1), ...file.shape])
    if (perm) data = permuted(data, perm)
    const name = this.#unique(this.#taken.has(file.name) ? `${file.name}/${perm ? 'nchw' : 'constant'}` : file.name)
    const held = real || !quant ? undefined : movedAxis(quant, lead, perm)
    const dtype = held ? 'f32' : data.dtype
    this.#values.set(name, held ? { name, dtype, shape: data.shape, quant: held } : { name, dtype, shape: data.shape })
    this.#constants.set(name, data)
    this.#forms.set(key, name)
    return name
  }
  readonly #forms = new Map<string, string>()

  /** A constant of our own: shapes, axes, bounds. Equal ones are shared. */
  ints(values: readonly number[]): string {
    return this.#own(`i64[${values.join()}]`, () => i64Tensor([values.length], values))
  }
  scalar(value: number): string {
    return this.#own(`f32(${value})`, () => f32Tensor([], [value]))
  }
  floats(values: readonly number[]): string {
    return this.#own(`f32[${values.join()}]`, () => f32Tensor([values.length], values))
  }

  /** Whether the operator computes on integers: one of its activations is quantised. */
  isInteger(op: TfliteOperator): boolean {
    return op.inputs.some((t) => t >= 0 && !this.isConstant(t) && this.quant(t) !== null)
  }

  /** NCHW when all are rank 4 and one is in NCHW already, so that no transpose is needed in between. */
  layoutFor(inputs: readonly number[]): Layout {
    const active = inputs.filter((t) => t >= 0 && !this.isConstant(t))
    const rank4 = active.length > 0 && active.every((t) => this.shape(t).length === 4)
    return rank4 && active.some((t) => this.holds(t, 'nchw')) ? 'nchw' : 'native'
  }

  finish(): Graph {
    const end: TfliteOperator = { index: -1, op: 'output', inputs: [], outputs: [], options: {} }
    const outputs = this.model.outputs.map((t) => this.value(t, 'native', end))
    const inputs = this.model.inputs.map((t) => this.#held.get(t)!.native!)
    const opsets: Record<string, number> = { '': 17 }
    if (this.#nodes.some((node) => node.domain === 'tflite')) opsets.tflite = 1
    return {
      name: this.model.name,
      opsets,
      inputs,
      outputs,
      nodes: this.#nodes,
      values: this.#values,
      constants: this.#constants,
    }
  }

  // --- inside ---

  #hold(key: number, layout: Layout): string {
    const kept = this.shape(key).length === 4 ? layout : 'native'
    const name = this.#declare(key, kept)
    this.#held.set(key, { [kept]: name })
    return name
  }

  /** The tensor's own name goes to its native form when the outside sees it, else to the form made first. */
  #declare(key: number, layout: Layout): string {
    const own = this.#nameOf(key)
    const free = !this.#values.has(own) && (layout === 'native' || !this.#ports.has(key))
    const name = free ? own : this.#unique(`${own}/${layout === 'nchw' ? 'nchw' : 'nhwc'}`)
    this.#values.set(name, { ...this.#typeOf(key), name, shape: this.dims(key, layout) })
    return name
  }

  #typeOf(key: number): { dtype: DType; quant?: Quantization } {
    const quant = this.#edges.quant(key)
    if (quant) return { dtype: 'f32', quant }
    const { type, name } = this.model.tensors[key]!
    if (type.dtype !== null) return { dtype: type.dtype }
    const problem = say`elements of type ${type.name} cannot be held`
    throw new AppError('model.malformed', { name: this.model.source.name, problem, where: `tensor ${key} (${name})` })
  }

  #plainName(key: number): string {
    return this.model.tensors[this.#edges.named(key)]!.name
  }

  #nameOf(key: number): string {
    const known = this.#names.get(key)
    if (known !== undefined) return known
    const name = this.#unique(this.#plainName(key))
    this.#names.set(key, name)
    return name
  }

  #unique(wanted: string): string {
    let name = wanted
    for (let i = 2; this.#taken.has(name); i++) name = `${wanted}:${i}`
    this.#taken.add(name)
    return name
  }

  #own(name: string, make: () => Tensor): string {
    const known = this.#forms.get(name)
    if (known !== undefined) return known
    const data = make()
    const unique = this.#unique(name)
    this.#values.set(unique, { name: unique, dtype: data.dtype, shape: data.shape })
    this.#constants.set(unique, data)
    this.#forms.set(name, unique)
    return unique
  }

  #push(name: string, op: string, inputs: readonly string[], outputs: readonly string[], attrs: Attrs, domain = '') {
    const taken = this.#nodeNames.get(name) ?? 0
    this.#nodeNames.set(name, taken + 1)
    const unique = taken === 0 ? name : `${name}/${taken + 1}`
    this.#nodes.push({ name: unique, op, domain, inputs, outputs, attrs })
  }
  readonly #nodeNames = new Map<string, number>()
}

export const nodeName = (op: TfliteOperator) => (op.index < 0 ? op.op : `${op.op}_${op.index}`)

function movedAxis(quant: Quantization, lead: number, perm: readonly number[] | undefined): Quantization {
  if (quant.axis === null) return quant
  const axis = quant.axis + lead
  return { ...quant, axis: perm ? perm.indexOf(axis) : axis }
}
