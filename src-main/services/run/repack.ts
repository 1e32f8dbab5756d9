// A pack again, with its weights stored otherwise. Plan, origin and every integer stay what they are.
import { writeShoe } from '../../formats/shoe/index.ts'
import { packWeights } from '../../targets/packer/pack-weights.ts'
import type { EncodingGoal, PackTarget } from '../../targets/packer/situation.ts'
import { opInputs, type Plan, type PlanOp, type PlanTensor } from '../../targets/plan.ts'
import type { OpenedPack } from '../packs.ts'

export interface RepackOptions {
  readonly goal: EncodingGoal
  readonly target: PackTarget
  readonly signal: AbortSignal
}

export function repack(opened: OpenedPack, options: RepackOptions): OpenedPack {
  const { origin } = opened
  const packBytes = (plan: Plan) => writeShoe(plan, origin).length
  const { plan, decisions } = packWeights(withPlainWeights(opened.plan), { ...options, packBytes })
  return { ...opened, plan, pack: writeShoe(plan, origin), encoding: decisions }
}

/** All weights as plain int8, without scratch; memory is to be planned again. */
export function withPlainWeights(plan: Plan): Plan {
  const ops = plan.ops.map((op): PlanOp => ('scratch' in op ? { ...op, scratch: undefined } : op))
  const ports = [...plan.inputs, ...plan.outputs].map(({ tensor }) => tensor)
  const used = new Set([...ports, ...ops.flatMap((op) => [...opInputs(op), op.output])])
  // Scratch tensors are the last ones, so no index changes.
  const end = plan.tensors.findLastIndex((_, index) => used.has(index)) + 1
  return { ...plan, ops, tensors: plan.tensors.slice(0, end).map(plainTensor), arenaBytes: 0 }
}

function plainTensor(tensor: PlanTensor): PlanTensor {
  const { place } = tensor
  if (place.kind === 'arena') return { ...tensor, place: { ...place, offset: -1 } }
  return { ...tensor, place: { kind: 'constant', data: place.data } }
}
