import { readShoe } from '../formats/shoe/index.ts'
import type { Plan, PlanPort } from '../targets/plan.ts'

/** What a session must know of a pack to talk about it. */
export interface PackShape {
  readonly inputBytes: readonly number[]
  readonly outputBytes: readonly number[]
  /** Multiply-accumulates of one inference. */
  readonly macs: number
  readonly operators: number
}

export function packShape(pack: Uint8Array): PackShape {
  return planShape(readShoe(pack).plan)
}

export function planShape(plan: Plan): PackShape {
  return {
    inputBytes: plan.inputs.map((port) => portBytes(plan, port)),
    outputBytes: plan.outputs.map((port) => portBytes(plan, port)),
    macs: plan.ops.reduce((sum, op) => sum + op.macs, 0),
    operators: plan.ops.length,
  }
}

function portBytes(plan: Plan, port: PlanPort): number {
  const tensor = plan.tensors[port.tensor]!
  return tensor.shape.reduce((product, dim) => product * dim, tensor.dtype === 'i32' ? 4 : 1)
}
