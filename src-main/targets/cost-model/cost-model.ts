// Cycles of an operator before it ran: what its kernel's loops cost on a class of core, times how often they turn. The costs
// are fitted to profiles of emulated devices (resources/cost-model.json, made by test/bench/cost-model.ts --write).
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Plan } from '../plan.ts'
import { type Features, featuresOf } from './features.ts'

/** One operator that ran: what it was made to do, and what that took in the unit of its class. */
export interface OperatorSample {
  /** Kind of the plan's operator. */
  readonly kernel: string
  readonly features: Features
  readonly cycles: number
}

const percent = z.number().nonnegative()

const errorSchema = z.strictObject({
  /** Absolute error of whole models that were left out of the fit, in percent of what was counted. */
  medianPercent: percent,
  worstPercent: percent,
  /** Of operators of such models, in percent of the operator. */
  operatorMedianPercent: percent,
  models: z.array(z.strictObject({ model: z.string(), counted: z.number(), estimated: z.number() })),
})
export type FitError = z.infer<typeof errorSchema>

const classSchema = z.strictObject({
  /** Cores that it speaks of as they are; for others it is the nearest that has been profiled. */
  cores: z.string(),
  counter: z.enum(['cycles', 'instructions']),
  /**
   * Of an instruction: as the emulated board assumes whose runs are to give the same, or, where cycles were counted, what the
   * same code took.
   */
  cyclesPerInstruction: z.number().positive(),
  /** Devices that were profiled, by the way to them, with the cycles of an instruction there. */
  devices: z.record(z.string(), z.number().positive()),
  samples: z.int(),
  kernels: z.record(z.string(), z.record(z.string(), z.number().nonnegative())),
  /** Between operators, for one inference of so many of them. */
  perInference: z.number().nonnegative(),
  perOperator: z.number().nonnegative(),
  error: errorSchema,
})
export type CoreClass = z.infer<typeof classSchema>

export const costModelSchema = z.strictObject({
  comment: z.string(),
  kind: z.literal('simulated'),
  source: z.string(),
  classes: z.record(z.string(), classSchema),
})
export type CostModel = z.infer<typeof costModelSchema>

let held: CostModel | undefined

/** The model that ships. */
export function costModel(): CostModel {
  const path = new URL('../../../resources/cost-model.json', import.meta.url)
  held ??= costModelSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  return held
}

export interface ChosenClass extends CoreClass {
  readonly name: string
  /** Whether a core of this kind has been profiled. */
  readonly isExact: boolean
}

/**
 * Of a core as profiles and devices name it. Cores without a wide multiplier are near the M0+, all others the M4.
 * @param links ways to the device, where it may be one that was profiled
 */
export function coreClass(core: string, links: readonly string[] = [], model: CostModel = costModel()): ChosenClass {
  const found = Object.entries(model.classes).find(([, { cores }]) => new RegExp(cores, 'i').test(core))
  if (found) {
    const [name, own] = found
    const known = links.map((link) => own.devices[link]).find((cycles) => cycles !== undefined)
    return { name, ...own, cyclesPerInstruction: known ?? own.cyclesPerInstruction, isExact: true }
  }
  const nearest = /m0|m1\b|m23/i.test(core) ? 'cortex-m0plus' : 'cortex-m4'
  return { name: nearest, ...model.classes[nearest]!, isExact: false }
}

/** In the unit of the class: cycles, or instructions where those were counted. */
export function countOf(kernels: CoreClass['kernels'], kernel: string, features: Features): number {
  const costs = kernels[kernel] ?? {}
  return Object.entries(features).reduce((sum, [name, times]) => sum + (costs[name] ?? 0) * times, 0)
}

/** Cycles of what the class counts. */
export const cyclesPerCount = ({ counter, cyclesPerInstruction }: CoreClass): number =>
  counter === 'cycles' ? 1 : cyclesPerInstruction

export const samplesOf = (plan: Plan, cycles: readonly number[]): OperatorSample[] =>
  plan.ops.map((op, i) => ({ kernel: op.kind, features: featuresOf(plan, op), cycles: cycles[i]! }))
