// Operators whose output has the first input's shape and type.
import { say } from '../../base/note.ts'
import { attrNumber, type Dim } from '../graph.ts'
import { defineOp, type InferContext, type OpDefinition, type OutputType } from '../op.ts'
import { broadcast } from './broadcast.ts'
import { axisOf, isKnown, typeOf } from './dims.ts'

const same = (c: InferContext): readonly OutputType[] => [typeOf(c, 0)]

const names = [
  ...[
    'Relu',
    'LeakyRelu',
    'Clip',
    'HardSwish',
    'HardSigmoid',
    'Sigmoid',
    'Tanh',
    'Elu',
    'Selu',
    'Celu',
    'Gelu',
    'Mish',
  ],
  ...['Softplus', 'Softsign', 'ThresholdedRelu', 'Exp', 'Log', 'Sqrt', 'Abs', 'Neg', 'Erf', 'Sign', 'Reciprocal'],
  ...['Round', 'Sin', 'Cos', 'Not', 'LRN', 'LpNormalization'],
]

const rounding = (op: string, round: (v: number) => number): OpDefinition =>
  defineOp(op, { infer: same, dims: (c) => c.dims(0)?.map((d) => (isKnown(d) ? round(d) : d)) ?? null })

/** Before opset 13 the input is flattened to two dimensions at `axis` (default 1) and the default axis differs. */
function inferSoftmax(c: InferContext): readonly OutputType[] {
  const type = typeOf(c, 0)
  if (type.shape) axisOf(c, attrNumber(c.node, 'axis', c.opset < 13 ? 1 : -1), Math.max(1, type.shape.length))
  return [type]
}

/** The slope broadcasts to the input, never the other way. */
function inferPRelu(c: InferContext): readonly OutputType[] {
  const type = typeOf(c, 0)
  const shape = broadcast(c, [type.shape, c.shape(1)])
  const grows = (dim: Dim, i: number) => isKnown(dim) && isKnown(type.shape![i]!) && dim !== type.shape![i]
  if (shape && (shape.length !== type.shape!.length || shape.some(grows)))
    c.fail(say`a slope of shape [${c.shape(1)}] does not fit an input of shape [${type.shape}]`)
  return [type]
}

function inferDropout(c: InferContext): readonly OutputType[] {
  const type = typeOf(c, 0)
  return [type, { dtype: c.opset >= 10 ? 'bool' : type.dtype, shape: type.shape }]
}

export const elementwiseOps = [
  ...names.map((op) => defineOp(op, { infer: same })),
  rounding('Identity', (v) => v),
  rounding('Floor', Math.floor),
  rounding('Ceil', Math.ceil),
  ...['Softmax', 'LogSoftmax', 'Hardmax'].map((op) => defineOp(op, { infer: inferSoftmax })),
  defineOp('PRelu', { infer: inferPRelu }),
  defineOp('Dropout', { infer: inferDropout }),
]
