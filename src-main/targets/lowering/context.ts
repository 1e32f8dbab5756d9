// What a lowering rule sees: its node, the values that were lowered before it, and the plan to add to.
import { AppError, Bug } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import { attrNumber, attrNumbers, attrString, type Graph, type Node, type Value } from '../../ir/graph.ts'
import { readNumbers, type Tensor } from '../../ir/tensor.ts'
import { type Fused, fusedActivation } from './activation-fusion.ts'
import type { Held, OpBody, PlanBuilder, Source } from './builder.ts'
import type { GraphView } from './graph-view.ts'
import { plainOrder } from './layout.ts'
import { activationQuant, constantQuant, type Quant8, quantizeAll, realNumbers } from './quantization.ts'

/** Adds the operators of one node to the plan and defines the node's outputs. */
export type Rule = (context: RuleContext) => void

export class RuleContext {
  readonly node: Node
  readonly builder: PlanBuilder
  readonly view: GraphView
  readonly #held: Map<string, Held>
  readonly #fusedAway: Set<Node>

  constructor(node: Node, view: GraphView, builder: PlanBuilder, held: Map<string, Held>, fusedAway: Set<Node>) {
    this.node = node
    this.view = view
    this.builder = builder
    this.#held = held
    this.#fusedAway = fusedAway
  }

  get graph(): Graph {
    return this.view.graph
  }
  get source(): Source {
    return { node: this.node.name, op: this.node.op }
  }

  number = (name: string, fallback: number) => attrNumber(this.node, name, fallback)
  numbers = (name: string) => attrNumbers(this.node, name)
  text = (name: string, fallback: string) => attrString(this.node, name, fallback)

  has(i: number): boolean {
    return (this.node.inputs[i] ?? '') !== ''
  }

  inputName(i: number): string {
    return this.node.inputs[i] || this.fail(say`input ${i} is left out`, say`Export the model again.`)
  }

  inputValue(i: number): Value | undefined {
    return this.graph.values.get(this.inputName(i))
  }

  /** The constant at input i, null when it is left out or made at run time. */
  constant(i: number): Tensor | null {
    return this.graph.constants.get(this.node.inputs[i] ?? '') ?? null
  }

  constantNumbers(i: number): number[] | null {
    const tensor = this.constant(i)
    return tensor && readNumbers(tensor)
  }

  /** A constant input as real numbers. */
  reals(i: number): number[] | null {
    const tensor = this.constant(i)
    return tensor && realNumbers(tensor, this.inputValue(i))
  }

  shape(i: number): readonly number[] {
    return this.shapeOf(this.inputName(i))
  }
  outShape(j = 0): readonly number[] {
    return this.shapeOf(this.outputName(j))
  }

  outputName(j = 0): string {
    const name = this.node.outputs[j]
    if (!name) throw new Bug(`${this.node.name} has no output ${j}`)
    return name
  }

  shapeOf(name: string): readonly number[] {
    return (
      this.view.shapeOf(name) ??
      this.fail(say`the shape of ${name} is not known`, say`Give the model fixed input shapes (all but the batch).`)
    )
  }

  /** Input i in the plan; a constant becomes an int8 constant in the model's own order. */
  held(i: number): Held {
    const name = this.inputName(i)
    return this.#held.get(name) ?? this.#constantHeld(i, name)
  }

  #constantHeld(i: number, name: string): Held {
    const tensor = this.constant(i)
    if (!tensor) throw new Bug(`${this.node.name} reads ${name} before it is lowered`)
    const reals = realNumbers(tensor, this.inputValue(i))
    const own = this.inputValue(i)?.quant
    const quant = (own && activationQuant(own)) ?? constantQuant(reals)
    const index = this.builder.constant(name, tensor.shape, quantizeAll(reals, quant), quant)
    return { tensor: index, shape: tensor.shape, order: plainOrder(tensor.shape.length) }
  }

  quantOf = (held: Held): Quant8 => this.builder.quantOf(held.tensor)

  /** int8 quantisation of value `name`, null when the graph gives none. */
  ownQuant(name: string): Quant8 | null {
    const quant = this.graph.values.get(name)?.quant
    if (!quant) return null
    const { dtype, scale, zeroPoint } = quant
    return (
      activationQuant(quant) ??
      this.fail(
        say`${name} is quantised as ${dtype} with the scale ${scale.slice(0, 3)} and the zero point ${zeroPoint.slice(0, 3)}`,
        say`Quantise activations to 8 bits with one positive scale per tensor.`,
      )
    )
  }

  /**
   * The value this operator finally makes: its output, or that of the Relu or Clip that follows and can be this operator's
   * clamp. `fallback` is used when the graph gives no quantisation.
   */
  result(fallback: Quant8 | null = null): Fused {
    return this.#resultFrom(this.outputName(), fallback)
  }

  /** Name and quantisation of the output of an operator that has no clamp of its own. */
  unclamped(fallback: Quant8 | null = null): { readonly name: string; readonly quant: Quant8 } {
    const name = this.outputName()
    return { name, quant: this.ownQuant(name) ?? fallback ?? this.#unquantised(name) }
  }

  /** As `result`, when `last` has become part of this operator too. */
  resultOf(last: Node): Fused {
    this.#fusedAway.add(last)
    return this.#resultFrom(last.outputs[0]!, null)
  }

  #resultFrom(name: string, fallback: Quant8 | null): Fused {
    const fused = fusedActivation(this, name)
    for (const node of fused.nodes) this.#fusedAway.add(node)
    return fused.with(fused.quant ?? fallback ?? this.#unquantised(fused.name))
  }

  #unquantised(name: string): never {
    return this.fail(
      say`its output ${name} has no quantisation`,
      say`Quantise the model first (the pass quantize-int8).`,
    )
  }

  emit(body: OpBody) {
    return this.builder.emit(this.source, body)
  }

  /** Says where value `name` is; rescales it when the graph wants another quantisation than it was computed in. */
  define(name: string, held: Held): void {
    const quant = this.ownQuant(name)
    this.#held.set(name, quant ? this.builder.rescaled(held, quant, this.source, name) : held)
  }

  fail(reason: Note, help: Note): never {
    throw new AppError('model.operator', { node: this.node.name, op: this.node.op, reason, help })
  }
}
