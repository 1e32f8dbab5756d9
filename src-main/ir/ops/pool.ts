import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { needRank, typeOf } from './dims.ts'
import { windowOf, windowOutput } from './window.ts'

function inferPool(c: InferContext): readonly OutputType[] {
  const { dtype, shape: x } = typeOf(c, 0)
  if (!x)
    return [
      { dtype, shape: null },
      { dtype: 'i64', shape: null },
    ]
  needRank(c, x, 3)
  const shape = [x[0]!, x[1]!, ...windowOutput(c, x.slice(2), windowOf(c, x.length - 2, null))]
  // MaxPool's second output holds indices.
  return [
    { dtype, shape },
    { dtype: 'i64', shape },
  ]
}

function inferGlobal(c: InferContext): readonly OutputType[] {
  const { dtype, shape } = typeOf(c, 0)
  if (!shape) return [{ dtype, shape }]
  needRank(c, shape, 2)
  return [{ dtype, shape: shape.map((dim, i) => (i < 2 ? dim : 1)) }]
}

export const poolOps = [
  ...['AveragePool', 'MaxPool', 'LpPool'].map((op) => defineOp(op, { infer: inferPool })),
  ...['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'].map((op) => defineOp(op, { infer: inferGlobal })),
]
