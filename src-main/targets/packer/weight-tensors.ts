// The weight tensors of a plan, as codecs see them: rows are output channels, in the order in which the runtime decodes them.
import type { IntTensor } from '../../codecs/codec.ts'
import type { Plan, PlanOp, TensorIndex } from '../plan.ts'

export interface WeightTensor {
  readonly index: TensorIndex
  readonly name: string
  readonly shape: readonly number[]
  /** Operators that read it; one, nearly always. */
  readonly ops: readonly number[]
  readonly tensor: IntTensor
}

type Weighted = Extract<PlanOp, { readonly weights: TensorIndex }>

export function hasWeights(op: PlanOp): op is Weighted {
  return 'weights' in op
}

/** In the order of the operators that read them. */
export function weightTensors(plan: Plan): WeightTensor[] {
  const found = new Map<TensorIndex, WeightTensor>()
  plan.ops.forEach((op, at) => {
    if (!hasWeights(op)) return
    const known = found.get(op.weights)
    const tensor = known?.tensor ?? coded(plan, op)
    if (!tensor) return
    const { name, shape } = plan.tensors[op.weights]!
    found.set(op.weights, { index: op.weights, name, shape, tensor, ops: [...(known?.ops ?? []), at] })
  })
  return [...found.values()]
}

/** null for weights that are computed at run time. */
function coded(plan: Plan, op: Weighted): IntTensor | null {
  const { place, shape } = plan.tensors[op.weights]!
  if (place.kind !== 'constant' || !(place.data instanceof Int8Array)) return null
  if (op.kind === 'depthwiseConv2d') return channelMajor(place.data, shape.at(-1)!)
  const inner = shape.at(-1)!
  const rows = op.kind === 'fullyConnected' ? place.data.length / inner : shape[0]!
  return { data: place.data, rows, rowElements: place.data.length / rows, inner }
}

/** [taps, channels] to [channels, taps]: the filters of a depthwise convolution one after the other. */
function channelMajor(data: Int8Array, channels: number): IntTensor {
  const taps = data.length / channels
  const filters = new Int8Array(data.length)
  for (let tap = 0; tap < taps; tap++)
    for (let c = 0; c < channels; c++) filters[c * taps + tap] = data[tap * channels + c]!
  return { data: filters, rows: channels, rowElements: taps, inner: taps }
}
