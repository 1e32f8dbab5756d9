import { say } from '../../base/note.ts'
import { attrNumber } from '../graph.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { isKnown, needEqual, needRank, staticProduct, typeOf } from './dims.ts'
import { windowOf, windowOutput } from './window.ts'

function infer(c: InferContext): readonly OutputType[] {
  const { dtype, shape: x } = typeOf(c, 0)
  const w = c.shape(1)
  if (!x || !w) return [{ dtype, shape: null }]
  needRank(c, x, 3)
  if (w.length !== x.length) c.fail(say`weights of shape [${w}] do not fit an input of shape [${x}]`)
  const group = attrNumber(c.node, 'group', 1)
  const [channels, filters] = [x[1]!, w[0]!]
  if (isKnown(channels) && isKnown(w[1]!) && channels !== w[1] * group)
    c.fail(say`the input has ${channels} channels, the weights [${w}] with group ${group} take ${w[1] * group}`)
  if (group < 1 || (isKnown(filters) && filters % group !== 0))
    c.fail(say`${filters} filters do not divide into ${group} groups`)
  if (c.input(2)) needEqual(c, c.shape(2)?.[0], filters, say`the length of the bias`)
  const window = windowOf(c, x.length - 2, w.slice(2))
  return [{ dtype, shape: [x[0]!, filters, ...windowOutput(c, x.slice(2), window)] }]
}

/** Each output element takes kernel size times input channels of its group. */
function macs(c: InferContext, [y]: readonly OutputType[]): number {
  const w = c.shape(1)
  return w && y?.shape ? staticProduct(y.shape) * staticProduct(w.slice(1)) : 0
}

export const conv = defineOp('Conv', { infer, macs })
