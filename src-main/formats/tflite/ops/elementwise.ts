// Functions of one element, and of two with broadcasting.
import { say } from '../../../base/note.ts'
import type { GraphBuilder, Layout } from '../builder.ts'
import { toNchw } from '../builder.ts'
import type { TfliteOperator } from '../model.ts'
import { tensorTypes } from '../schema.ts'
import { activation, type Convert, emit, fail, input, option, output } from './convert.ts'

/** Inputs in one layout; constants of lower rank are brought to rank 4, so that they broadcast over the same dimension. */
export function inLayout(b: GraphBuilder, op: TfliteOperator, layout: Layout): string[] {
  return op.inputs
    .map((_, i) => input(op, i))
    .map((t) =>
      layout === 'nchw' && b.isConstant(t) ? b.constant(t, { perm: toNchw, rank: 4 }, op) : b.value(t, layout, op),
    )
}

const elementwise =
  (onnx: string, count: number): Convert =>
  (b, op) => {
    if (op.inputs.length !== count) fail(op, say`${op.inputs.length} inputs, ${count} expected`)
    const layout = b.shape(output(op)).length === 4 ? b.layoutFor(op.inputs) : 'native'
    emit(b, op, onnx, inLayout(b, op, layout), layout, {})
  }

const withAttrs =
  (onnx: string, attrs: (op: TfliteOperator) => Record<string, number>): Convert =>
  (b, op) => {
    const x = input(op, 0)
    const layout = b.layoutFor([x])
    emit(b, op, onnx, [b.value(x, layout, op)], layout, attrs(op))
  }

const clamp: Convert = (b, op) => {
  const x = input(op, 0)
  const layout = b.layoutFor([x])
  activation(b, op, op.op, b.value(x, layout, op), b.define(output(op), layout, op))
}

const square: Convert = (b, op) => {
  const x = input(op, 0)
  const layout = b.layoutFor([x])
  const name = b.value(x, layout, op)
  emit(b, op, 'Mul', [name, name], layout, {})
}

const rsqrt: Convert = (b, op) => {
  const x = input(op, 0)
  const layout = b.layoutFor([x])
  const root = b.between(output(op), layout, 'root')
  b.node(op, 'Sqrt', [b.value(x, layout, op)], [root])
  emit(b, op, 'Reciprocal', [root], layout, {})
}

/** ONNX's numbers of element types, for Cast. */
const onnxTypes: Readonly<Record<string, number>> = {
  f32: 1,
  u8: 2,
  i8: 3,
  u16: 4,
  i16: 5,
  i32: 6,
  i64: 7,
  bool: 9,
  f16: 10,
  f64: 11,
  u32: 12,
  u64: 13,
  bf16: 16,
}

const typeNumber = (b: GraphBuilder, op: TfliteOperator): number => {
  const { dtype } = b.tensor(output(op)).type
  return (dtype === null ? undefined : onnxTypes[dtype]) ?? fail(op, say`its output type is unknown`)
}

const cast: Convert = (b, op) => {
  const x = input(op, 0)
  const layout = b.layoutFor([x])
  emit(b, op, 'Cast', [b.value(x, layout, op)], layout, { to: typeNumber(b, op) })
}

/** QUANTIZE and DEQUANTIZE that could not be joined with their neighbours: the same real numbers, held another way. */
const changeForm: Convert = (b, op) => {
  const x = input(op, 0)
  const half = tensorTypes.find((type) => type.name === 'FLOAT16')
  if (b.tensor(x).type === half && !b.isConstant(x)) return cast(b, op)
  const layout = b.layoutFor([x])
  const name = b.isConstant(x) ? b.constant(x, { real: op.op === 'DEQUANTIZE' }, op) : b.value(x, layout, op)
  emit(b, op, 'Identity', [name], layout, {})
}

export const elementwiseOps: Readonly<Record<string, Convert>> = {
  ADD: elementwise('Add', 2),
  SUB: elementwise('Sub', 2),
  MUL: elementwise('Mul', 2),
  DIV: elementwise('Div', 2),
  MAXIMUM: elementwise('Max', 2),
  MINIMUM: elementwise('Min', 2),
  POW: elementwise('Pow', 2),
  PRELU: elementwise('PRelu', 2),
  LOGISTIC: elementwise('Sigmoid', 1),
  TANH: elementwise('Tanh', 1),
  HARD_SWISH: elementwise('HardSwish', 1),
  ELU: elementwise('Elu', 1),
  ABS: elementwise('Abs', 1),
  NEG: elementwise('Neg', 1),
  EXP: elementwise('Exp', 1),
  LOG: elementwise('Log', 1),
  SQRT: elementwise('Sqrt', 1),
  SIN: elementwise('Sin', 1),
  COS: elementwise('Cos', 1),
  FLOOR: elementwise('Floor', 1),
  CEIL: elementwise('Ceil', 1),
  ROUND: elementwise('Round', 1),
  RSQRT: rsqrt,
  SQUARE: square,
  RELU: clamp,
  RELU6: clamp,
  RELU_N1_TO_1: clamp,
  LEAKY_RELU: withAttrs('LeakyRelu', (op) => ({ alpha: option(op, 'alpha') })),
  CAST: cast,
  QUANTIZE: changeForm,
  DEQUANTIZE: changeForm,
}
