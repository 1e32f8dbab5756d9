import { readShoe } from '../formats/shoe/index.ts'
import { isWeighted, type Plan, type PlanOp, type TensorIndex } from '../targets/plan.ts'

/** What a session must know of a pack to talk about it. */
export interface PackShape {
  readonly inputBytes: readonly number[]
  readonly outputBytes: readonly number[]
  /** Multiply-accumulates of one inference, and what decoding weights takes in terms of them: how long a run may take. */
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
    macs: plan.ops.reduce((sum, op) => sum + op.macs + macsPerDecoded * streamedWeights(plan, op), 0),
    operators: plan.ops.length,
  }
}

/** The slowest decoder, the arithmetic coder on a Cortex-M0, takes about as long for one weight as so many of the slowest kernels. */
const macsPerDecoded = 25

function streamedWeights(plan: Plan, op: PlanOp): number {
  const place = isWeighted(op) ? plan.tensors[op.weights]!.place : null
  return place?.kind === 'constant' && place.storage?.mode === 'streamed' ? place.data.length : 0
}

/** Of the tensor that an operator writes. */
export function opOutputBytes(plan: Plan, op: number): number {
  return tensorBytes(plan, plan.ops[op]!.output)
}

function tensorBytes(plan: Plan, index: TensorIndex): number {
  const tensor = plan.tensors[index]!
  return tensor.shape.reduce((product, dim) => product * dim, tensor.dtype === 'i32' ? 4 : 1)
}
