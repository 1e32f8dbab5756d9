// Whether a model as an int8 pack would fit a device, with all that a run would count: pack and code in flash; arena, inputs,
// stack and static RAM; and how long it would take, counted where the device has run the model already.
import { joined, type Note, say } from '../base/note.ts'
import type { Deployability } from '../contract/model.ts'
import { estimateCost } from '../targets/cost.ts'
import { checkPlaced, type FitReport, ramNeeded } from '../targets/fit.ts'
import type { Plan } from '../targets/plan.ts'
import { type AgentMemory, agentMemory } from './agent-memory.ts'
import { deviceProfiles, linksOf, type ProfileSource, refinementOf } from './cost.ts'
import type { DeviceSummary } from './devices.ts'

interface Packed {
  readonly plan: Plan
  readonly pack: Uint8Array
  readonly modelSha256: string
}

export function unknownDeployability(device: DeviceSummary, problem: Note | null): Deployability {
  return {
    ...{ device: device.id, name: device.name, fits: null, flashBytes: null, ramBytes: null, latencyMs: null },
    ...{ latencyKind: 'estimated', cost: null, flash: null, ram: null, problem },
  }
}

export function deployabilityOf(device: DeviceSummary, packed: Packed, store: ProfileSource): Deployability {
  const { plan, pack } = packed
  // The twin is this computer: it has neither an agent in flash nor a limit.
  const agent = device.kind === 'twin' ? null : agentMemory(device.agent, device.core)
  const fit = fitOf(device, packed, agent)
  const { packInRam } = fit
  const codeBytes = agent?.codeBytes ?? 0
  const flash = {
    ...{ packBytes: packInRam ? 0 : pack.length, codeBytes },
    ...{ codeKind: agent && !agent.isOwn ? ('estimated' as const) : ('exact' as const) },
    availableBytes: least(device.flashBytes, fit.flash.available === null ? null : fit.flash.available + codeBytes),
  }
  const ram = {
    ...{ arenaBytes: plan.arenaBytes, inputBytes: ramNeeded(plan) - plan.arenaBytes },
    ...{ stackBytes: agent?.stackBytes ?? 0, staticBytes: agent?.staticBytes ?? 0 },
    ...{ agentKind: agent && !agent.isOwn ? ('estimated' as const) : ('simulated' as const) },
    ...{ packBytes: packInRam ? pack.length : 0, availableBytes: device.ramBytes },
  }
  return {
    device: device.id,
    name: device.name,
    fits: fit.fits,
    flashBytes: flash.packBytes + flash.codeBytes,
    ramBytes: ram.arenaBytes + ram.inputBytes + ram.stackBytes + ram.staticBytes + ram.packBytes,
    ...latencyOf(device, packed, store),
    flash,
    ram,
    problem: problemOf(fit),
  }
}

/** Against what the agent leaves; for a board without one, against what one would leave. */
function fitOf(device: DeviceSummary, { plan, pack }: Packed, agent: AgentMemory | null): FitReport {
  const { limits, flashBytes, ramBytes } = device
  const code = agent && !agent.isOwn ? agent.codeBytes : 0
  const agentRam = agent && !agent.isOwn ? agent.stackBytes + agent.staticBytes : 0
  const left = {
    flashBytes: limits.flashBytes === null ? null : limits.flashBytes - (limits.flashBytes === flashBytes ? code : 0),
    ramBytes: limits.ramBytes === null ? null : limits.ramBytes - (limits.ramBytes === ramBytes ? agentRam : 0),
  }
  return checkPlaced(plan, pack.length, { ...limits, ...left })
}

const least = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.min(a, b))

function problemOf(fit: FitReport): Note | null {
  if (fit.fits) return null
  const short = [fit.flash, fit.ram].filter((region) => region.over > 0)
  return joined(
    short.map(({ over }, i) =>
      short[i] === fit.flash ? say`flash ${over} bytes too few` : say`RAM ${over} bytes too few`,
    ),
    ', ',
  )
}

type LatencyFields = Pick<Deployability, 'latencyMs' | 'latencyKind' | 'cost'>

function latencyOf(device: DeviceSummary, { plan, modelSha256 }: Packed, store: ProfileSource): LatencyFields {
  const { id, core, clockHz } = device
  const { latencyUs, basis } = estimateCost(plan, core, clockHz, {
    refinement: refinementOf(store, id, core),
    links: linksOf(id),
  })
  const nodes = plan.ops.map(({ node }) => node).join('\n')
  const ran = deviceProfiles(store, id).find(
    (profile) => profile.modelSha256 === modelSha256 && profile.nodes.join('\n') === nodes,
  )
  if (!ran || clockHz === null)
    return { latencyMs: latencyUs === null ? null : latencyUs / 1000, latencyKind: 'estimated', cost: basis }
  const cycles = ran.operators.reduce((sum, operator) => sum + operator.cycles, 0)
  return { latencyMs: (cycles / clockHz) * 1000, latencyKind: ran.kind, cost: basis }
}
