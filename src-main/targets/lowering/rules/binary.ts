// Add, Sub, Mul, Div and PRelu: two operands, broadcast by ONNX's (NumPy's) rules.
import { say } from '../../../base/note.ts'
import { elementsOf } from '../../../ir/tensor.ts'
import type { TensorIndex } from '../../plan.ts'
import type { Held } from '../builder.ts'
import type { Rule, RuleContext } from '../context.ts'
import { requantOf } from '../fixed-point.ts'
import { type Order, permuted, plainOrder } from '../layout.ts'
import { constantQuant, type Quant8, quantizeAll } from '../quantization.ts'
import { realTable } from '../smooth-functions.ts'
import { lowerTable } from './activation.ts'
import { lowerChannelwise } from './channelwise.ts'

interface Operands {
  readonly a: TensorIndex
  readonly b: TensorIndex
  readonly scales: readonly [number, number]
  readonly order: Order
}

/** Both operands with the output's rank and one order of dimensions: that of the larger one. */
function operands(context: RuleContext, a: Held, b: Held, outShape: readonly number[]): Operands {
  const { builder, source } = context
  const whole = [a, b].map((held) => widened(context, builder.unflattened(held, source), outShape.length))
  const [wideA, wideB] = whole as [Held, Held]
  const leads = isConstant(context, wideA) || elementsOf(wideB.shape) > elementsOf(wideA.shape) ? wideB : wideA
  const { order } = leads
  const place = (held: Held) => builder.arranged(held, order, source).tensor
  return { a: place(wideA), b: place(wideB), scales: [context.quantOf(a).scale, context.quantOf(b).scale], order }
}

const isConstant = (context: RuleContext, held: Held) => context.builder.tensor(held.tensor).place.kind === 'constant'

/** Dimensions of size 1 put in front. */
function widened(context: RuleContext, held: Held, rank: number): Held {
  const missing = rank - held.shape.length
  if (missing <= 0) return held
  const ones = plainOrder(missing)
  const shape = [...ones.map(() => 1), ...held.shape]
  const order = [...ones, ...held.order.map((d) => d + missing)]
  return { shape, order, tensor: context.builder.view(held.tensor, permuted(shape, order)) }
}

/** f(x, constant) or f(constant, x) */
type RealFunction = (a: number, b: number) => number

/** A float constant operand: the index of the other operand, and the constant's real numbers. */
function floatOperand(context: RuleContext) {
  const at = [1, 0].find((i) => context.constant(i) && !context.inputValue(i)?.quant)
  const reals = at === undefined ? null : context.reals(at)
  if (at === undefined || !reals || context.constant(1 - at)) return null
  return { at, reals, shape: context.constant(at)!.shape, input: context.shape(1 - at) }
}

/**
 * Operators with a float constant, which need no int8 form of it: a table when it is one number, a 1x1 depthwise
 * convolution when it is one number per channel. Constants that come quantised keep TFLite's arithmetic.
 */
function loweredWithConstant(context: RuleContext, f: RealFunction): boolean {
  const operand = floatOperand(context)
  if (!operand || operand.input.join() !== context.outShape().join()) return false
  const { at, reals, shape, input } = operand
  const apply = (x: number, constant: number) => (at === 1 ? f(x, constant) : f(constant, x))
  if (reals.length === 1) {
    const table = (from: Quant8, to: Quant8) => realTable(from, to, (x) => apply(x, reals[0]!))
    lowerTable(context, table, null, context.held(1 - at))
    return true
  }
  if (!isPerChannel(shape, input)) return false
  // f is linear in x: its gain and offset follow from two points.
  const offsets = reals.map((constant) => apply(0, constant))
  const gains = reals.map((constant, c) => apply(1, constant) - offsets[c]!)
  if (![...gains, ...offsets].every(Number.isFinite)) return false
  lowerChannelwise(context, gains, offsets, 1 - at)
  return true
}

/** Whether a constant of `shape` varies along dimension 1 of an image, and only there. */
function isPerChannel(shape: readonly number[], input: readonly number[]): boolean {
  if (input.length !== 3 && input.length !== 4) return false
  const wide = [...plainOrder(input.length - shape.length).map(() => 1), ...shape]
  return wide.every((size, d) => size === (d === 1 ? input[1] : 1))
}

