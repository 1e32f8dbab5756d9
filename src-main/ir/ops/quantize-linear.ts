// Only what importers could not turn into Value.quant is left as nodes (a scale computed at run time, for example).
import { attrNumber } from '../graph.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { dtypeOfOnnx } from './cast.ts'
import { typeOf } from './dims.ts'

function inferQuantize(c: InferContext): readonly OutputType[] {
  const chosen = dtypeOfOnnx(attrNumber(c.node, 'output_dtype', 0))
  return [{ dtype: c.input(2)?.dtype ?? chosen ?? 'u8', shape: typeOf(c, 0).shape }]
}

export const quantizeLinearOps = [
  defineOp('QuantizeLinear', { infer: inferQuantize }),
  defineOp('DequantizeLinear', { infer: (c) => [{ dtype: typeOf(c, 1).dtype, shape: typeOf(c, 0).shape }] }),
]
