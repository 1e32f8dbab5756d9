// What a pack may take on a device, as far as it is known before the device is opened: its memories and the budgets.
import type { Budgets } from '../../contract/report.ts'
import type { PackTarget } from '../../targets/packer/situation.ts'
import { agentCodeBytes } from '../agent-images.ts'
import type { DeviceSummary } from '../devices.ts'

/** Without a device: the smallest class of core, and no limits. */
export const anyDevice: PackTarget = {
  core: 'Cortex-M0',
  clockHz: null,
  flashBytes: null,
  ramBytes: null,
  latencyMs: null,
}

/** Budgets are for everything on the device, what the agent takes of them is subtracted. */
export function packTarget(device: DeviceSummary, budgets: Budgets): PackTarget {
  const { limits, core, clockHz, agent, ramBytes } = device
  const code = agentCodeBytes(agent) ?? 0
  const agentRam = ramBytes !== null && limits.ramBytes !== null ? ramBytes - limits.ramBytes : 0
  return {
    core,
    clockHz,
    flashBytes: least(limits.flashBytes, less(budgets.flashBytes, code)),
    ramBytes: least(limits.ramBytes, less(budgets.ramBytes, agentRam)),
    latencyMs: budgets.latencyMs ?? null,
  }
}

const less = (budget: number | undefined, taken: number) => (budget === undefined ? null : Math.max(0, budget - taken))

const least = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.min(a, b))
