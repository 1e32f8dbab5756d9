import { say } from '../../base/note.ts'
import { attrNumber, type Dim, type Shape } from '../graph.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { axisOf, isKnown, needEqual, typeOf } from './dims.ts'

function infer(c: InferContext): readonly OutputType[] {
  const types = c.node.inputs.map((_, i) => typeOf(c, i))
  const dtype = types[0]?.dtype ?? c.fail(say`there are no inputs`)
  const shapes = types.map((type) => type.shape)
  if (!shapes.every((shape) => shape !== null)) return [{ dtype, shape: null }]
  const first = shapes[0]!
  const axis = axisOf(c, attrNumber(c.node, 'axis', 1), first.length)
  shapes.forEach((shape, i) => {
    if (shape.length !== first.length) c.fail(say`input ${i} has shape [${shape}], input 0 has [${first}]`)
    for (const [d, dim] of shape.entries())
      if (d !== axis) needEqual(c, dim, first[d], say`dimension ${d} of input ${i}`)
  })
  return [{ dtype, shape: first.map((dim, d) => (d === axis ? sum(shapes, axis) : known(shapes, d, dim))) }]
}

function sum(shapes: readonly Shape[], axis: number): Dim {
  const sizes = shapes.map((shape) => shape[axis]!)
  return sizes.every(isKnown) ? sizes.reduce((a, b) => a + b, 0) : sizes.join('+')
}

/** One known size settles the others. */
const known = (shapes: readonly Shape[], d: number, fallback: Dim): Dim =>
  shapes.map((shape) => shape[d]!).find(isKnown) ?? fallback

function dims(c: InferContext, [y]: readonly OutputType[]): readonly Dim[] | null {
  const parts = c.node.inputs.map((_, i) => c.dims(i))
  return y?.shape?.length === 1 && parts.every((part) => part !== null) ? parts.flat() : null
}

export const concat = defineOp('Concat', { infer, dims })
