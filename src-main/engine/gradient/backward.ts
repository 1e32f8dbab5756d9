// The backward part of a graph under construction: nodes added after the forward ones, and the gradients collected so far.
import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import type { Attr, Graph, Node, Value } from '../../ir/graph.ts'
import { elementsOf, f32Tensor, i64Tensor, readNumbers, type Tensor } from '../../ir/tensor.ts'

/** Gives a node's inputs their gradients through `pass.give`; called with the gradient of the node's first output. */
export type GradientRule = (node: Node, gradient: string, pass: Backward) => void

/** Fails with graph.gradient, naming node and operator. */
export function noGradient(node: Node, problem: Note): never {
  throw new AppError('graph.gradient', { node: node.name, op: node.op, problem })
}

export class Backward {
  readonly graph: Graph
  readonly #active: ReadonlySet<string>
  readonly #nodes: Node[] = []
  readonly #values = new Map<string, Value>()
  readonly #constants = new Map<string, Tensor>()
  readonly #gradients = new Map<string, string>()
  #count = 0

  /** @param active values that depend on what is differentiated: the only ones that need gradients */
  constructor(graph: Graph, active: ReadonlySet<string>, seeds: ReadonlyMap<string, string>) {
    this.graph = graph
    this.#active = active
    for (const [value, gradient] of seeds) this.#gradients.set(value, gradient)
  }

  /** Sum of what the readers of a value have given; null where nothing depends on it. */
  gradientOf = (value: string) => this.#gradients.get(value) ?? null

  /** Whether input i of a node needs a gradient. */
  wants = (node: Node, i: number) => this.#active.has(node.inputs[i] ?? '')

  give(value: string, gradient: string) {
    const known = this.#gradients.get(value)
    this.#gradients.set(value, known ? this.add('Add', [known, gradient]) : gradient)
  }

  /** Sizes of a value of the forward part. Fails with graph.gradient where one is not a number. */
  shape(node: Node, name: string): readonly number[] {
    const shape = this.graph.values.get(name)?.shape
    const sizes = shape?.filter((dim) => typeof dim === 'number')
    if (!shape || sizes?.length !== shape.length) return noGradient(node, say`the size of ${name} is not known`)
    return sizes
  }

  /** Elements of an input that must be constant: axes, pads, limits. null when left out. */
  numbers(node: Node, i: number): readonly number[] | null {
    const name = node.inputs[i]
    if (!name) return null
    const held = this.graph.constants.get(name)
    return held ? readNumbers(held) : noGradient(node, say`${name} is not constant`)
  }

  add(op: string, inputs: readonly string[], attrs: Readonly<Record<string, Attr>> = {}): string {
    const name = this.#freshName(op.toLowerCase())
    this.#nodes.push({ name, op, domain: '', inputs, outputs: [name], attrs })
    this.#values.set(name, { name, dtype: 'f32', shape: null })
    return name
  }

  constant(held: Tensor): string {
    const name = this.#freshName('constant')
    this.#constants.set(name, held)
    this.#values.set(name, { name, dtype: held.dtype, shape: held.shape })
    return name
  }

  scalar = (value: number) => this.constant(f32Tensor([], [value]))
  ints = (values: readonly number[]) => this.constant(i64Tensor([values.length], values))
  zeros = (shape: readonly number[]) => this.constant(f32Tensor(shape, new Float32Array(elementsOf(shape))))

  reshape = (value: string, shape: readonly number[]) => this.add('Reshape', [value, this.ints(shape)])
  sum = (value: string, axes: readonly number[], keepdims: 0 | 1) =>
    this.add('ReduceSum', [value, this.ints(axes)], { keepdims })

  slice(
    value: string,
    axes: readonly number[],
    starts: readonly number[],
    ends: readonly number[],
    steps: readonly number[] = axes.map(() => 1),
  ): string {
    return this.add('Slice', [value, this.ints(starts), this.ints(ends), this.ints(axes), this.ints(steps)])
  }

  /** Sum over what was broadcast on the way from shape `to` to shape `from`. */
  unbroadcast(gradient: string, from: readonly number[], to: readonly number[]): string {
    const padded = [...new Array<number>(from.length - to.length).fill(1), ...to]
    const axes = from.flatMap((size, i) => (padded[i] === 1 && size !== 1 ? [i] : []))
    const summed = axes.length > 0 ? this.sum(gradient, axes, 1) : gradient
    return from.length === to.length ? summed : this.reshape(summed, to)
  }

  /** The graph with the backward part; shapes of the new values are not inferred yet. */
  finish(outputs: readonly string[]): Graph {
    return {
      ...this.graph,
      nodes: [...this.graph.nodes, ...this.#nodes],
      values: new Map([...this.graph.values, ...this.#values]),
      constants: new Map([...this.graph.constants, ...this.#constants]),
      outputs,
    }
  }

  #freshName(hint: string): string {
    let name: string
    do name = `gradient/${hint}_${this.#count++}`
    while (this.graph.values.has(name))
    return name
  }
}
