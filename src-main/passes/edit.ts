// A graph under change. Passes read and edit through it and end with finish(), which gives a new immutable graph: nodes in
// topological order, nothing that is not reachable from the outputs.
import { Bug } from '../base/errors.ts'
import type { Graph, Node, Quantization, Value } from '../ir/graph.ts'
import { readsOf } from '../ir/reads.ts'
import { sortNodes } from '../ir/sort.ts'
import type { Tensor } from '../ir/tensor.ts'

export class GraphEdit {
  readonly graph: Graph
  readonly #position = new Map<Node, number>()
  readonly #producer = new Map<string, Node>()
  readonly #readers = new Map<string, Set<Node>>()
  readonly #values: Map<string, Value>
  readonly #constants: Map<string, Tensor>
  readonly #opsets: Record<string, number>
  /** Values that keep their names: the graph's outputs, and what the bodies of If, Loop and Scan read from outside. */
  readonly #pinned: ReadonlySet<string>
  #changes = 0

  constructor(graph: Graph) {
    this.graph = graph
    this.#values = new Map(graph.values)
    this.#constants = new Map(graph.constants)
    this.#opsets = { ...graph.opsets }
    this.#pinned = new Set([...graph.outputs, ...graph.nodes.flatMap(capturedBy)])
    graph.nodes.forEach((node, i) => {
      this.#insert(node, i)
    })
    this.#changes = 0
  }

  /** Number of changes so far; a pass logs it and stops repeating when it no longer grows. */
  get changes() {
    return this.#changes
  }
  /** ONNX opset of the default domain. */
  get opset() {
    return this.#opsets[''] ?? 13
  }

  /** The nodes as they are now; safe to edit while going through it. */
  nodes(...ops: string[]): Node[] {
    const nodes = [...this.#position.entries()].sort(([, a], [, b]) => a - b).map(([node]) => node)
    return ops.length ? nodes.filter((node) => node.domain === '' && ops.includes(node.op)) : nodes
  }
  has = (node: Node) => this.#position.has(node)
  producer = (value: string | undefined): Node | null => (value ? this.#producer.get(value) : undefined) ?? null
  readersOf = (value: string): Node[] => [...(this.#readers.get(value) ?? [])]
  constant = (value: string | undefined): Tensor | null => (value ? this.#constants.get(value) : undefined) ?? null
  isPinned = (value: string) => this.#pinned.has(value)
  isInput = (value: string) => this.graph.inputs.includes(value)

  value(name: string): Value {
    return this.#values.get(name) ?? { name, dtype: 'f32', shape: null }
  }

  /** The producer of `value` when it is of one of `ops` and nothing but `reader` sees the value. */
  soleProducer(value: string | undefined, reader: Node, ...ops: string[]): Node | null {
    const node = this.producer(value)
    return node && node.domain === '' && ops.includes(node.op) && this.isPrivate(value!, reader) ? node : null
  }

  /** Whether `reader` alone sees the value. */
  isPrivate(value: string, reader: Node): boolean {
    const reading = this.#readers.get(value)
    return !this.isPinned(value) && reading?.size === 1 && reading.has(reader)
  }

  /** Puts nodes in the place of one. */
  replace(old: Node, ...nodes: Node[]) {
    const position = this.#position.get(old)
    if (position === undefined) throw new Bug(`node ${old.name} is not in the graph any more`)
    this.remove(old)
    nodes.forEach((node, i) => {
      this.#insert(node, position + i / (nodes.length + 1))
    })
  }

  remove(node: Node) {
    this.#changes++
    this.#position.delete(node)
    for (const output of node.outputs) if (this.#producer.get(output) === node) this.#producer.delete(output)
    for (const input of node.inputs) this.#readers.get(input)?.delete(node)
  }

  /**
   * Takes out a node that passes its input through: whoever read its output reads `source`. When the output is pinned
   * (a graph output), its name moves up to the node that makes `source`; false when that cannot be done.
   */
  bypass(node: Node, source: string): boolean {
    const output = node.outputs[0]!
    if (!this.isPinned(output)) {
      this.remove(node)
      this.#redirect(output, source)
      return true
    }
    const maker = this.producer(source)
    if (!maker || this.isPinned(source)) return false
    this.remove(node)
    const held = this.value(source)
    this.replace(maker, { ...maker, outputs: maker.outputs.map((name) => (name === source ? output : name)) })
    this.#redirect(source, output)
    this.setValue({ ...held, name: output })
    return true
  }

  /** A constant under a name of its own; the name of the value made is returned. */
  addConstant(hint: string, held: Tensor, quant?: Quantization): string {
    const name = this.#freeName(hint)
    this.#constants.set(name, held)
    this.setValue({ name, dtype: quant ? 'f32' : held.dtype, shape: held.shape, ...(quant && { quant }) })
    return name
  }

  addValue(hint: string, like: Omit<Value, 'name'>): string {
    const name = this.#freeName(hint)
    this.setValue({ ...like, name })
    return name
  }

  setValue(value: Value) {
    this.#changes++
    this.#values.set(value.name, value)
  }

  setOpset(version: number) {
    this.#opsets[''] = version
  }

  /** Turns a value into a constant: its producer no longer makes it. */
  freeze(name: string, held: Tensor) {
    this.#changes++
    this.#producer.delete(name)
    this.#constants.set(name, held)
    this.#values.set(name, { ...this.value(name), dtype: held.dtype, shape: held.shape })
  }

  finish(): Graph {
    const nodes = this.#reachable()
    const used = new Set([...this.graph.inputs, ...this.graph.outputs])
    for (const node of nodes) for (const name of [...readsOf(node), ...node.outputs]) used.add(name)
    const keep = <T>(map: ReadonlyMap<string, T>) => new Map([...map].filter(([name]) => used.has(name)))
    return {
      ...this.graph,
      opsets: this.#opsets,
      nodes,
      values: keep(this.#values),
      constants: keep(this.#constants),
    }
  }

  #insert(node: Node, position: number) {
    this.#changes++
    this.#position.set(node, position)
    for (const output of node.outputs) if (output) this.#producer.set(output, node)
    for (const input of node.inputs) {
      if (!input) continue
      const reading = this.#readers.get(input)
      if (reading) reading.add(node)
      else this.#readers.set(input, new Set([node]))
    }
  }

  #redirect(from: string, to: string) {
    for (const reader of this.readersOf(from))
      this.replace(reader, { ...reader, inputs: reader.inputs.map((name) => (name === from ? to : name)) })
  }

  #freeName(hint: string): string {
    let name = hint
    for (let i = 1; this.#values.has(name) || this.#producer.has(name); i++) name = `${hint}_${i}`
    return name
  }

  /** Nodes the outputs depend on, each after those it reads from, otherwise in the order they stood in. */
  #reachable(): Node[] {
    const wanted = new Set<Node>()
    const open = [...this.graph.outputs]
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const node = this.#producer.get(name)
      if (!node || wanted.has(node)) continue
      wanted.add(node)
      open.push(...readsOf(node))
    }
    const known = new Set([...this.graph.inputs, ...this.#constants.keys()])
    return sortNodes(
      this.nodes().filter((node) => wanted.has(node)),
      known,
      this.graph.name,
    )
  }
}

/** Values of the outer graph that the bodies of If, Loop and Scan read. */
const capturedBy = (node: Node): string[] => readsOf(node).filter((name) => !node.inputs.includes(name))
