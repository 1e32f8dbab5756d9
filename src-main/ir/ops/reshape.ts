import { say } from '../../base/note.ts'
import { attrNumber, type Dim, type Shape } from '../graph.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { freshDim, isKnown, productDim, staticProduct, typeOf } from './dims.ts'

function infer(c: InferContext): readonly OutputType[] {
  const { dtype, shape } = typeOf(c, 0)
  const target = c.dims(1)
  if (target) return [{ dtype, shape: reshape(c, shape, target) }]
  const rank = c.shape(1)?.[0]
  // The rank is known even where the sizes are not.
  const unknown = typeof rank === 'number' && rank <= 16 ? Array.from({ length: rank }, (_, i) => freshDim(c, i)) : null
  return [{ dtype, shape: unknown }]
}

function reshape(c: InferContext, from: Shape | null, target: readonly Dim[]): Shape | null {
  const zero = attrNumber(c.node, 'allowzero', 0) === 0
  const copied = target.map((dim, i) => (dim === 0 && zero ? (from ? from[i] : freshDim(c, i)) : dim))
  if (copied.some((dim) => dim === undefined)) c.fail(say`0 in the target [${target}] has no size to copy in [${from}]`)
  const sizes = copied as readonly Dim[]
  if (sizes.some((dim) => isKnown(dim) && (dim < -1 || !Number.isInteger(dim))))
    c.fail(say`the target [${target}] has a negative size`)
  const free = sizes.indexOf(-1)
  if (free !== sizes.lastIndexOf(-1)) c.fail(say`the target [${target}] leaves two sizes open`)
  const rest = sizes.filter((_, i) => i !== free)
  if (!from) return free < 0 ? sizes : sizes.with(free, freshDim(c, free))
  if (free >= 0) return sizes.with(free, openSize(c, from, rest, free))
  checkCount(c, from, sizes)
  return sizes
}

/** Size at -1: what is left of the input when the other sizes are divided out, symbols first. */
function openSize(c: InferContext, from: Shape, rest: Shape, index: number): Dim {
  const symbols = from.filter((dim) => !isKnown(dim))
  for (const dim of rest) {
    if (isKnown(dim)) continue
    const at = symbols.indexOf(dim)
    if (at < 0) return freshDim(c, index)
    symbols.splice(at, 1)
  }
  const [have, taken] = [staticProduct(from), staticProduct(rest)]
  if (taken === 0) return have === 0 ? 0 : c.fail(say`[${from}] cannot be reshaped to sizes with a 0`)
  if (have % taken === 0) return productDim([...symbols, have / taken])
  return symbols.length > 0
    ? `${productDim([...symbols, have])}/${taken}`
    : c.fail(say`[${from}] cannot be reshaped to [${rest}] and one more`)
}

function checkCount(c: InferContext, from: Shape, to: Shape) {
  if (from.every(isKnown) && to.every(isKnown) && staticProduct(from) !== staticProduct(to))
    c.fail(say`[${from}] cannot be reshaped to [${to}]`)
}

export const reshapeOp = defineOp('Reshape', { infer, dims: (c) => c.dims(0) })
