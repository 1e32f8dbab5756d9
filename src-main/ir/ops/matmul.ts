import { say } from '../../base/note.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { broadcast } from './broadcast.ts'
import { needEqual, needRank, staticProduct, typeOf } from './dims.ts'

/** numpy.matmul: vectors become matrices and lose the added dimension again. */
function infer(c: InferContext): readonly OutputType[] {
  const { dtype, shape: a } = typeOf(c, 0)
  const b = c.shape(1)
  if (!a || !b) return [{ dtype, shape: null }]
  needRank(c, a, 1)
  needRank(c, b, 1)
  needEqual(c, b[Math.max(0, b.length - 2)], a.at(-1), say`the number of rows of the second matrix`)
  const batch = broadcast(c, [a.slice(0, -2), b.slice(0, -2)])
  if (!batch) return [{ dtype, shape: null }]
  const rows = a.length > 1 ? [a.at(-2)!] : []
  const columns = b.length > 1 ? [b.at(-1)!] : []
  return [{ dtype, shape: [...batch, ...rows, ...columns] }]
}

function macs(c: InferContext, [y]: readonly OutputType[]): number {
  const a = c.shape(0)
  return a && y?.shape ? staticProduct(y.shape) * staticProduct(a.slice(-1)) : 0
}

export const matMul = defineOp('MatMul', { infer, macs })
