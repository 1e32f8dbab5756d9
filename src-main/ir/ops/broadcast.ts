import { say } from '../../base/note.ts'
import type { Dim, Shape } from '../graph.ts'
import type { InferContext } from '../op.ts'
import { isKnown } from './dims.ts'

/** NumPy broadcasting; null when one of the shapes is unknown. Two different symbols are taken to be equal. */
export function broadcast(c: InferContext, shapes: readonly (Shape | null)[]): Shape | null {
  let result: Shape = []
  for (const shape of shapes) {
    if (!shape) return null
    result = broadcastTwo(c, result, shape)
  }
  return result
}

function broadcastTwo(c: InferContext, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - (rank - a.length)] ?? 1
    const y = b[i - (rank - b.length)] ?? 1
    return broadcastDim(x, y) ?? c.fail(say`shapes [${a}] and [${b}] do not broadcast`)
  })
}

function broadcastDim(x: Dim, y: Dim): Dim | null {
  if (x === y || y === 1) return x
  if (x === 1) return y
  if (isKnown(x) && isKnown(y)) return null
  return isKnown(x) ? x : isKnown(y) ? y : x
}
