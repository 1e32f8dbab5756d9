import { say } from '../../base/note.ts'
import { attrNumber, attrNumbers, type Dim } from '../graph.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { freshDim, isKnown, needEqual, needRank, staticProduct, typeOf } from './dims.ts'
import { type Window, windowOf } from './window.ts'

function infer(c: InferContext): readonly OutputType[] {
  const { dtype, shape: x } = typeOf(c, 0)
  const w = c.shape(1)
  if (!x || !w) return [{ dtype, shape: null }]
  needRank(c, x, 3)
  if (w.length !== x.length) c.fail(say`weights of shape [${w}] do not fit an input of shape [${x}]`)
  needEqual(c, x[1], w[0], say`the number of input channels`)
  const group = attrNumber(c.node, 'group', 1)
  const filters = isKnown(w[1]!) ? w[1] * group : freshDim(c, 1)
  if (c.input(2)) needEqual(c, c.shape(2)?.[0], filters, say`the length of the bias`)
  return [{ dtype, shape: [x[0]!, filters, ...outputSizes(c, x.slice(2), windowOf(c, x.length - 2, w.slice(2)))] }]
}

function outputSizes(c: InferContext, sizes: readonly Dim[], window: Window): readonly Dim[] {
  const given = attrNumbers(c.node, 'output_shape')
  // Some exporters write the whole shape, batch and channels included.
  if (given && given.length >= sizes.length) return given.slice(given.length - sizes.length)
  const extra = attrNumbers(c.node, 'output_padding') ?? []
  return sizes.map((size, i) => {
    const kernel = window.kernel[i]!
    if (!isKnown(size) || !isKnown(kernel)) return freshDim(c, i + 2)
    const stride = window.strides[i]!
    if (window.autoPad.startsWith('SAME')) return size * stride
    const extent = (kernel - 1) * window.dilations[i]! + 1
    const padding = window.autoPad === 'VALID' ? 0 : window.pads[i]! + window.pads[i + sizes.length]!
    const out = stride * (size - 1) + (extra[i] ?? 0) + extent - padding
    return out > 0 ? out : c.fail(say`the padding leaves nothing of dimension ${i + 2}`)
  })
}

/** Each input element meets kernel size times output channels of its group. */
function macs(c: InferContext): number {
  const [x, w] = [c.shape(0), c.shape(1)]
  return x && w ? staticProduct(x) * staticProduct(w.slice(1)) : 0
}

export const convTranspose = defineOp('ConvTranspose', { infer, macs })
