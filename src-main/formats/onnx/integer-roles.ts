// Which values of a graph are integers that stand for real numbers, and whether every node around them agrees on what
// they stand for. Only those can become real values with Value.quant.
import { type DType, isFloat } from '../../ir/dtype.ts'
import { attrNumber, type Graph, type Node, producers, type Quantization, readers } from '../../ir/graph.ts'
import { readsOf } from '../../ir/reads.ts'
import { keepsChannels, movedInputs, type QOperator, qOperator } from './qoperators.ts'
import { biasQuantization, quantKey, quantParams } from './quant-params.ts'

/** What a node does with integers. */
export interface Role {
  readonly kind: 'quantize' | 'dequantize' | 'operator' | 'move'
  /** Quantisation of the integers at each input position that has them; for movers found from the neighbours. */
  readonly reads: ReadonlyMap<number, Quantization | null>
  /** Quantisation of what it makes; null when that is real (or, for movers, not known yet). */
  readonly writes: Quantization | null
  /** Type of the real numbers. */
  readonly real: DType
  readonly operator?: QOperator
}

export interface IntegerValues {
  /** Nodes that can be rewritten. */
  readonly roles: ReadonlyMap<Node, Role>
  /** Quantisation of every integer value that becomes real; constants are not here, they may serve several. */
  readonly quants: ReadonlyMap<string, Quantization>
}

export function integerValues(graph: Graph): IntegerValues {
  const search = new Search(graph)
  search.describe()
  search.spread()
  return search.settle()
}

class Search {
  readonly #graph: Graph
  readonly #roles = new Map<Node, Role>()
  readonly #quants = new Map<string, Quantization>()
  readonly #keys = new Map<string, string>()
  readonly #bad = new Set<string>()

  constructor(graph: Graph) {
    this.#graph = graph
  }

  /** Roles of all nodes that say their scales. In topological order, so that a type left out is known from the maker. */
  describe() {
    for (const node of this.#graph.nodes) {
      const role = this.#roleOf(node)
      if (!role) continue
      this.#roles.set(node, role)
      for (const [i, quant] of role.reads) if (quant) this.#assign(node.inputs[i]!, quant)
      if (role.kind !== 'move' && role.writes && node.outputs[0]) this.#assign(node.outputs[0], role.writes)
    }
  }

