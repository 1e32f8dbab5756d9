// Quantisation from nodes to values: QuantizeLinear and DequantizeLinear go, integer operators become the plain ones,
// and the values between them get `quant`. Integers and scales stay exactly what the file has. What does not fit (a scale
// computed at run time, a value that is read as a plain integer as well) is left as it is.
import { type Note, say } from '../../base/note.ts'
import type { DType } from '../../ir/dtype.ts'
import { type Graph, type Node, type Quantization, readers, type Value } from '../../ir/graph.ts'
import { inferShapes } from '../../ir/infer.ts'
import { quantizeTensor } from '../../ir/quantize.ts'
import { readsOf, renameReads } from '../../ir/reads.ts'
import { renameValue } from '../../ir/rewrite.ts'
import type { Tensor } from '../../ir/tensor.ts'
import { type IntegerValues, integerValues, type Role } from './integer-roles.ts'
import { quantKey } from './quant-params.ts'

export function liftQuantization(file: Graph): { readonly graph: Graph; readonly warnings: readonly Note[] } {
  if (!file.nodes.some(isQuantization)) return { graph: file, warnings: [] }
  // Axes counted from the end need ranks.
  const graph = inferShapes(file, { declared: 'check' })
  const found = integerValues(graph)
  const lifted = new Lift(graph, found).run()
  return { graph: lifted, warnings: left(lifted) }
}

const integerOps = [
  'QuantizeLinear',
  'DequantizeLinear',
  'QGemm',
  'ConvInteger',
  'MatMulInteger',
  'DynamicQuantizeLinear',
]

const isQuantization = ({ op }: Node) => integerOps.includes(op) || op.startsWith('QLinear')

/** Says what stayed, because such a model cannot go onto a device. */
function left(graph: Graph): readonly Note[] {
  return graph.nodes
    .filter(isQuantization)
    .map((node) => say`Node ${node.name} (${node.op}) stays as it is: its quantisation cannot be read from the file.`)
}

class Lift {
  readonly #graph: Graph
  readonly #roles: IntegerValues['roles']
  readonly #quants: IntegerValues['quants']
  readonly #values: Map<string, Value>
  readonly #constants: Map<string, Tensor>
  readonly #readers: ReadonlyMap<string, readonly Node[]>
  /** Values that another one stands for now. */
  readonly #alias = new Map<string, string>()
  readonly #nodes: Node[] = []
  /** Constants read as they are by somebody; a use with quantisation needs a copy then. */
  readonly #plainReads: ReadonlySet<string>
  readonly #constantUses = new Map<string, string>()

  constructor(graph: Graph, found: IntegerValues) {
    this.#graph = graph
    this.#roles = found.roles
    this.#quants = found.quants
    this.#values = new Map(graph.values)
    this.#constants = new Map(graph.constants)
    this.#readers = readers(graph)
    this.#plainReads = this.#findPlainReads()
  }

  run(): Graph {
    for (const name of this.#graph.inputs) {
      const quant = this.#quants.get(name)
      if (quant) this.#setQuant(name, quant, 'f32', quant.dtype)
    }
    for (const node of this.#graph.nodes) this.#lift(node)
    return this.#nameOutputs(this.#clean())
  }

  #lift(node: Node) {
    const role = this.#roles.get(node)
    if (!role || (role.kind === 'move' && !role.writes)) this.#nodes.push(renameReads(node, this.#resolve))
    else if (role.kind === 'dequantize')
      this.#alias.set(node.outputs[0]!, this.#integers(node.inputs[0]!, role.reads.get(0)!, role.real))
    else if (role.kind === 'quantize') this.#quantize(node, role)
    else if (role.kind === 'move') this.#move(node, role)
    else this.#operate(node, role)
  }

  #quantize(node: Node, { writes, real }: Role) {
    const [from, to] = [this.#resolve(node.inputs[0]!), node.outputs[0]!]
    const quant = writes!
    const constant = this.#constants.get(from)
    const current = this.#values.get(from)?.quant
    if (current && quantKey(current) === quantKey(quant)) this.#alias.set(to, from)
    else if (constant && !current) {
      this.#constants.set(to, quantizeTensor(constant, quant))
      this.#values.set(to, { name: to, dtype: real, shape: constant.shape, quant })
    } else if (!current && this.#onlyQuantized(node.inputs[0]!, quant)) {
      this.#setQuant(from, quant, real)
      this.#alias.set(to, from)
    } else {
      this.#nodes.push({ ...node, op: 'Identity', inputs: [from], attrs: {} })
      this.#setQuant(to, quant, real)
    }
  }

