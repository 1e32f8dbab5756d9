import { say } from '../../base/note.ts'
import { attrNumbers, attrString, type Dim, type Shape } from '../graph.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { readNumbers } from '../tensor.ts'
import { axesOf, freshDim, isKnown, knownNumbers, typeOf } from './dims.ts'

/** Positions of the inputs moved between opsets 10 and 11: (X, scales), then (X, roi, scales, sizes). */
function inferResize(c: InferContext): readonly OutputType[] {
  const { dtype, shape } = typeOf(c, 0)
  if (!shape) return [{ dtype, shape }]
  const scalesAt = c.opset < 11 ? 1 : 2
  const sizes = c.input(3) ? c.dims(3) : null
  const axes = axesOf(c, attrNumbers(c.node, 'axes') ?? shape.map((_, i) => i), shape.length)
  if (sizes && sizes.length > 0) return [{ dtype, shape: resized(c, shape, axes, sizes) }]
  const scales = scalesOf(c, scalesAt)
  return [{ dtype, shape: scales ? scaled(c, shape, axes, scales) : shape.map((_, i) => freshDim(c, i)) }]
}

/** Scales are float32 in the file: floor(size * scale) must be taken with that value. */
function scalesOf(c: InferContext, i: number): readonly number[] | null {
  const constant = c.constant(i)
  if (constant) return readNumbers(constant)
  return c.input(i) ? knownNumbers(c, i) : null
}

function resized(c: InferContext, shape: Shape, axes: readonly number[], sizes: readonly Dim[]): Shape {
  if (sizes.length !== axes.length) c.fail(say`sizes [${sizes}] do not fit an input of shape [${shape}]`)
  const policy = attrString(c.node, 'keep_aspect_ratio_policy', 'stretch')
  if (policy === 'stretch') return shape.map((dim, d) => (axes.includes(d) ? sizes[axes.indexOf(d)]! : dim))
  const ratios = axes.map((axis, i) => Number(sizes[i]) / Number(shape[axis]))
  const ratio = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios)
  return shape.map((dim, d) => {
    if (!axes.includes(d)) return dim
    return isKnown(dim) && Number.isFinite(ratio) ? Math.round(dim * ratio) : freshDim(c, d)
  })
}

function scaled(c: InferContext, shape: Shape, axes: readonly number[], scales: readonly number[]): Shape {
  if (scales.length !== axes.length) c.fail(say`scales [${scales}] do not fit an input of shape [${shape}]`)
  return shape.map((dim, d) => {
    const scale = axes.includes(d) ? scales[axes.indexOf(d)]! : 1
    if (!(scale > 0) || !Number.isFinite(scale)) c.fail(say`scale ${scale} is not positive`)
    if (scale === 1) return dim
    return isKnown(dim) ? Math.floor(dim * scale) : freshDim(c, d)
  })
}

function inferUpsample(c: InferContext): readonly OutputType[] {
  const { dtype, shape } = typeOf(c, 0)
  const scales = attrNumbers(c.node, 'scales') ?? scalesOf(c, 1)
  if (!shape || !scales) return [{ dtype, shape: shape ? shape.map((_, i) => freshDim(c, i)) : null }]
  return [
    {
      dtype,
      shape: scaled(
        c,
        shape,
        shape.map((_, i) => i),
        scales,
      ),
    },
  ]
}

export const resizeOps = [defineOp('Resize', { infer: inferResize }), defineOp('Upsample', { infer: inferUpsample })]
