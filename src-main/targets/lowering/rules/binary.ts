// Add, Sub, Mul, Div and PRelu: two operands, broadcast by ONNX's (NumPy's) rules.
import { elementsOf } from '../../../ir/tensor.ts'
import type { TensorIndex } from '../../plan.ts'
import type { Held } from '../builder.ts'
import type { Rule, RuleContext } from '../context.ts'
import { requantOf } from '../fixed-point.ts'
import { type Order, permuted, plainOrder } from '../layout.ts'
import { constantQuant, quantizeAll } from '../quantization.ts'

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

/** TFLite's int8 ADD and SUB: scales relative to twice the larger one, 20 bits of head room. */
const sum =
  (kind: 'add' | 'sub'): Rule =>
  (context) => {
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

export const mul: Rule = (context) => lowerProduct(context, 'mul', context.held(0), context.held(1))

/** Division by a constant is multiplication by its reciprocal. */
export const div: Rule = (context) => {
  const divisors = context.reals(1)
  if (!divisors) return lowerProduct(context, 'div', context.held(0), context.held(1))
  if (divisors.includes(0)) context.fail('it divides by a constant 0', 'Correct the model.')
  lowerProduct(
    context,
    'mul',
    context.held(0),
    realConstant(
      context,
      1,
      divisors.map((d) => 1 / d),
    ),
  )
}

function realConstant(context: RuleContext, i: number, reals: readonly number[]): Held {
  const { shape } = context.constant(i)!
  const quant = constantQuant(reals)
  const tensor = context.builder.constant(context.inputName(i), shape, quantizeAll(reals, quant), quant)
  return { tensor, shape, order: plainOrder(shape.length) }
}

export const prelu: Rule = (context) => {
  const { builder, source } = context
  if (!context.constant(1)) context.fail('its slope is computed at run time', 'Make the slope a constant.')
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