/** TFLite's int8 ADD and SUB: scales relative to twice the larger one, 20 bits of head room. */
const sum =
  (kind: 'add' | 'sub'): Rule =>
  (context) => {
    if (loweredWithConstant(context, kind === 'add' ? (a, b) => a + b : (a, b) => a - b)) return
    const { builder } = context
    const fused = context.result()
    const outShape = context.shapeOf(fused.name)
    const { a, b, scales, order } = operands(context, context.held(0), context.held(1), outShape)
    const twiceMax = 2 * Math.max(...scales)
    const leftShift = 20
    const output = builder.activation(fused.name, permuted(outShape, order), fused.quant)
    context.emit({
      kind,
      a,
      b,
      output,
      leftShift,
      aRequant: requantOf(scales[0] / twiceMax),
      bRequant: requantOf(scales[1] / twiceMax),
      requant: requantOf(twiceMax / (2 ** leftShift * fused.quant.scale)),
      min: fused.min,
      max: fused.max,
      macs: 0,
    })
    context.define(fused.name, { shape: outShape, order, tensor: output })
  }

export const add = sum('add')
export const sub = sum('sub')

function lowerProduct(context: RuleContext, kind: 'mul' | 'div', left: Held, right: Held): void {
  const { builder } = context
  const fused = context.result()
  const outShape = context.shapeOf(fused.name)
  const { a, b, scales, order } = operands(context, left, right, outShape)
  const out = fused.quant.scale
  // TFLite Micro: MUL multiplies in double, DIV in float32.
  const factor = kind === 'mul' ? (scales[0] * scales[1]) / out : Math.fround(scales[0] / Math.fround(scales[1] * out))
  const output = builder.activation(fused.name, permuted(outShape, order), fused.quant)
  context.emit({ kind, a, b, output, requant: requantOf(factor), min: fused.min, max: fused.max, macs: 0 })
  context.define(fused.name, { shape: outShape, order, tensor: output })
}

export const mul: Rule = (context) => {
  if (loweredWithConstant(context, (a, b) => a * b)) return
  lowerProduct(context, 'mul', context.held(0), context.held(1))
}

/** Division by a constant is multiplication by its reciprocal. */
export const div: Rule = (context) => {
  const divisors = context.reals(1)
  if (divisors?.includes(0)) context.fail(say`it divides by a constant 0`, say`Correct the model.`)
  // With the constant on the left it is no linear function, but one number makes a table all the same.
  const linear = divisors !== null || context.reals(0)?.length === 1
  if (linear && loweredWithConstant(context, (a, b) => a / b)) return
  if (!divisors) return lowerProduct(context, 'div', context.held(0), context.held(1))
  const reciprocals = divisors.map((divisor) => 1 / divisor)
  lowerProduct(context, 'mul', context.held(0), realConstant(context, 1, reciprocals))
}

/** x to the power of one constant number. */
export const pow: Rule = (context) => {
  const exponent = context.reals(1)
  if (exponent?.length !== 1) context.fail(say`its exponent is not one constant number`, say`Use a constant exponent.`)
  loweredWithConstant(context, (x, e) => x ** e)
}

function realConstant(context: RuleContext, i: number, reals: readonly number[]): Held {
  const { shape } = context.constant(i)!
  const quant = constantQuant(reals)
  const tensor = context.builder.constant(context.inputName(i), shape, quantizeAll(reals, quant), quant)
  return { tensor, shape, order: plainOrder(shape.length) }
}

export const prelu: Rule = (context) => {
  const { builder, source } = context
  if (!context.constant(1)) context.fail(say`its slope is computed at run time`, say`Make the slope a constant.`)
  const input = builder.unflattened(context.held(0), source)
  const slope = context.held(1)
  const { name, quant } = context.unclamped()
  const wide = builder.arranged(widened(context, slope, input.shape.length), input.order, source)
  const inputScale = context.quantOf(input).scale
  const output = builder.activation(name, builder.tensor(input.tensor).shape, quant)
  context.emit({
    kind: 'prelu',
    input: input.tensor,
    alpha: wide.tensor,
    output,
    requant: requantOf(inputScale / quant.scale),
    alphaRequant: requantOf((inputScale * context.quantOf(slope).scale) / quant.scale),
    macs: 0,
  })
  context.define(name, { ...input, tensor: output })
}
