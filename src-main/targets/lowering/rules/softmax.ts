// Softmax over one dimension, which is brought last in memory.
import { elementsOf } from '../../../ir/tensor.ts'
import type { Held } from '../builder.ts'
import type { Rule, RuleContext } from '../context.ts'
import { inputRadius, quantizeMultiplier } from '../fixed-point.ts'
import { permuted, plainOrder } from '../layout.ts'
import { quant8 } from '../quantization.ts'
import { wrapAxis } from './reduce.ts'

/** TFLite fixes the output of int8 SOFTMAX. */
const probability = quant8(1 / 256, -128)

/** Q5.26: integer bits of the scaled difference to the largest input. */
const integerBits = 5

export const softmax: Rule = (context) => {
  const { builder } = context
  const held = rowsLast(context, softmaxAxes(context))
  const shape = builder.tensor(held.tensor).shape
  const inputScale = context.quantOf(held).scale
  const factor = quantizeMultiplier(Math.min(inputScale * 2 ** (31 - integerBits), 2 ** 31 - 1))
  const output = builder.activation(context.outputName(), shape, probability)
  const rows = builder.view(held.tensor, rowShape(context, held))
  context.emit({
    kind: 'softmax',
    input: rows,
    output: builder.view(output, builder.tensor(rows).shape),
    multiplier: factor.multiplier,
    leftShift: factor.shift,
    diffMin: -inputRadius(integerBits, factor.shift),
    macs: 0,
  })
  context.define(context.outputName(), { ...held, tensor: output })
}

/** Before opset 13 softmax runs over `axis` and everything after it, from then on over one dimension. */
function softmaxAxes(context: RuleContext): readonly number[] {
  const { length: rank } = context.shape(0)
  const flattens = (context.graph.opsets[''] ?? context.graph.opsets['ai.onnx'] ?? 13) < 13
  const axis = wrapAxis(context.number('axis', flattens ? 1 : -1), rank)
  return flattens ? plainOrder(rank).slice(axis) : [axis]
}

/** Input 0 with the dimensions `axes` last in memory, in their own order. */
function rowsLast(context: RuleContext, axes: readonly number[]): Held {
  const held = context.builder.unflattened(context.held(0), context.source)
  const order = [...held.order.filter((d) => !axes.includes(d)), ...axes]
  return context.builder.arranged(held, order, context.source)
}

function rowShape(context: RuleContext, held: Held): readonly number[] {
  const axes = softmaxAxes(context)
  const memory = permuted(held.shape, held.order)
  const rows = memory.slice(0, memory.length - axes.length)
  return axes.length === 1 ? memory : [...rows, elementsOf(axes.map((d) => held.shape[d]!))]
}
