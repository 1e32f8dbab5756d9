// ReduceMean and GlobalAveragePool.
import { say } from '../../../base/note.ts'
import { elementsOf } from '../../../ir/tensor.ts'
import type { Rule, RuleContext } from '../context.ts'
import { requantOf } from '../fixed-point.ts'
import { permuted } from '../layout.ts'

/** Dimensions counted from the end are negative in ONNX. */
export const wrapAxis = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis)

/** @param summed the sum, which is the mean times the count, instead of the mean */
function lowerMean(context: RuleContext, reduced: readonly number[], keepDims: boolean, summed = false): void {
  const { builder } = context
  const held = builder.unflattened(context.held(0), context.source)
  const { shape, order } = held
  const axes = order.flatMap((d, at) => (reduced.includes(d) ? [at] : []))
  const inputQuant = context.quantOf(held)
  const { name, quant } = context.unclamped(summed ? null : inputQuant)
  const factor = summed ? elementsOf(reduced.map((d) => shape[d]!)) : 1
  const ones = shape.map((size, d) => (reduced.includes(d) ? 1 : size))
  const output = builder.activation(name, permuted(ones, order), quant)
  context.emit({
    kind: 'mean',
    input: held.tensor,
    output,
    axes,
    requant: requantOf((inputQuant.scale * factor) / quant.scale),
    macs: 0,
  })
  const whole = { shape: ones, order, tensor: output }
  context.define(name, keepDims ? whole : withoutDims(context, whole, reduced))
}

/** A value without the dimensions `dropped`, which have size 1. */
export function withoutDims(
  context: RuleContext,
  held: { readonly shape: readonly number[]; readonly order: readonly number[]; readonly tensor: number },
  dropped: readonly number[],
) {
  const left = held.shape.flatMap((_, d) => (dropped.includes(d) ? [] : [d]))
  const shape = left.map((d) => held.shape[d]!)
  const order = held.order.filter((d) => !dropped.includes(d)).map((d) => left.indexOf(d))
  return { shape, order, tensor: context.builder.view(held.tensor, permuted(shape, order)) }
}

const reduction =
  (summed: boolean): Rule =>
  (context) => {
    const rank = context.shape(0).length
    const axes = context.numbers('axes') ?? context.constantNumbers(1)
    if (!axes && context.has(1)) context.fail(say`its axes are computed at run time`, say`Make the axes a constant.`)
    if (!axes?.length && context.number('noop_with_empty_axes', 0) !== 0)
      return context.define(context.outputName(), context.held(0))
    const all = axes?.length ? axes.map((axis) => wrapAxis(axis, rank)) : context.shape(0).map((_, d) => d)
    lowerMean(context, all, context.number('keepdims', 1) !== 0, summed)
  }

export const reduceMean = reduction(false)
export const reduceSum = reduction(true)

export const globalAveragePool: Rule = (context) =>
  lowerMean(
    context,
    context.shape(0).flatMap((_, d) => (d < 2 ? [] : [d])),
    true,
  )
