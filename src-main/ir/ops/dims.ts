// Arithmetic of sizes that may be symbolic.
import { type Note, say } from '../../base/note.ts'
import type { Dim, Shape } from '../graph.ts'
import type { InferContext } from '../op.ts'

export const isKnown = (dim: Dim): dim is number => typeof dim === 'number'

export const isStatic = (shape: Shape | null): shape is readonly number[] => shape?.every(isKnown) ?? false

/** A symbol for a size that cannot be computed, the same at every inference. */
export const freshDim = (c: InferContext, index: number): string => `${c.node.name}.${index}`

/** Product with symbols counted as 1. */
export const staticProduct = (shape: Shape) => shape.reduce<number>((p, d) => (isKnown(d) ? p * d : p), 1)

/** Product of sizes; symbols are joined with `*`. */
export function productDim(dims: Shape): Dim {
  const symbols = dims.filter((dim) => !isKnown(dim))
  const known = staticProduct(dims)
  if (known === 0 || symbols.length === 0) return known
  return known === 1 ? symbols.join('*') : [...symbols, known].join('*')
}

export function axisOf(c: InferContext, axis: number, rank: number, name = 'axis'): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    c.fail(say`${name} ${axis} is outside a tensor of rank ${rank}`)
  return axis < 0 ? axis + rank : axis
}

export function axesOf(c: InferContext, axes: readonly number[], rank: number): readonly number[] {
  const normal = axes.map((axis) => axisOf(c, axis, rank, 'axes'))
  if (new Set(normal).size !== normal.length) c.fail(`axes [${axes}] repeat`)
  return normal
}

/** Numbers of an input that must be known: null when it is not (yet) known, dims otherwise. */
export function knownNumbers(c: InferContext, i: number): readonly number[] | null {
  const dims = c.dims(i)
  return dims?.every(isKnown) ? dims : null
}

/** Numbers from an attribute (older opsets) or, when it is absent, from input i; undefined when neither is given. */
export function attrOrInput(c: InferContext, attr: string, i: number): readonly number[] | null | undefined {
  const value = c.node.attrs[attr]
  if (Array.isArray(value)) return value as readonly number[]
  if (typeof value === 'number') return [value]
  return c.input(i) ? knownNumbers(c, i) : undefined
}

/** Type and shape of input i, which must be there. */
export function typeOf(c: InferContext, i: number) {
  const value = c.input(i)
  return value ? { dtype: value.dtype, shape: value.shape } : c.fail(say`input ${i} is missing`)
}

export function needRank(c: InferContext, shape: Shape, least: number, most = Number.POSITIVE_INFINITY) {
  if (shape.length >= least && shape.length <= most) return
  const wanted =
    least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? say`at least ${least}` : say`${least} to ${most}`
  c.fail(say`input of shape [${shape}] must have rank ${wanted}`)
}

/** Sizes that must be equal; symbols are taken to be. */
export function needEqual(c: InferContext, found: Dim | undefined, expected: Dim | undefined, what: Note) {
  if (typeof found === 'number' && typeof expected === 'number' && found !== expected)
    c.fail(say`${what} is ${found}, expected ${expected}`)
}

/** Elements of a tensor of shape `to`, each taken from `dims` (of shape `from`) at the index that `source` gives for it. */
export function pickDims(
  dims: readonly Dim[],
  from: readonly number[],
  to: readonly number[],
  source: (index: readonly number[]) => readonly number[],
): readonly Dim[] {
  const index = to.map(() => 0)
  const count = staticProduct(to)
  return Array.from({ length: count }, () => {
    const element = dims[source(index).reduce((at, i, d) => at * from[d]! + i, 0)]!
    for (let d = to.length - 1; d >= 0 && ++index[d]! === to[d]; d--) index[d] = 0
    return element
  })
}
