import { attrNumber } from '../graph.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { attrOrInput, axesOf, axisOf, isKnown, productDim, typeOf } from './dims.ts'

function inferReduce(c: InferContext): readonly OutputType[] {
  const { dtype, shape } = typeOf(c, 0)
  const given = attrOrInput(c, 'axes', 1)
  if (!shape || given === null) return [{ dtype, shape: null }]
  const none = given === undefined || given.length === 0
  if (none && attrNumber(c.node, 'noop_with_empty_axes', 0)) return [{ dtype, shape }]
  const axes = none ? shape.map((_, i) => i) : axesOf(c, given, shape.length)
  const keep = attrNumber(c.node, 'keepdims', 1) !== 0
  return [{ dtype, shape: shape.flatMap((dim, i) => (axes.includes(i) ? (keep ? [1] : []) : [dim])) }]
}

function inferArg(c: InferContext): readonly OutputType[] {
  const { shape } = typeOf(c, 0)
  if (!shape) return [{ dtype: 'i64', shape: null }]
  const axis = axisOf(c, attrNumber(c.node, 'axis', 0), shape.length)
  const keep = attrNumber(c.node, 'keepdims', 1) !== 0
  return [{ dtype: 'i64', shape: shape.flatMap((dim, i) => (i === axis ? (keep ? [1] : []) : [dim])) }]
}

const reductions = ['Mean', 'Sum', 'Max', 'Min', 'L1', 'L2', 'LogSum', 'LogSumExp', 'SumSquare']

export const reduceOps = [
  ...reductions.map((name) => defineOp(`Reduce${name}`, { infer: inferReduce })),
  defineOp('ReduceProd', {
    infer: inferReduce,
    dims: (c, [y]) => {
      const dims = c.dims(0)
      return dims && y?.shape?.every((d) => isKnown(d) && d === 1) ? [productDim(dims)] : null
    },
  }),
  defineOp('ArgMax', { infer: inferArg }),
  defineOp('ArgMin', { infer: inferArg }),
]
