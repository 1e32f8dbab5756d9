// The plan under construction: tensors, views of them, and operators. Knows nothing of graph nodes.
import { Bug } from '../../base/errors.ts'
import { elementsOf } from '../../ir/tensor.ts'
import { opInputs, type Plan, type PlanOp, type PlanPort, type PlanTensor, type TensorIndex } from '../plan.ts'
import { requantOf } from './fixed-point.ts'
import { type Order, permuted, permuteElements, plainOrder, sameMemory } from './layout.ts'
import { type Quant8, sameQuant } from './quantization.ts'

/** A graph value in the plan: its tensor, the value's own shape, and the order of that shape's dimensions in memory. */
export interface Held {
  readonly tensor: TensorIndex
  readonly shape: readonly number[]
  readonly order: Order
  /**
   * Set while a flattened value still lies in another order than the model's: the value before flattening. The elements
   * of `tensor` are those of `of` in `of`'s memory order.
   */
  readonly flattened?: Held
}

/** Which node an operator is attributed to. */
export interface Source {
  readonly node: string
  readonly op: string
}

type Omitted<T> = T extends PlanOp ? Omit<T, 'node' | 'op'> : never
export type OpBody = Omitted<PlanOp>

export class PlanBuilder {
  readonly tensors: PlanTensor[] = []
  readonly ops: PlanOp[] = []
  readonly #quants: Quant8[] = []

  /** A new activation in the arena, `shape` in memory order. */
  activation(name: string, shape: readonly number[], quant: Quant8): TensorIndex {
    return this.#add({ name, dtype: 'i8', shape, ...scaleOf(quant), place: { kind: 'arena', offset: -1 } }, quant)
  }

  constant(name: string, shape: readonly number[], data: Int8Array | Int32Array, quant: Quant8): TensorIndex {
    if (elementsOf(shape) !== data.length) throw new Bug(`constant ${name}: ${data.length} elements for [${shape}]`)
    const dtype = data instanceof Int8Array ? 'i8' : 'i32'
    return this.#add({ name, dtype, shape, ...scaleOf(quant), place: { kind: 'constant', data } }, quant)
  }

  /** The same memory under another shape. */
  view(of: TensorIndex, viewed: readonly number[], name = this.tensor(of).name): TensorIndex {
    const base = this.tensor(of)
    const shape = atLeastRank1(viewed)
    if (base.shape.join() === shape.join()) return of
    if (elementsOf(shape) !== elementsOf(base.shape))
      throw new Bug(`view of ${base.name}: [${base.shape}] as [${shape}]`)
    const place = base.place.kind === 'constant' ? base.place : { ...base.place, aliasOf: base.place.aliasOf ?? of }
    return this.#add({ ...base, name, shape, place }, this.quantOf(of))
  }

  tensor(index: TensorIndex): PlanTensor {
    const tensor = this.tensors[index]
    if (!tensor) throw new Bug(`no tensor ${index}`)
    return tensor
  }

  quantOf(index: TensorIndex): Quant8 {
    const quant = this.#quants[index]
    if (!quant) throw new Bug(`no tensor ${index}`)
    return quant
  }

  emit(source: Source, body: OpBody): TensorIndex {
    this.ops.push({ ...source, ...body } as PlanOp)
    return body.output
  }

  /** `held` with its dimensions in the order asked for; costs a transpose only when bytes have to move. */
  arranged(held: Held, order: Order, source: Source): Held {
    const whole = this.unflattened(held, source)
    if (whole.order.join() === order.join()) return whole
    const { shape } = whole
    const memoryShape = permuted(shape, order)
    if (sameMemory(shape, whole.order, order)) return { shape, order, tensor: this.view(whole.tensor, memoryShape) }
    const perm = order.map((d) => whole.order.indexOf(d))
    const from = this.tensor(whole.tensor)
    const quant = this.quantOf(whole.tensor)
    if (from.place.kind === 'constant') {
      const data = permuteElements(from.place.data, from.shape, perm)
      return { shape, order, tensor: this.constant(from.name, memoryShape, data, quant) }
    }
    const output = this.activation(from.name, memoryShape, quant)
    this.emit(source, { kind: 'transpose', input: whole.tensor, output, perm, macs: 0 })
    return { shape, order, tensor: output }
  }

