// What one inference takes, before anything ran: a sum over operators from the cost model (cost-model/), refined by profiles
// of the device where there are any. Every figure from here is labelled 'estimated' and comes with the model's own error;
// measured and simulated ones replace it as soon as there are any.
import { coreClass, countOf, cyclesPerCount } from './cost-model/cost-model.ts'
import { featuresOf } from './cost-model/features.ts'
import type { Refinement } from './cost-model/refine.ts'
import { directInstructionsPerMac, instructionsPerElement } from './packer/decode-costs.ts'
import { weightStatistics } from './packer/statistics.ts'
import { isWeighted, type Plan, type PlanOp } from './plan.ts'

export interface EstimatedOp {
  readonly node: string
  readonly op: string
  readonly kernel: PlanOp['kind']
  readonly macs: number
  readonly cycles: number
}

/** How good an estimate is. */
export interface CostBasis {
  /** Class of cores whose profiles it rests on. */
  readonly coreClass: string
  /** false: no core of this kind was profiled, and the nearest class stands for it; its errors say nothing of this core. */
  readonly isExact: boolean
  /** What was counted; instructions are taken to last `cyclesPerInstruction` each. */
  readonly counter: 'cycles' | 'instructions'
  readonly cyclesPerInstruction: number
  /** Absolute error on whole models that the fit has not seen, in percent. */
  readonly medianPercent: number
  readonly worstPercent: number
  /** Models left out one by one to find the errors. */
  readonly models: number
  /** Profiles of this device in the workspace that refined it. */
  readonly profiles: number
}

export interface CostEstimate {
  readonly kind: 'estimated'
  readonly cycles: number
  /** null when the clock is not known. */
  readonly latencyUs: number | null
  readonly operators: readonly EstimatedOp[]
  readonly basis: CostBasis
}

export interface CostOptions {
  /** From profiles of this device. */
  readonly refinement?: Refinement | null
  /** Ways to the device, where it may be one that was profiled for the model. */
  readonly links?: readonly string[]
}

export function estimateCost(
  plan: Plan,
  core: string,
  clockHz: number | null,
  options: CostOptions = {},
): CostEstimate {
  const chosen = coreClass(core, options.links)
  const { refinement } = options
  const factorOf = (kernel: string) => refinement?.factors[kernel] ?? refinement?.overall ?? 1
  const operators = plan.ops.map((op) => {
    const plain = countOf(chosen.kernels, op.kind, featuresOf(plan, op)) * cyclesPerCount(chosen)
    const coded = codedInstructions(plan, op, core) * chosen.cyclesPerInstruction
    const cycles = Math.round((plain + coded) * factorOf(op.kind))
    return { node: op.node, op: op.op, kernel: op.kind, macs: op.macs, cycles }
  })
  const besides = (chosen.perInference + chosen.perOperator * plan.ops.length) * cyclesPerCount(chosen)
  const cycles = Math.round(operators.reduce((sum, op) => sum + op.cycles, besides))
  const error = refinement?.error ?? { ...chosen.error, models: chosen.error.models.length }
  return {
    kind: 'estimated',
    cycles,
    latencyUs: clockHz ? (cycles / clockHz) * 1e6 : null,
    operators,
    basis: {
      coreClass: chosen.name,
      counter: chosen.counter,
      cyclesPerInstruction: chosen.cyclesPerInstruction,
      isExact: chosen.isExact || (refinement?.profiles ?? 0) > 0,
      medianPercent: error.medianPercent,
      worstPercent: error.worstPercent,
      models: error.models,
      profiles: refinement?.profiles ?? 0,
    },
  }
}

/** Instructions that coded weights take more than plain int8. */
function codedInstructions(plan: Plan, op: PlanOp, core: string): number {
  if (!isWeighted(op)) return 0
  const { place } = plan.tensors[op.weights]!
  const storage = place.kind === 'constant' ? place.storage : undefined
  if (place.kind !== 'constant' || !storage || !(place.data instanceof Int8Array) || storage.mode === 'resident')
    return 0
  const statistics = weightStatistics(place.data)
  if (storage.mode === 'streamed') return place.data.length * instructionsPerElement(storage.codec, core, statistics)
  const int8 = directInstructionsPerMac('int8', core, statistics)
  return op.macs * (directInstructionsPerMac(storage.codec, core, statistics) - int8)
}
