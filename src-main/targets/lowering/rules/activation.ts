// Functions of one element: a clamp, or a table of the 256 int8 values.
import { say } from '../../../base/note.ts'
import { activationBounds, type Bounds, clampOf } from '../activation-fusion.ts'
import type { Rule, RuleContext } from '../context.ts'
import { requantOf } from '../fixed-point.ts'
import { type Quant8, quant8 } from '../quantization.ts'
import { hardSwishTable, leakyReluTable, logisticTable, realTable, tanhTable } from '../smooth-functions.ts'

type MakeTable = (input: Quant8, output: Quant8) => Int8Array

/** @param fallback output quantisation when the graph gives none (a graph output that is still float) */
export function lowerTable(
  context: RuleContext,
  makeTable: MakeTable,
  fallback: Quant8 | null = null,
  held = context.held(0),
): void {
  const { builder } = context
  const { name, quant, min, max } = context.result(fallback)
  const shape = builder.tensor(held.tensor).shape
  const output = builder.activation(name, shape, quant)
  const table = makeTable(context.quantOf(held), quant).map((q) => Math.min(max, Math.max(min, q)))
  context.emit({ kind: 'table', input: held.tensor, output, table, macs: 0 })
  context.define(name, builder.moved(held, output))
}

const tableRule =
  (makeTable: MakeTable, fallback: Quant8 | null = null): Rule =>
  (context) =>
    lowerTable(context, makeTable, fallback)

const realRule =
  (of: (context: RuleContext) => (x: number) => number): Rule =>
  (context) => {
    const f = of(context)
    lowerTable(context, (input, output) => realTable(input, output, f))
  }

/** Relu and Clip that no operator before them took as its clamp. */
export const clip: Rule = (context) => {
  const { builder } = context
  const bounds: Bounds =
    activationBounds(context, context.node) ??
    context.fail(say`its bounds are computed at run time`, say`Make the bounds constants.`)
  const held = context.held(0)
  const input = context.quantOf(held)
  const { name, quant, min, max } = context.result(input)
  const own = clampOf(bounds, quant)
  const output = builder.activation(name, builder.tensor(held.tensor).shape, quant)
  context.emit({
    kind: 'requantize',
    input: held.tensor,
    output,
    requant: requantOf(Math.fround(input.scale / quant.scale)),
    min: Math.max(min, own.min),
    max: Math.min(max, own.max),
    macs: 0,
  })
  context.define(name, builder.moved(held, output))
}

export const sigmoid = tableRule(logisticTable, quant8(1 / 256, -128))
export const tanh = tableRule(tanhTable, quant8(1 / 128, 0))
export const hardSwish = tableRule(hardSwishTable)

export const leakyRelu: Rule = (context) =>
  lowerTable(context, (input, output) => leakyReluTable(input, output, context.number('alpha', 0.01)))

export const hardSigmoid = realRule((context) => {
  const alpha = context.number('alpha', 0.2)
  const beta = context.number('beta', 0.5)
  return (x) => Math.min(1, Math.max(0, alpha * x + beta))
})

export const elu = realRule((context) => {
  const alpha = context.number('alpha', 1)
  return (x) => (x < 0 ? alpha * Math.expm1(x) : x)
})

export const gelu = realRule((context) => {
  const tanhForm = context.text('approximate', 'none') === 'tanh'
  return (x) =>
    0.5 * x * (1 + (tanhForm ? Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)) : erf(x / Math.SQRT2)))
})

/** Abramowitz and Stegun 7.1.26; its error of 1.5e-7 is far below one int8 step. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x))
  const poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
  return Math.sign(x) * (1 - poly * Math.exp(-x * x))
}

export const exp = realRule(() => Math.exp)
export const log = realRule(() => (x) => Math.log(Math.max(x, Number.MIN_VALUE)))
export const sqrt = realRule(() => (x) => Math.sqrt(Math.max(0, x)))
export const abs = realRule(() => Math.abs)
export const neg = realRule(() => (x) => -x)
export const softplus = realRule(() => (x) => (x > 30 ? x : Math.log1p(Math.exp(x))))
export const softsign = realRule(() => (x) => x / (1 + Math.abs(x)))
