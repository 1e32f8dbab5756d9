import { say } from '../../base/note.ts'
import { attrNumber, type Dim, type Shape } from '../graph.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { broadcast } from './broadcast.ts'
import { axisOf, freshDim, isKnown, knownNumbers, typeOf } from './dims.ts'

function inferGather(c: InferContext): readonly OutputType[] {
  const { dtype, shape } = typeOf(c, 0)
  const indices = c.shape(1)
  if (!shape || !indices) return [{ dtype, shape: null }]
  const axis = axisOf(c, attrNumber(c.node, 'axis', 0), shape.length)
  const size = shape[axis]!
  const numbers = knownNumbers(c, 1)
  if (isKnown(size) && numbers?.some((i) => i < -size || i >= size))
    c.fail(say`an index of [${numbers}] is outside a size of ${size}`)
  return [{ dtype, shape: [...shape.slice(0, axis), ...indices, ...shape.slice(axis + 1)] }]
}

function gatherDims(c: InferContext): readonly Dim[] | null {
  const [dims, indices] = [c.dims(0), knownNumbers(c, 1)]
  if (!dims || !indices || c.shape(0)?.length !== 1) return null
  return indices.map((i) => dims[i < 0 ? i + dims.length : i]!)
}

function inferExpand(c: InferContext): readonly OutputType[] {
  const { dtype, shape } = typeOf(c, 0)
  const target = c.dims(1)
  return [{ dtype, shape: target ? broadcast(c, [shape, target]) : null }]
}

/** `start` and `end` (opset 15) clamp like Python's slices. */
function shapeRange(c: InferContext, shape: Shape): readonly Dim[] {
  return shape.slice(attrNumber(c.node, 'start', 0), attrNumber(c.node, 'end', shape.length))
}

function inferShape(c: InferContext): readonly OutputType[] {
  const { shape } = typeOf(c, 0)
  return [{ dtype: 'i64', shape: [shape ? shapeRange(c, shape).length : freshDim(c, 0)] }]
}

export const indexingOps = [
  defineOp('Gather', { infer: inferGather, dims: gatherDims }),
  defineOp('Expand', {
    infer: inferExpand,
    dims: (c, [y]) => (y?.shape?.length === 1 && c.dims(0)?.length === y.shape[0] ? c.dims(0) : null),
  }),
  defineOp('Shape', {
    infer: inferShape,
    dims: (c) => {
      const shape = c.shape(0)
      return shape && shapeRange(c, shape)
    },
  }),
  defineOp('Size', { infer: () => [{ dtype: 'i64', shape: [] }] }),
]
