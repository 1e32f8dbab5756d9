// Concat, Split, Slice and Pad: elements keep their integers, in any memory order.
import { Bug } from '../../../base/errors.ts'
import { say } from '../../../base/note.ts'
import type { Held } from '../builder.ts'
import type { Rule, RuleContext } from '../context.ts'
import { clamp8, roundAway } from '../fixed-point.ts'
import { permuted } from '../layout.ts'
import { sameQuant } from '../quantization.ts'
import { wrapAxis } from './reduce.ts'

const whole = (context: RuleContext, i: number) => context.builder.unflattened(context.held(i), context.source)

export const concat: Rule = (context) => {
  const { builder, source, node } = context
  const parts = node.inputs.map((_, i) => whole(context, i))
  const first = parts.find((part) => builder.tensor(part.tensor).place.kind === 'arena') ?? parts[0]
  if (!first) throw new Bug(`concat ${node.name} has no inputs`)
  const shape = context.outShape()
  const { order } = first
  const agreed = parts.every((part) => sameQuant(context.quantOf(part), context.quantOf(first)))
  const { name, quant } = context.unclamped(agreed ? context.quantOf(first) : null)
  const inputs = parts.map((part) => builder.rescaled(builder.arranged(part, order, source), quant, source).tensor)
  const axis = order.indexOf(wrapAxis(context.number('axis', 0), shape.length))
  const output = builder.activation(name, permuted(shape, order), quant)
  context.emit({ kind: 'concat', inputs, output, axis, macs: 0 })
  context.define(name, { shape, order, tensor: output })
}

/** @param begin and @param stride per dimension of the model's own order */
function sliced(
  context: RuleContext,
  held: Held,
  name: string,
  shape: readonly number[],
  begin: readonly number[],
  stride: readonly number[],
): Held {
  const { builder } = context
  const { order } = held
  const output = builder.activation(name, permuted(shape, order), context.quantOf(held))
  context.emit({
    kind: 'slice',
    input: held.tensor,
    output,
    begin: permuted(begin, order),
    stride: permuted(stride, order),
    macs: 0,
  })
  return { shape, order, tensor: output }
}

export const split: Rule = (context) => {
  const held = whole(context, 0)
  const axis = wrapAxis(context.number('axis', 0), held.shape.length)
  let at = 0
  context.node.outputs.forEach((name, j) => {
    if (!name) return
    const shape = context.outShape(j)
    const begin = held.shape.map((_, d) => (d === axis ? at : 0))
    at += shape[axis]!
    context.define(
      name,
      sliced(
        context,
        held,
        name,
        shape,
        begin,
        held.shape.map(() => 1),
      ),
    )
  })
}

export const slice: Rule = (context) => {
  const held = whole(context, 0)
  const rank = held.shape.length
  const list = (i: number, attribute: string) => {
    if (context.has(i) && !context.constant(i))
      context.fail(say`its ${attribute} are computed at run time`, say`Make them constants.`)
    return context.constantNumbers(i) ?? context.numbers(attribute)
  }
  const starts = list(1, 'starts') ?? []
  const axes = (list(3, 'axes') ?? starts.map((_, k) => k)).map((axis) => wrapAxis(axis, rank))
  const steps = list(4, 'steps') ?? starts.map(() => 1)
  const begin = held.shape.map(() => 0)
  const stride = held.shape.map(() => 1)
  axes.forEach((axis, k) => {
    const size = held.shape[axis]!
    const start = starts[k]! < 0 ? starts[k]! + size : starts[k]!
    stride[axis] = steps[k]!
    begin[axis] = Math.min(Math.max(start, 0), steps[k]! < 0 ? size - 1 : size)
  })
  const name = context.outputName()
  context.define(name, sliced(context, held, name, context.outShape(), begin, stride))
}

export const pad: Rule = (context) => {
  const { builder } = context
  const held = whole(context, 0)
  const rank = held.shape.length
  const mode = context.text('mode', 'constant')
  if (mode !== 'constant' && mode !== 'reflect' && mode !== 'edge')
    return context.fail(say`its mode is ${mode}`, say`Use constant, reflect or edge padding.`)
  const { before, after } = padAmounts(context, rank)
  const quant = context.quantOf(held)
  const name = context.outputName()
  const cut = held.shape.map((_, d) => Math.max(0, -before[d]!))
  const positive = (amounts: readonly number[]) => amounts.map((amount) => Math.max(0, amount))
  const trimmed = [...before, ...after].some((amount) => amount < 0)
    ? sliced(
        context,
        held,
        `${name}/cut`,
        trimmedShape(held.shape, before, after),
        cut,
        held.shape.map(() => 1),
      )
    : held
  const real = context.has(2) ? context.reals(2)?.[0] : context.number('value', 0)
  if (real === undefined) return context.fail(say`its value is computed at run time`, say`Make the value a constant.`)
  const output = builder.activation(name, permuted(context.outShape(), held.order), quant)
  context.emit({
    kind: 'pad',
    input: trimmed.tensor,
    output,
    before: permuted(positive(before), held.order),
    after: permuted(positive(after), held.order),
    mode,
    value: clamp8(roundAway(real / quant.scale) + quant.zeroPoint),
    macs: 0,
  })
  context.define(name, { shape: context.outShape(), order: held.order, tensor: output })
}

function trimmedShape(shape: readonly number[], before: readonly number[], after: readonly number[]) {
  return shape.map((size, d) => size + Math.min(0, before[d]!) + Math.min(0, after[d]!))
}

function padAmounts(context: RuleContext, rank: number) {
  if (context.has(1) && !context.constant(1))
    context.fail(say`its amounts are computed at run time`, say`Make the amounts constants.`)
  const amounts = context.constantNumbers(1) ?? context.numbers('pads') ?? context.numbers('paddings') ?? []
  const axes = (context.constantNumbers(3) ?? Array.from({ length: rank }, (_, d) => d)).map((a) => wrapAxis(a, rank))
  const before = new Array<number>(rank).fill(0)
  const after = new Array<number>(rank).fill(0)
  axes.forEach((axis, k) => {
    before[axis] = amounts[k] ?? 0
    after[axis] = amounts[k + axes.length] ?? 0
  })
  return { before, after }
}
