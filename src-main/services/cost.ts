// Profiles of devices: what a run leaves for the cost model, and what of it an estimate is given.
import type { RunReport } from '../contract/report.ts'
import type { DeviceProfileRecord } from '../store/analyses.ts'
import { coreClass } from '../targets/cost-model/cost-model.ts'
import { featuresOf } from '../targets/cost-model/features.ts'
import { type Refinement, refine } from '../targets/cost-model/refine.ts'
import { deviceProfiles as catalogue } from '../targets/device-profile.ts'
import { isWeighted, type Plan, type PlanOp } from '../targets/plan.ts'
import type { DeviceProfileInput } from './analysis/execute.ts'

/** Where profiles are kept: the store, or what was read of it for another thread. */
export interface ProfileSource {
  readonly profiles: { ofDevice(device: string): readonly DeviceProfileRecord[] }
}

/** @param report whose operators are the plan's, in order; `device` of the catalogue */
export function profileRecord(report: RunReport, plan: Plan, device: string): DeviceProfileRecord {
  const { latency } = report
  const perCount = latency.cyclesPerInstruction ?? 1
  return {
    device,
    kind: latency.kind,
    modelSha256: report.model.sha256,
    packSha256: report.pack.sha256,
    isPlain: plan.ops.every((op) => isPlain(plan, op)),
    operators: plan.ops.map((op, i) => ({
      node: op.node,
      kernel: op.kind,
      features: { ...featuresOf(plan, op) },
      cycles: report.operators[i]!.cycles * perCount,
    })),
  }
}

function isPlain(plan: Plan, op: PlanOp): boolean {
  const place = isWeighted(op) ? plan.tensors[op.weights]!.place : null
  return place?.kind !== 'constant' || place.storage === undefined
}

/** Of a device of the catalogue, newest first. Times of coded weights tell nothing of the kernels. */
export function deviceProfiles(store: ProfileSource, device: string): DeviceProfileInput[] {
  return store.profiles.ofDevice(device).flatMap((profile) => {
    const { kind, operators } = profile
    if (!profile.isPlain || kind === 'estimated') return []
    return [
      {
        ...{ packSha256: profile.packSha256, model: profile.modelSha256, modelSha256: profile.modelSha256, kind },
        isPlain: true,
        nodes: operators.map(({ node }) => node),
        operators: operators.map(({ kernel, features, cycles }) => ({ kernel, features, cycles })),
      },
    ]
  })
}

/** Ways to a device of the catalogue. */
export const linksOf = (device: string): readonly string[] =>
  catalogue().find(({ id }) => id === device)?.links ?? [device]

export const refinementOf = (store: ProfileSource, device: string, core: string): Refinement | null =>
  refine(coreClass(core, linksOf(device)), deviceProfiles(store, device))
