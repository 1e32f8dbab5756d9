// Operators that only look at the same elements in another way: no work on the device when the memory order allows it.
import { Bug } from '../../../base/errors.ts'
import { elementsOf } from '../../../ir/tensor.ts'
import type { Held } from '../builder.ts'
import type { Rule, RuleContext } from '../context.ts'
import { permuted, plainOrder, sameMemory } from '../layout.ts'

/** Identity, Dropout at inference, QuantizeLinear and DequantizeLinear that were left over. */
export const alias: Rule = (context) => context.define(context.outputName(), context.held(0))

/** ONNX element types: float, float16, double, bfloat16. */
const floatTypes = [1, 10, 11, 16]

export const cast: Rule = (context) => {
  if (!floatTypes.includes(context.number('to', 1)))
    context.fail('it makes integers of real numbers', 'Leave the conversion to the application.')
  alias(context)
}

/** Reshape, Flatten, Squeeze, Unsqueeze. */
export const reshape: Rule = (context) => {
  const shape = context.outShape()
  const held = context.held(0)
  if (elementsOf(shape) !== elementsOf(held.shape))
    context.fail(`[${held.shape}] cannot become [${shape}]`, 'Correct the shape where the model is made.')
  context.define(context.outputName(), reshaped(context, held, shape))
}

function reshaped(context: RuleContext, held: Held, shape: readonly number[]): Held {
  const { builder, source } = context
  const plain = plainOrder(shape.length)
  if (held.flattened) {
    if (isRow(shape)) return { ...held, shape, order: plain, tensor: builder.view(held.tensor, shape) }
    return reshaped(context, held.flattened, shape)
  }
  const carried = carriedOrder(held, shape)
  if (carried) return { shape, order: carried, tensor: builder.view(held.tensor, permuted(shape, carried)) }
  if (sameMemory(held.shape, held.order, plainOrder(held.shape.length)))
    return { shape, order: plain, tensor: builder.view(held.tensor, shape) }
  if (isRow(shape)) return { shape, order: plain, tensor: builder.view(held.tensor, shape), flattened: held }
  return { shape, order: plain, tensor: builder.view(builder.plain(held, source).tensor, shape) }
}

/** Everything in the last dimension. */
const isRow = (shape: readonly number[]) => shape.slice(0, -1).every((size) => size === 1)

/** The order under a new shape that differs only by dimensions of size 1; null when it differs by more. */
function carriedOrder(held: Held, shape: readonly number[]): readonly number[] | null {
  const wide = (s: readonly number[]) => s.flatMap((size, d) => (size === 1 ? [] : [d]))
  const before = wide(held.shape)
  const after = wide(shape)
  if (before.map((d) => held.shape[d]).join() !== after.map((d) => shape[d]).join()) return null
  const moved = held.order.filter((d) => held.shape[d] !== 1).map((d) => after[before.indexOf(d)]!)
  const ones = plainOrder(shape.length).filter((d) => shape[d] === 1)
  // Sizes of 1 go where they stand in the model's order when nothing moved, else to the front.
  const inPlace = moved.every((d, i) => i === 0 || d > moved[i - 1]!)
  return inPlace ? plainOrder(shape.length) : [...ones, ...moved]
}

/** A transpose is another order of the same memory; bytes move only where a later operator needs them to. */
export const transpose: Rule = (context) => {
  const held = context.builder.unflattened(context.held(0), context.source)
  const rank = held.shape.length
  const perm = context.numbers('perm') ?? plainOrder(rank).toReversed()
  if (perm.length !== rank) throw new Bug(`transpose ${context.node.name}: perm [${perm}] of rank ${rank}`)
  const shape = permuted(held.shape, perm)
  const order = held.order.map((d) => perm.indexOf(d))
  context.define(context.outputName(), { shape, order, tensor: held.tensor })
}
