import { say } from '../../base/note.ts'
import type { DType } from '../dtype.ts'
import type { Dim } from '../graph.ts'
import { isTensor } from '../graph.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { readNumbers } from '../tensor.ts'
import { freshDim, isKnown, staticProduct } from './dims.ts'

/** Importers turn Constant nodes into constants; this is for graphs that keep them. */
function inferConstant(c: InferContext): readonly OutputType[] {
  const { value, value_float, value_floats, value_int, value_ints } = c.node.attrs
  if (value !== undefined && isTensor(value)) return [{ dtype: value.dtype, shape: value.shape }]
  if (typeof value_float === 'number') return [{ dtype: 'f32', shape: [] }]
  if (typeof value_int === 'number') return [{ dtype: 'i64', shape: [] }]
  if (Array.isArray(value_floats)) return [{ dtype: 'f32', shape: [value_floats.length] }]
  if (Array.isArray(value_ints)) return [{ dtype: 'i64', shape: [value_ints.length] }]
  return c.fail(say`it has no value`)
}

function constantDims(c: InferContext): readonly Dim[] | null {
  const { value, value_int, value_ints } = c.node.attrs
  if (typeof value_int === 'number') return [value_int]
  if (Array.isArray(value_ints)) return value_ints as readonly number[]
  return value !== undefined && isTensor(value) ? readNumbers(value) : null
}

function fill(c: InferContext): { dtype: DType; element: number } {
  const value = c.node.attrs.value
  if (value === undefined || !isTensor(value)) return { dtype: 'f32', element: 0 }
  return { dtype: value.dtype, element: readNumbers(value)[0] ?? 0 }
}

function inferFill(c: InferContext): readonly OutputType[] {
  const shape = c.dims(0)
  const rank = c.shape(0)?.[0]
  const unknown = typeof rank === 'number' && rank <= 16 ? Array.from({ length: rank }, (_, i) => freshDim(c, i)) : null
  if (shape?.some((dim) => isKnown(dim) && !(dim >= 0))) c.fail(say`the shape [${shape}] has a negative size`)
  return [{ dtype: fill(c).dtype, shape: shape ?? unknown }]
}

export const constantOps = [
  defineOp('Constant', { infer: inferConstant, dims: constantDims }),
  defineOp('ConstantOfShape', {
    infer: inferFill,
    dims: (c, [y]) => (y?.shape ? new Array<Dim>(staticProduct(y.shape)).fill(fill(c).element) : null),
  }),
]