  /** Nobody sees the value before it is rounded. */
  #onlyQuantized(name: string, quant: Quantization): boolean {
    const key = quantKey(quant)
    const same = (node: Node) => {
      const role = this.#roles.get(node)
      return role?.kind === 'quantize' && quantKey(role.writes!) === key
    }
    return !this.#graph.outputs.includes(name) && (this.#readers.get(name) ?? []).every(same)
  }

  #move(node: Node, role: Role) {
    const inputs = node.inputs.map((name, i) => {
      return role.reads.has(i) ? this.#integers(name, role.writes!, 'f32') : this.#resolve(name)
    })
    for (const name of node.outputs) if (name) this.#setQuant(name, role.writes!, 'f32')
    this.#nodes.push({ ...node, inputs })
  }

  #operate(node: Node, role: Role) {
    const { op, operands, bias, attrs } = role.operator!
    const positions = [...operands.map(({ at }) => at), ...(bias !== undefined && role.reads.has(bias) ? [bias] : [])]
    const inputs = positions.map((i) => this.#integers(node.inputs[i]!, role.reads.get(i)!, 'f32'))
    const kept = attrs ? attrs(node, this.#graph.opsets[''] ?? 0)! : node.attrs
    this.#nodes.push({ ...node, op, domain: '', inputs, outputs: node.outputs.slice(0, 1), attrs: kept })
    if (role.writes) this.#setQuant(node.outputs[0]!, role.writes, 'f32')
    else this.#values.set(node.outputs[0]!, { ...this.#valueOf(node.outputs[0]!), dtype: 'f32' })
  }

  /** The real value that integers at an input stand for. */
  #integers(name: string, quant: Quantization, real: DType): string {
    if (!this.#graph.constants.has(name)) return this.#resolve(name)
    const key = `${name}\n${quantKey(quant)}`
    const known = this.#constantUses.get(key)
    if (known !== undefined) return known
    const taken = this.#plainReads.has(name) || this.#values.get(name)?.quant !== undefined
    const use = taken ? this.#freeName(`${name}_quantized`) : name
    const constant = this.#graph.constants.get(name)!
    this.#constantUses.set(key, use)
    this.#constants.set(use, constant)
    this.#values.set(use, { name: use, dtype: real, shape: constant.shape, quant })
    return use
  }

  #freeName(wanted: string): string {
    for (let i = 0; ; i++) {
      const name = i === 0 ? wanted : `${wanted}_${i}`
      if (!this.#values.has(name)) return name
    }
  }

  #setQuant(name: string, quant: Quantization, real: DType, outside?: DType) {
    const value = { ...this.#valueOf(name), dtype: real, quant }
    this.#values.set(name, outside ? { ...value, outside } : value)
  }

  #valueOf(name: string): Value {
    return this.#values.get(name) ?? { name, dtype: 'f32', shape: null }
  }

  #resolve = (name: string): string => this.#alias.get(name) ?? name

  #findPlainReads(): ReadonlySet<string> {
    const plain = new Set(this.#graph.outputs)
    for (const node of this.#graph.nodes) {
      const role = this.#roles.get(node)
      const own = new Set(role ? [...role.reads].filter(([, quant]) => quant).map(([i]) => node.inputs[i]!) : [])
      const parameters = role && role.kind !== 'move'
      for (const name of readsOf(node)) if (!own.has(name) && !parameters) plain.add(name)
      if (parameters && node.inputs.some((name, i) => own.has(name) && !role.reads.has(i)))
        for (const name of own) plain.add(name)
    }
    return plain
  }

  /** Without the constants and values that only the nodes taken out knew. */
  #clean(): Graph {
    const outputs = this.#graph.outputs.map(this.#resolve)
    const read = new Set([...this.#nodes.flatMap(readsOf), ...outputs])
    const before = new Set(this.#graph.nodes.flatMap(readsOf))
    const constants = new Map(
      [...this.#constants].filter(([name]) => read.has(name) || (this.#graph.constants.has(name) && !before.has(name))),
    )
    const made = new Set([...this.#graph.inputs, ...constants.keys(), ...this.#nodes.flatMap((node) => node.outputs)])
    const values = new Map([...this.#values].filter(([name]) => made.has(name)))
    return { ...this.#graph, nodes: this.#nodes, constants, values, outputs }
  }

  /** Outputs get their own names back, and remember where the file has integers. */
  #nameOutputs(graph: Graph): Graph {
    return this.#graph.outputs.reduce((lifted, name, i) => {
      const from = lifted.outputs[i]!
      const named = from === name ? lifted : this.#rename(lifted, i, from, name)
      const outside = this.#quants.get(name)?.dtype
      const value = named.values.get(name)!
      return outside ? { ...named, values: new Map(named.values).set(name, { ...value, outside }) } : named
    }, graph)
  }

  #rename(graph: Graph, index: number, from: string, name: string): Graph {
    const fixed = graph.inputs.includes(from) || graph.constants.has(from) || graph.outputs.indexOf(from) !== index
    if (!fixed && !this.#graph.outputs.includes(from)) return renameValue(graph, from, name)
    const identity = {
      name: this.#nodeName(graph, name),
      op: 'Identity',
      domain: '',
      inputs: [from],
      outputs: [name],
      attrs: {},
    }
    const { outside: _, ...value } = graph.values.get(from)!
    const values = new Map(graph.values).set(name, { ...value, name })
    return { ...graph, nodes: [...graph.nodes, identity], values, outputs: graph.outputs.with(index, name) }
  }

  #nodeName(graph: Graph, wanted: string): string {
    const taken = new Set(graph.nodes.map((node) => node.name))
    return taken.has(wanted) ? `${wanted}_output` : wanted
  }
}
