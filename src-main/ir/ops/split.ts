import { say } from '../../base/note.ts'
import { attrNumber, type Dim } from '../graph.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { attrOrInput, axisOf, freshDim, isKnown, typeOf } from './dims.ts'

function infer(c: InferContext): readonly OutputType[] {
  const { dtype, shape } = typeOf(c, 0)
  const count = c.node.outputs.length
  if (!shape) return c.node.outputs.map(() => ({ dtype, shape }))
  const axis = axisOf(c, attrNumber(c.node, 'axis', 0), shape.length)
  const parts = partSizes(c, shape[axis]!, count)
  return parts.map((size) => ({ dtype, shape: shape.with(axis, size) }))
}

function partSizes(c: InferContext, size: Dim, count: number): readonly Dim[] {
  const given = attrOrInput(c, 'split', 1)
  const unknown = Array.from({ length: count }, (_, i) => freshDim(c, i))
  if (given === null) return unknown
  if (given) return checkParts(c, given, size, count)
  const wanted = attrNumber(c.node, 'num_outputs', count)
  if (wanted !== count) c.fail(say`num_outputs is ${wanted}, the node has ${count} outputs`)
  if (!isKnown(size)) return unknown
  // From opset 18 the last part may be smaller.
  const part = Math.ceil(size / count)
  const last = size - part * (count - 1)
  if (last <= 0 || (last !== part && !('num_outputs' in c.node.attrs)))
    c.fail(say`${size} does not divide into ${count} parts`)
  return unknown.map((_, i) => (i === count - 1 ? last : part))
}

function checkParts(c: InferContext, parts: readonly number[], size: Dim, count: number): readonly number[] {
  const total = parts.reduce((a, b) => a + b, 0)
  if (parts.length !== count || parts.some((p) => p < 0) || (isKnown(size) && total !== size))
    c.fail(say`split [${parts}] does not fit a size of ${size} and ${count} outputs`)
  return parts
}

export const split = defineOp('Split', { infer })