  plain(held: Held, source: Source): Held {
    return this.arranged(held, plainOrder(held.shape.length), source)
  }

  /** Ends a pending flattening by moving the elements into the model's order. */
  unflattened(held: Held, source: Source): Held {
    if (!held.flattened) return held
    const before = this.plain(held.flattened, source)
    const order = plainOrder(held.shape.length)
    return { shape: held.shape, order, tensor: this.view(before.tensor, held.shape) }
  }

  /** The same value, element for element, in another tensor of the same memory shape (after an elementwise operator). */
  moved(held: Held, tensor: TensorIndex): Held {
    if (!held.flattened) return { ...held, tensor }
    const before = held.flattened
    const memoryShape = permuted(before.shape, before.order)
    return { ...held, tensor, flattened: { ...before, tensor: this.view(tensor, memoryShape) } }
  }

  /** `held` with another quantisation. Adds nothing when it has that already. */
  rescaled(held: Held, quant: Quant8, source: Source, name = this.tensor(held.tensor).name): Held {
    const from = this.quantOf(held.tensor)
    if (sameQuant(from, quant) && from.min >= quant.min && from.max <= quant.max) return held
    const output = this.activation(name, this.tensor(held.tensor).shape, quant)
    const requant = requantOf(from.scale / quant.scale)
    const { min, max } = quant
    this.emit(source, { kind: 'requantize', input: held.tensor, output, requant, min, max, macs: 0 })
    return this.moved(held, output)
  }

  /** The plan, without the tensors that nothing reads or writes. */
  finish(inputs: readonly PlanPort[], outputs: readonly PlanPort[]): Plan {
    const used = new Set<TensorIndex>([...inputs, ...outputs].map((port) => port.tensor))
    for (const op of this.ops) for (const index of [...opInputs(op), op.output]) used.add(index)
    for (const index of [...used]) {
      const { place } = this.tensor(index)
      if (place.kind === 'arena' && place.aliasOf !== undefined) used.add(place.aliasOf)
    }
    const kept = [...used].sort((a, b) => a - b)
    const renumbered = new Map(kept.map((index, i) => [index, i]))
    const at = (index: TensorIndex) => renumbered.get(index)!
    return {
      tensors: kept.map((index) => withAlias(this.tensor(index), at)),
      ops: this.ops.map((op) => withTensors(op, at)),
      inputs: inputs.map((port) => ({ ...port, tensor: at(port.tensor) })),
      outputs: outputs.map((port) => ({ ...port, tensor: at(port.tensor) })),
      arenaBytes: 0,
    }
  }

  #add(tensor: PlanTensor, quant: Quant8): TensorIndex {
    this.tensors.push({ ...tensor, shape: atLeastRank1(tensor.shape) })
    this.#quants.push(quant)
    return this.tensors.length - 1
  }
}

/** The device has no scalars. */
const atLeastRank1 = (shape: readonly number[]) => (shape.length === 0 ? [1] : shape)

const scaleOf = ({ scale, zeroPoint }: Quant8) => ({ scale, zeroPoint })

function withAlias(tensor: PlanTensor, at: (index: TensorIndex) => TensorIndex): PlanTensor {
  const { place } = tensor
  if (place.kind !== 'arena' || place.aliasOf === undefined) return tensor
  return { ...tensor, place: { ...place, aliasOf: at(place.aliasOf) } }
}

function withTensors(op: PlanOp, at: (index: TensorIndex) => TensorIndex): PlanOp {
  const output = at(op.output)
  switch (op.kind) {
    case 'conv2d':
    case 'depthwiseConv2d':
    case 'transposeConv2d':
    case 'fullyConnected':
      return {
        ...op,
        output,
        input: at(op.input),
        weights: at(op.weights),
        bias: op.bias === null ? null : at(op.bias),
      }
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
      return { ...op, output, a: at(op.a), b: at(op.b) }
    case 'prelu':
      return { ...op, output, input: at(op.input), alpha: at(op.alpha) }
    case 'concat':
      return { ...op, output, inputs: op.inputs.map(at) }
    default:
      return { ...op, output, input: at(op.input) }
  }
}
