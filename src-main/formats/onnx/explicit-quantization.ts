// The other way round from lift-quantization.ts: quantised values become QuantizeLinear and DequantizeLinear nodes, or
// plain floats.
import { type DType, dtypes } from '../../ir/dtype.ts'
import type { Graph, Node, Quantization, Shape, Value } from '../../ir/graph.ts'
import { onnxTypes } from '../../ir/ops/cast.ts'
import { dequantizeTensor } from '../../ir/quantize.ts'
import { renameReads } from '../../ir/reads.ts'
import { f32Tensor, floatToHalf, readFloats, type Tensor, tensor } from '../../ir/tensor.ts'
import { integerRange } from '../../ir/verify.ts'
import { blockOpset } from './upgrade.ts'

/** Quantised constants become the real numbers they stand for; activations are no longer rounded. */
export function dropQuantization(graph: Graph): Graph {
  const values = new Map([...graph.values].map(([name, { quant: _, outside: __, ...value }]) => [name, value]))
  const constants = new Map(
    [...graph.constants].map(([name, constant]) => {
      const value = graph.values.get(name)
      return [name, value?.quant ? realTensor(constant, value.quant, value.dtype) : constant]
    }),
  )
  return { ...graph, values, constants }
}

function realTensor(constant: Tensor, quant: Quantization, dtype: DType): Tensor {
  const real = dequantizeTensor(constant, quant)
  if (dtype !== 'f16') return real
  return { dtype, shape: real.shape, read: () => Uint16Array.from(readFloats(real), floatToHalf) }
}

/** Every quantised value goes through a pair of nodes. `outside`: inputs and outputs keep the file's integer types. */
export function addQuantizationNodes(graph: Graph, outside: boolean): Graph {
  return new Insertion(graph, outside).run()
}

class Insertion {
  readonly #graph: Graph
  readonly #outside: boolean
  readonly #values: Map<string, Value>
  readonly #constants: Map<string, Tensor>
  readonly #before: Node[] = []
  readonly #nodes: Node[] = []
  /** What readers of a value read now. */
  readonly #read = new Map<string, string>()
  readonly #names: Set<string>
  readonly #nodeNames: Set<string>
  #external = false

  constructor(graph: Graph, outside: boolean) {
    this.#graph = graph
    this.#outside = outside
    this.#values = new Map(graph.values)
    this.#constants = new Map(graph.constants)
    this.#names = new Set([...graph.values.keys(), ...graph.nodes.flatMap((node) => node.outputs)])
    this.#nodeNames = new Set(graph.nodes.map((node) => node.name))
  }

