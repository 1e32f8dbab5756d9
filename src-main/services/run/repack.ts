// A pack again, with its weights stored otherwise. Plan, origin and every integer stay what they are.
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import { writeShoe } from '../../formats/shoe/index.ts'
import { tensorBytes } from '../../targets/memory-plan.ts'
import { packWeights } from '../../targets/packer/pack-weights.ts'
import type { EncodingGoal, PackTarget } from '../../targets/packer/situation.ts'
import { opInputs, type Plan, type PlanOp, type PlanTensor, type TensorIndex } from '../../targets/plan.ts'
import type { OpenedPack } from '../packs.ts'

export interface RepackOptions {
  readonly goal: EncodingGoal
  readonly target: PackTarget
  readonly signal: AbortSignal
}

export function repack(opened: OpenedPack, options: RepackOptions): OpenedPack {
  const { origin } = opened
  const packBytes = (plan: Plan) => writeShoe(plan, origin).length
  const { plan, decisions } = packWeights(withPlainWeights(withViews(opened.plan)), { ...options, packBytes })
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

/**
 * A pack says where a tensor lies, not whose view it is. What is read and never written is a view of what was last written
 * at the same place; memory can only be planned anew when that is known.
 */
export function withViews(plan: Plan): Plan {
  const offsetOf = (index: TensorIndex) => {
    const { place } = plan.tensors[index]!
    return place.kind === 'arena' ? place.offset : null
  }
  const written = new Set([...plan.inputs.map(({ tensor }) => tensor), ...plan.ops.map(({ output }) => output)])
  /** By offset, the tensor that was written there last. */
  const latest = new Map<number, TensorIndex>()
  const aliasOf = new Map<TensorIndex, TensorIndex>()
  const write = (index: TensorIndex) => latest.set(offsetOf(index)!, index)
  const read = (index: TensorIndex) => {
    const offset = offsetOf(index)
    if (offset === null || written.has(index) || aliasOf.has(index)) return
    const root = latest.get(offset)
    if (root === undefined || tensorBytes(plan, root) !== tensorBytes(plan, index))
      throw new AppError('pack.malformed', { name: say`The file`, problem: say`nothing makes tensor ${index}` })
    aliasOf.set(index, root)
  }
  for (const { tensor } of plan.inputs) write(tensor)
  for (const op of plan.ops) {
    for (const index of opInputs(op)) read(index)
    write(op.output)
  }
  for (const { tensor } of plan.outputs) read(tensor)
  return { ...plan, tensors: plan.tensors.map((tensor, index) => withAlias(tensor, aliasOf.get(index))) }
}

function withAlias(tensor: PlanTensor, root: TensorIndex | undefined): PlanTensor {
  if (root === undefined || tensor.place.kind !== 'arena') return tensor
  return { ...tensor, place: { ...tensor.place, aliasOf: root } }
}
