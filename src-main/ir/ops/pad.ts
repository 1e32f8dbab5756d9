import { say } from '../../base/note.ts'
import { attrNumbers, attrString } from '../graph.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { axesOf, freshDim, isKnown, knownNumbers, typeOf } from './dims.ts'

function infer(c: InferContext): readonly OutputType[] {
  const { dtype, shape } = typeOf(c, 0)
  const pads = attrNumbers(c.node, 'pads') ?? (c.input(1) ? knownNumbers(c, 1) : c.fail(say`pads are missing`))
  const chosen = c.input(3) ? knownNumbers(c, 3) : undefined
  if (!shape || !pads || chosen === null) return [{ dtype, shape: shape ? shape.map((_, i) => freshDim(c, i)) : null }]
  const mode = attrString(c.node, 'mode', 'constant')
  if (!['constant', 'reflect', 'edge', 'wrap'].includes(mode)) c.fail(say`mode ${mode} is not known`)
  const axes = axesOf(c, chosen ?? shape.map((_, i) => i), shape.length)
  if (pads.length !== 2 * axes.length) c.fail(say`pads [${pads}] must have ${2 * axes.length} entries`)
  return [
    {
      dtype,
      shape: shape.map((dim, d) => {
        const at = axes.indexOf(d)
        const extra = at < 0 ? 0 : pads[at]! + pads[at + axes.length]!
        if (extra === 0) return dim
        if (!isKnown(dim)) return freshDim(c, d)
        return dim + extra >= 0
          ? dim + extra
          : c.fail(say`pads [${pads}] leave nothing of dimension ${d} of [${shape}]`)
      }),
    },
  ]
}

export const pad = defineOp('Pad', { infer })
