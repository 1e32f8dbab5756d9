// Operators that only look at the same elements in another way: no work on the device when the memory order allows it.
import { Bug } from '../../../base/errors.ts'
import { say } from '../../../base/note.ts'
import { elementsOf } from '../../../ir/tensor.ts'
import type { Held } from '../builder.ts'
import type { Rule, RuleContext } from '../context.ts'
import { permuted, plainOrder } from '../layout.ts'

/** Identity, Dropout at inference, QuantizeLinear and DequantizeLinear that were left over. */
export const alias: Rule = (context) => context.define(context.outputName(), context.held(0))

/** ONNX element types: float, float16, double, bfloat16. */
const floatTypes = [1, 10, 11, 16]

export const cast: Rule = (context) => {
  if (!floatTypes.includes(context.number('to', 1)))
    context.fail(say`it makes integers of real numbers`, say`Leave the conversion to the application.`)
  alias(context)
}

/** Reshape, Flatten, Squeeze, Unsqueeze. */
export const reshape: Rule = (context) => {
  const shape = context.outShape()
  const held = context.held(0)
  if (elementsOf(shape) !== elementsOf(held.shape))
    context.fail(say`[${held.shape}] cannot become [${shape}]`, say`Correct the shape where the model is made.`)
  context.define(context.outputName(), reshaped(context, held, shape))
}

function reshaped(context: RuleContext, held: Held, shape: readonly number[]): Held {
  const { builder, source } = context
  const plain = plainOrder(shape.length)
  if (held.flattened && !isRow(shape)) return reshaped(context, held.flattened, shape)
  const view = (tensor: number) => builder.view(tensor, shape)
  if (held.flattened) return { ...held, shape, order: plain, tensor: view(held.tensor) }
  const order = regroupable(held, shape)
  if (order) return { shape, order, tensor: builder.view(held.tensor, permuted(shape, order)) }
  if (isRow(shape)) return { shape, order: plain, tensor: view(held.tensor), flattened: held }
  return reshaped(context, builder.arranged(held, gatheredOrder(held, shape), source), shape)
}

/** Everything in the last dimension. */
const isRow = (shape: readonly number[]) => shape.slice(0, -1).every((size) => size === 1)

interface DimGroup {
  /** Dimensions before the reshape, none of size 1. */
  readonly from: readonly number[]
  /** Dimensions after it, with the same number of elements. */
  readonly to: readonly number[]
}

/** The smallest runs of dimensions that turn into each other. */
function dimGroups(before: readonly number[], after: readonly number[]): DimGroup[] {
  const wide = (shape: readonly number[]) => shape.flatMap((size, d) => (size === 1 ? [] : [d]))
  const left = wide(before)
  const right = wide(after)
  const groups: DimGroup[] = []
  while (left.length > 0 && right.length > 0) {
    const from = [left.shift()!]
    const to = [right.shift()!]
    let product = before[from[0]!]! / after[to[0]!]!
    while (product !== 1) {
      const grows = product < 1
      const next = (grows ? left : right).shift()
      if (next === undefined) throw new Bug(`[${before}] and [${after}] differ in size`)
      if (grows) from.push(next)
      else to.push(next)
      product = elementsOf(from.map((d) => before[d]!)) / elementsOf(to.map((d) => after[d]!))
    }
    groups.push({ from, to })
  }
  return groups
}

/** The order under the new shape, when every group of dimensions lies together and in sequence in memory; else null. */
function regroupable(held: Held, shape: readonly number[]): readonly number[] | null {
  const groups = dimGroups(held.shape, shape)
  const memory = held.order.filter((d) => held.shape[d] !== 1)
  const moved: number[] = []
  for (let at = 0; at < memory.length; ) {
    const group = groups.find(({ from }) => from[0] === memory[at])
    if (!group?.from.every((d, i) => memory[at + i] === d)) return null
    moved.push(...group.to)
    at += group.from.length
  }
  // Sizes of 1 stand where the model has them when nothing moved, else in front.
  const inPlace = moved.every((d, i) => i === 0 || d > moved[i - 1]!)
  const ones = plainOrder(shape.length).filter((d) => shape[d] === 1)
  return inPlace ? plainOrder(shape.length) : [...ones, ...moved]
}

/** The order nearest to the present one in which `regroupable` succeeds. */
function gatheredOrder(held: Held, shape: readonly number[]): readonly number[] {
  const groups = dimGroups(held.shape, shape)
  const seen = new Set<DimGroup>()
  const ones = held.order.filter((d) => held.shape[d] === 1)
  const gathered = held.order.flatMap((d) => {
    const group = groups.find(({ from }) => from.includes(d))
    if (!group || seen.has(group)) return []
    seen.add(group)
    return [...group.from]
  })
  return [...ones, ...gathered]
}

/** A transpose is another order of the same memory; bytes move only where a later operator needs them to. */
export const transpose: Rule = (context) => {
  const held = context.builder.unflattened(context.held(0), context.source)
  const rank = held.shape.length
  const perm = context.numbers('perm') ?? plainOrder(rank).toReversed()
  if (perm.length !== rank) throw new Bug(`transpose ${context.node.name}: perm [${perm}] of rank ${rank}`)
  context.define(context.outputName(), transposed(held, perm))
}

function transposed(held: Held, perm: readonly number[]): Held {
  const order = held.order.map((d) => perm.indexOf(d))
  return { shape: permuted(held.shape, perm), order, tensor: held.tensor }
}

export const depthToSpace: Rule = (context) => {
  const held = context.builder.unflattened(context.held(0), context.source)
  const [n = 1, c = 1, h = 1, w = 1] = held.shape
  const b = context.number('blocksize', 1)
  const depth = c / (b * b)
  const columnsFirst = context.text('mode', 'DCR') === 'CRD'
  const split = reshaped(context, held, columnsFirst ? [n, depth, b, b, h, w] : [n, b, b, depth, h, w])
  const moved = transposed(split, columnsFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2])
  context.define(context.outputName(), reshaped(context, moved, [n, depth, h * b, w * b]))
}

export const spaceToDepth: Rule = (context) => {
  const held = context.builder.unflattened(context.held(0), context.source)
  const [n = 1, c = 1, h = 1, w = 1] = held.shape
  const b = context.number('blocksize', 1)
  const split = reshaped(context, held, [n, c, h / b, b, w / b, b])
  const moved = transposed(split, [0, 3, 5, 1, 2, 4])
  context.define(context.outputName(), reshaped(context, moved, [n, c * b * b, h / b, w / b]))
}
