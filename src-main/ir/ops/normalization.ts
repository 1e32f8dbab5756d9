import { say } from '../../base/note.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { needEqual, needRank, typeOf } from './dims.ts'

const parameters = [say`the scale`, say`the bias`, say`the mean`, say`the variance`]

/** Each parameter has one entry a channel; further outputs (training) repeat the statistics. */
const perChannel =
  (count: number) =>
  (c: InferContext): readonly OutputType[] => {
    const { dtype, shape } = typeOf(c, 0)
    if (!shape) return [{ dtype, shape }]
    needRank(c, shape, 2)
    for (let i = 1; i <= count; i++) needEqual(c, c.shape(i)?.[0], shape[1], say`the length of ${parameters[i - 1]}`)
    const statistics = c.node.outputs.slice(1).map(() => ({ dtype, shape: [shape[1]!] }))
    return [{ dtype, shape }, ...statistics]
  }

export const normalizationOps = [
  defineOp('BatchNormalization', { infer: perChannel(4) }),
  defineOp('InstanceNormalization', { infer: perChannel(2) }),
]
