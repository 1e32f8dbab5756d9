import { readShoe } from '../formats/shoe/index.ts'
import type { Plan, TensorIndex } from '../targets/plan.ts'

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
    inputBytes: plan.inputs.map((port) => tensorBytes(plan, port.tensor)),
    outputBytes: plan.outputs.map((port) => tensorBytes(plan, port.tensor)),
    macs: plan.ops.reduce((sum, op) => sum + op.macs, 0),
    operators: plan.ops.length,
  }
}

/** Of the tensor that an operator writes. */
export function opOutputBytes(plan: Plan, op: number): number {
  return tensorBytes(plan, plan.ops[op]!.output)
}

function tensorBytes(plan: Plan, index: TensorIndex): number {
  const tensor = plan.tensors[index]!
  return tensor.shape.reduce((product, dim) => product * dim, tensor.dtype === 'i32' ? 4 : 1)
}
