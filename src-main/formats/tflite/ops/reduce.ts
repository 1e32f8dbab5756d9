// Operators along one or more dimensions that combine elements.
import { say } from '../../../base/note.ts'
import type { GraphBuilder, Layout } from '../builder.ts'
import type { TfliteOperator } from '../model.ts'
import { axisIn, type Convert, constantInts, emit, fail, input, option, output } from './convert.ts'

/** Without keepDims, the dimensions that stay must come in the same order in both layouts. */
function reduceLayout(b: GraphBuilder, x: number, axes: readonly number[], keepDims: boolean): Layout {
  const rank = b.shape(x).length
  const native = axes.map((axis) => (axis < 0 ? axis + rank : axis))
  const orderKept = native.includes(3) || (native.includes(1) && native.includes(2))
  return keepDims || orderKept ? b.layoutFor([x]) : 'native'
}

const reduce =
  (onnx: string, axesAsInput: boolean): Convert =>
  (b, op) => {
    const x = input(op, 0)
    const given = constantInts(b, op, 1)
    const keepDims = option(op, 'keepDims') === 1
    const layout = reduceLayout(b, x, given, keepDims)
    const axes = [...new Set(given.map((axis) => axisIn(op, axis, b.shape(x).length, layout)))].sort((p, q) => p - q)
    const name = b.value(x, layout, op)
    const keepdims = keepDims ? 1 : 0
    if (axesAsInput) emit(b, op, onnx, [name, b.ints(axes)], layout, { keepdims })
    else emit(b, op, onnx, [name], layout, { axes, keepdims })
  }

/** Over the last dimension of the file's order. */
const softmax =
  (onnx: string): Convert =>
  (b, op) => {
    const x = input(op, 0)
    const layout = b.layoutFor([x])
    const axis = axisIn(op, -1, b.shape(x).length, layout)
    const beta = op.op === 'SOFTMAX' ? option(op, 'beta') : 1
    emit(b, op, onnx, [scaledInput(b, op, x, layout, beta)], layout, { axis })
  }

function scaledInput(b: GraphBuilder, op: TfliteOperator, x: number, layout: Layout, beta: number): string {
  const name = b.value(x, layout, op)
  if (beta === 1) return name
  if (b.quant(x)) return fail(op, say`a beta of ${beta} with integers is not supported`)
  const scaled = b.between(x, layout, 'beta')
  b.node(op, 'Mul', [name, b.scalar(beta)], [scaled])
  return scaled
}

const argMax: Convert = (b, op) => {
  const x = input(op, 0)
  const axis = axisIn(op, constantInts(b, op, 1)[0] ?? fail(op, say`it has no axis`), b.shape(x).length, 'native')
  const out = output(op)
  const attrs = { axis, keepdims: 0, select_last_index: 0 }
  if (b.tensor(out).type.dtype === 'i64') return emit(b, op, 'ArgMax', [b.value(x, 'native', op)], 'native', attrs)
  const long = b.longBetween(out, 'index')
  b.node(op, 'ArgMax', [b.value(x, 'native', op)], [long], attrs)
  emit(b, op, 'Cast', [long], 'native', { to: 6 })
}

export const reduceOps: Readonly<Record<string, Convert>> = {
  MEAN: reduce('ReduceMean', false),
  SUM: reduce('ReduceSum', true),
  REDUCE_MAX: reduce('ReduceMax', false),
  REDUCE_MIN: reduce('ReduceMin', false),
  SOFTMAX: softmax('Softmax'),
  LOG_SOFTMAX: softmax('LogSoftmax'),
  ARG_MAX: argMax,
}