  /** Movers hand the quantisation on: forward, then back to integer inputs of the model, then forward again. */
  spread() {
    const movers = this.#graph.nodes.filter((node) => this.#roles.get(node)?.kind === 'move')
    for (const nodes of [movers, movers.toReversed(), movers])
      for (const node of nodes) {
        const ports = this.#ports(node)
        const quant = ports.map((name) => this.#quants.get(name)).find((q) => q !== undefined)
        if (quant && (quant.axis === null || keepsChannels(node))) for (const name of ports) this.#assign(name, quant)
      }
  }

  /** Takes out every value that somebody reads otherwise, and with it the nodes that would have to change. */
  settle(): IntegerValues {
    const made = producers(this.#graph)
    const reading = readers(this.#graph)
    const captured = new Set(this.#graph.nodes.flatMap((n) => readsOf(n).filter((name) => !n.inputs.includes(name))))
    for (const name of this.#quants.keys())
      if (captured.has(name) || !this.#understood(name, made.get(name), reading.get(name) ?? [])) this.#bad.add(name)
    for (const [node, role] of this.#roles)
      if (role.kind === 'move' && !this.#ports(node).every((name) => this.#quants.has(name))) this.#drop(node)
    // A Set is walked in the order of insertion, names added on the way included.
    for (const name of this.#bad)
      for (const node of [made.get(name), ...(reading.get(name) ?? [])])
        if (node && this.#roles.has(node)) this.#drop(node)
    for (const name of this.#bad) this.#quants.delete(name)
    return { roles: this.#withMovers(), quants: this.#quants }
  }

  #drop(node: Node) {
    for (const name of this.#ports(node)) if (this.#quants.has(name)) this.#bad.add(name)
    this.#roles.delete(node)
  }

  #understood(name: string, maker: Node | undefined, reading: readonly Node[]): boolean {
    const makes = maker ? this.#makesIntegers(maker) : this.#graph.inputs.includes(name)
    return makes && reading.every((node) => this.#readsIntegers(node, name))
  }

  #makesIntegers(node: Node): boolean {
    const role = this.#roles.get(node)
    return role?.kind === 'move' || (role?.writes ?? null) !== null
  }

  #readsIntegers(node: Node, name: string): boolean {
    const role = this.#roles.get(node)
    return role !== undefined && node.inputs.every((input, i) => input !== name || role.reads.has(i))
  }

  /** Names of the integer values around a node, without constants. */
  #ports(node: Node): readonly string[] {
    const role = this.#roles.get(node)!
    const read = [...role.reads.keys()].map((i) => node.inputs[i]!).filter((name) => !this.#graph.constants.has(name))
    const written = role.kind === 'move' ? node.outputs : role.writes ? node.outputs.slice(0, 1) : []
    return [...read, ...written].filter((name) => name !== '')
  }

  #assign(name: string, quant: Quantization) {
    if (this.#graph.constants.has(name)) return
    const key = quantKey(quant)
    if (this.#keys.has(name) && this.#keys.get(name) !== key) this.#bad.add(name)
    this.#keys.set(name, key)
    this.#quants.set(name, quant)
  }

  #withMovers(): ReadonlyMap<Node, Role> {
    const known = [...this.#roles].map(([node, role]): [Node, Role] => {
      if (role.kind !== 'move') return [node, role]
      const quant = this.#quants.get(node.outputs.find((name) => name !== '')!) ?? null
      return [node, { ...role, writes: quant, reads: new Map([...role.reads.keys()].map((i) => [i, quant])) }]
    })
    return new Map(known)
  }

  #roleOf(node: Node): Role | null {
    const moved = movedInputs(node)
    if (moved) return { kind: 'move', reads: new Map(moved.map((i) => [i, null])), writes: null, real: 'f32' }
    if (node.op === 'QuantizeLinear' || node.op === 'DequantizeLinear') return this.#linearRole(node)
    const operator = qOperator(node)
    return operator && this.#operatorRole(node, operator)
  }

  #linearRole(node: Node): Role | null {
    const input = node.inputs[0] ?? ''
    const known = this.#graph.values.get(input)
    const rank = known?.shape?.length
    const axis = attrNumber(node, 'axis', 1)
    const fromEnd = axis < 0 ? (rank === undefined ? null : axis + rank) : axis
    const blockSize = attrNumber(node, 'block_size', 0)
    if (blockSize !== 0 && !this.#hasBlocks(node, fromEnd, blockSize)) return null
    const whole = this.#params(node, 1, fromEnd, node.op === 'DequantizeLinear' ? input : '')
    if (!whole) return null
    const quant = blockSize === 0 ? whole : { ...whole, axis: fromEnd, blockSize }
    const real = this.#graph.constants.get(node.inputs[1]!)?.dtype ?? 'f32'
    if (node.op === 'QuantizeLinear') return { kind: 'quantize', reads: new Map(), writes: quant, real }
    return { kind: 'dequantize', reads: new Map([[0, quant]]), writes: null, real }
  }

  /** Blocks are for constants only, with as many scales as the blocks need. */
  #hasBlocks(node: Node, axis: number | null, blockSize: number): boolean {
    const shape = this.#graph.constants.get(node.inputs[0] ?? '')?.shape
    const scales = this.#graph.constants.get(node.inputs[1] ?? '')?.shape
    if (node.op !== 'DequantizeLinear' || !shape || axis === null || shape.length !== scales?.length) return false
    return shape.every((dim, i) => scales[i] === (i === axis ? Math.ceil(dim / blockSize) : dim))
  }

  #operatorRole(node: Node, operator: QOperator): Role | null {
    const reads = new Map<number, Quantization>()
    for (const { at, channelAxis } of operator.operands) {
      const rank = this.#graph.constants.get(node.inputs[at] ?? '')?.shape.length ?? 0
      const axis = channelAxis === undefined ? null : channelAxis < 0 ? channelAxis + rank : channelAxis
      const quant = this.#params(node, at + 1, axis, node.inputs[at] ?? '')
      if (!quant) return null
      reads.set(at, quant)
    }
    if (operator.bias !== undefined && node.inputs[operator.bias]) {
      const [a, b] = operator.operands.map(({ at }) => reads.get(at)!)
      const bias = biasQuantization(a!, b!, attrNumber(node, 'alpha', 1))
      if (!bias) return null
      reads.set(operator.bias, bias)
    }
    const scaled = (node.inputs[operator.outputScale] ?? '') !== ''
    const writes = scaled ? this.#params(node, operator.outputScale, null, '') : null
    const refused = operator.attrs?.(node, this.#graph.opsets[''] ?? 0) === null
    return refused || (scaled && !writes) ? null : { kind: 'operator', reads, writes, real: 'f32', operator }
  }

  /** Quantisation whose scale is input `at`; the integers' type comes from the zero point or from `integers`. */
  #params(node: Node, at: number, axis: number | null, integers: string): Quantization | null {
    const zero = node.inputs[at + 1] ?? ''
    const declared = this.#graph.values.get(integers)?.dtype
    const dtype =
      this.#graph.constants.get(zero)?.dtype ??
      this.#quants.get(integers)?.dtype ??
      (declared && !isFloat(declared) ? declared : 'u8')
    return quantParams(this.#graph, node.inputs[at] ?? '', zero, dtype, axis)
  }
}
