// Operators that keep the elements and change the dimensions.
import { say } from '../../base/note.ts'
import { attrNumber, attrNumbers, type Dim } from '../graph.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { attrOrInput, axesOf, axisOf, isKnown, isStatic, pickDims, productDim, typeOf } from './dims.ts'

function inferFlatten(c: InferContext): readonly OutputType[] {
  const { dtype, shape } = typeOf(c, 0)
  if (!shape) return [{ dtype, shape }]
  const axis = attrNumber(c.node, 'axis', 1)
  const at = axis === shape.length ? axis : axisOf(c, axis, Math.max(1, shape.length))
  return [{ dtype, shape: [productDim(shape.slice(0, at)), productDim(shape.slice(at))] }]
}

function inferSqueeze(c: InferContext): readonly OutputType[] {
  const { dtype, shape } = typeOf(c, 0)
  const given = attrOrInput(c, 'axes', 1)
  if (!shape || given === null) return [{ dtype, shape: null }]
  if (given === undefined)
    return [{ dtype, shape: shape.some((d) => !isKnown(d)) ? null : shape.filter((d) => d !== 1) }]
  const axes = axesOf(c, given, shape.length)
  const wide = axes.find((axis) => isKnown(shape[axis]!) && shape[axis] !== 1)
  if (wide !== undefined) c.fail(say`dimension ${wide} of [${shape}] is not 1`)
  return [{ dtype, shape: shape.filter((_, i) => !axes.includes(i)) }]
}

function inferUnsqueeze(c: InferContext): readonly OutputType[] {
  const { dtype, shape } = typeOf(c, 0)
  const given = attrOrInput(c, 'axes', 1)
  if (given === undefined) c.fail(say`axes are missing`)
  if (!shape || !given) return [{ dtype, shape: null }]
  const rank = shape.length + given.length
  const axes = axesOf(c, given, rank)
  let next = 0
  return [{ dtype, shape: Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : shape[next++]!)) }]
}

function inferTranspose(c: InferContext): readonly OutputType[] {
  const { dtype, shape } = typeOf(c, 0)
  if (!shape) return [{ dtype, shape }]
  const perm = attrNumbers(c.node, 'perm') ?? shape.map((_, i) => shape.length - 1 - i)
  const axes = axesOf(c, perm, shape.length)
  if (axes.length !== shape.length) c.fail(say`perm [${perm}] does not fit an input of shape [${shape}]`)
  return [{ dtype, shape: axes.map((axis) => shape[axis]!) }]
}

function transposeDims(c: InferContext, [y]: readonly OutputType[]): readonly Dim[] | null {
  const [all, shape] = [c.dims(0), c.shape(0)]
  if (!all || !isStatic(shape) || !y || !isStatic(y.shape)) return null
  const perm = attrNumbers(c.node, 'perm') ?? shape.map((_, i) => shape.length - 1 - i)
  return pickDims(all, shape, y.shape, (index) => shape.map((_, d) => index[perm.indexOf(d)]!))
}

const keepDims = (c: InferContext) => c.dims(0)

export const layoutOps = [
  defineOp('Flatten', { infer: inferFlatten, dims: keepDims }),
  defineOp('Squeeze', { infer: inferSqueeze, dims: keepDims }),
  defineOp('Unsqueeze', { infer: inferUnsqueeze, dims: keepDims }),
  defineOp('Transpose', { infer: inferTranspose, dims: transposeDims }),
]
