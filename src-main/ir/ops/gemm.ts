import { say } from '../../base/note.ts'
import { attrNumber, type Shape } from '../graph.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { broadcast } from './broadcast.ts'
import { needEqual, needRank, staticProduct, typeOf } from './dims.ts'

/** The matrix of input i as the product sees it. */
function matrix(c: InferContext, i: number, transposed: string): Shape | null {
  const shape = c.shape(i)
  if (!shape) return null
  needRank(c, shape, 2, 2)
  return attrNumber(c.node, transposed, 0) ? [shape[1]!, shape[0]!] : shape
}

function infer(c: InferContext): readonly OutputType[] {
  const { dtype } = typeOf(c, 0)
  const [a, b] = [matrix(c, 0, 'transA'), matrix(c, 1, 'transB')]
  if (!a || !b) return [{ dtype, shape: null }]
  needEqual(c, b[0], a[1], say`the number of rows of the second matrix`)
  const shape = [a[0]!, b[1]!]
  const bias = c.input(2)?.shape
  if (bias) checkBias(c, shape, bias)
  return [{ dtype, shape }]
}

function checkBias(c: InferContext, shape: Shape, bias: Shape) {
  const sum = broadcast(c, [shape, bias])
  if (
    sum?.length !== 2 ||
    sum.some((dim, i) => typeof dim === 'number' && typeof shape[i] === 'number' && dim !== shape[i])
  )
    c.fail(say`a bias of shape [${bias}] does not fit a product of shape [${shape}]`)
}

function macs(c: InferContext, [y]: readonly OutputType[]): number {
  const a = matrix(c, 0, 'transA')
  return a && y?.shape ? staticProduct(y.shape) * staticProduct([a[1]!]) : 0
}

export const gemm = defineOp('Gemm', { infer, macs })