  run(): Graph {
    for (const name of this.#graph.constants.keys()) this.#constant(name)
    for (const name of this.#graph.inputs) this.#input(name)
    for (const node of this.#graph.nodes) this.#node(node)
    const opsets = this.#external ? { 'com.microsoft': 1, ...this.#graph.opsets } : this.#graph.opsets
    const nodes = [...this.#before, ...this.#nodes]
    return { ...this.#graph, opsets, nodes, values: this.#values, constants: this.#constants }
  }

  #readName = (name: string) => this.#read.get(name) ?? name

  #constant(name: string) {
    const value = this.#values.get(name)
    if (!value?.quant) return
    // Blocks came with opset 21; in front of it the real numbers themselves are written.
    const tooOld = value.quant.blockSize !== undefined && (this.#graph.opsets[''] ?? 0) < blockOpset
    if (tooOld || this.#graph.outputs.includes(name)) {
      this.#constants.set(name, realTensor(this.#constants.get(name)!, value.quant, value.dtype))
      return this.#unquantized(value)
    }
    this.#before.push(...this.#dequantize(name, this.#readerName(value), value))
    this.#values.set(name, { name, dtype: value.quant.dtype, shape: value.shape })
  }

  #input(name: string) {
    const value = this.#values.get(name)
    if (!value?.quant || !isRounded(value)) return
    const real = this.#readerName(value)
    if (this.#outsideOf(name)) {
      this.#values.set(name, { name, dtype: value.quant.dtype, shape: value.shape })
      this.#before.push(...this.#dequantize(name, real, value))
    } else {
      this.#unquantized(value)
      this.#before.push(...this.#pair(name, real, value))
    }
  }

  #node(node: Node) {
    const added: Node[] = []
    const outputs = node.outputs.map((name) => {
      const value = this.#values.get(name)
      if (!value?.quant || !isRounded(value)) return name
      if (this.#outsideOf(name)) return this.#integerOutput(value, added)
      this.#unquantized(value)
      const result = this.#graph.outputs.includes(name)
      const [from, to] = result ? [this.#sibling(value, 'real'), name] : [name, this.#readerName(value)]
      added.push(...this.#pair(from, to, value))
      return from
    })
    this.#nodes.push({ ...renameReads(node, this.#readName), outputs }, ...added)
  }

  /** Readers of the value read what DequantizeLinear makes; the value keeps its name, so that names survive a round trip. */
  #readerName(value: Value): string {
    const name = this.#sibling(value, 'dequantized')
    this.#read.set(value.name, name)
    return name
  }

  /** A real value beside `value`. */
  #sibling(value: Value, what: string): string {
    const name = this.#freshName(`${value.name}_${what}`)
    this.#values.set(name, { name, dtype: value.dtype, shape: value.shape })
    return name
  }

  /** A graph output that is integers in the file; gives the name of the real value before it. */
  #integerOutput(value: Value, added: Node[]): string {
    const quant = value.quant!
    const real = this.#sibling(value, 'real')
    this.#values.set(value.name, { name: value.name, dtype: quant.dtype, shape: value.shape })
    added.push(
      ...this.#quantize(real, value.name, value),
      ...this.#dequantize(value.name, this.#readerName(value), value),
    )
    return real
  }

  #pair(from: string, to: string, value: Value): Node[] {
    const integers = this.#freshName(`${value.name}_integers`)
    this.#values.set(integers, { name: integers, dtype: value.quant!.dtype, shape: value.shape })
    return [...this.#quantize(from, integers, value), ...this.#dequantize(integers, to, value)]
  }

  /** QuantizeLinear takes float32 only (before opset 19) and the whole range of its type: casts and clips go before it. */
  #quantize(from: string, to: string, value: Value): Node[] {
    const quant = value.quant!
    const nodes: Node[] = []
    let real = from
    if (value.dtype === 'f16') {
      real = this.#sibling({ ...value, dtype: 'f32' }, 'f32')
      nodes.push(this.#newNode('Cast', [from], real, { to: onnxTypes.f32 }))
    }
    const [low, high] = integerRange(quant.dtype)
    if ((quant.min !== low || quant.max !== high) && quant.axis === null) {
      const clipped = this.#sibling({ ...value, dtype: 'f32' }, 'clipped')
      nodes.push(this.#newNode('Clip', [real, ...this.#limits(value.name, quant)], clipped))
      real = clipped
    }
    return [...nodes, this.#linear('QuantizeLinear', real, to, quant)]
  }

  #dequantize(from: string, to: string, value: Value): Node[] {
    if (value.dtype !== 'f16') return [this.#linear('DequantizeLinear', from, to, value.quant!)]
    const real = this.#sibling({ ...value, dtype: 'f32' }, 'f32')
    return [
      this.#linear('DequantizeLinear', from, real, value.quant!),
      this.#newNode('Cast', [real], to, { to: onnxTypes.f16 }),
    ]
  }

  #limits(name: string, quant: Quantization): readonly string[] {
    const real = (q: number) => f32Tensor([], [(q - quant.zeroPoint[0]!) * quant.scale[0]!])
    return [this.#addConstant(`${name}_least`, real(quant.min)), this.#addConstant(`${name}_most`, real(quant.max))]
  }

  #linear(op: string, from: string, to: string, quant: Quantization): Node {
    // 16-bit integers came to the ONNX operators with opset 21; ONNX Runtime has had them in its own domain for longer.
    const domain = quant.dtype === 'i16' && (this.#graph.opsets[''] ?? 0) < 21 ? 'com.microsoft' : ''
    if (domain) this.#external = true
    const shape = scaleShape(quant, this.#values.get(from)?.shape)
    const base = op === 'QuantizeLinear' ? to : from
    const scale = this.#addConstant(`${base}_scale`, f32Tensor(shape, quant.scale))
    const inputs = [from, scale]
    // int32 has no zero point but 0.
    if (quant.dtype !== 'i32')
      inputs.push(this.#addConstant(`${base}_zero_point`, integerTensor(quant.dtype, shape, quant.zeroPoint)))
    const blocks = quant.blockSize === undefined ? {} : { block_size: quant.blockSize }
    const attrs = quant.axis === null ? {} : { axis: quant.axis, ...blocks }
    return { ...this.#newNode(op, inputs, to), domain, attrs }
  }

  #newNode(op: string, inputs: readonly string[], output: string, attrs: Node['attrs'] = {}): Node {
    let name = `${output}_${op}`
    for (let i = 1; this.#nodeNames.has(name); i++) name = `${output}_${op}_${i}`
    this.#nodeNames.add(name)
    return { name, op, domain: '', inputs, outputs: [output], attrs }
  }

  #addConstant(wanted: string, constant: Tensor): string {
    const name = this.#freshName(wanted)
    this.#constants.set(name, constant)
    this.#values.set(name, { name, dtype: constant.dtype, shape: constant.shape })
    return name
  }

  #freshName(wanted: string): string {
    let name = wanted
    for (let i = 1; this.#names.has(name); i++) name = `${wanted}_${i}`
    this.#names.add(name)
    return name
  }

  #unquantized({ quant: _, outside: __, ...value }: Value) {
    this.#values.set(value.name, value)
  }

  #outsideOf(name: string): boolean {
    return this.#outside && this.#graph.values.get(name)?.outside !== undefined
  }
}

/** With blocks the tensor's shape, with the blocked dimension in blocks. */
function scaleShape({ axis, blockSize, scale }: Quantization, shape: Shape | null | undefined): readonly number[] {
  if (axis === null) return []
  if (blockSize === undefined || !shape) return [scale.length]
  return shape.map((dim, i) => (i === axis ? Math.ceil(Number(dim) / blockSize) : Number(dim)))
}

/** int32 activations have no QuantizeLinear: they are accumulators, exact anyway. */
const isRounded = (value: Value) => value.quant !== undefined && value.quant.dtype !== 'i32'

function integerTensor(dtype: Quantization['dtype'], shape: readonly number[], numbers: readonly number[]): Tensor {
  return tensor(dtype, shape, dtypes[dtype].array.from(numbers))
}
