// Devices as the user sees them: what the catalogue says of a board, and whether it can be reached now.
import { say } from '../base/note.ts'
import type { Device } from '../contract/device.ts'
import { type DeviceId, deviceId } from '../contract/ids.ts'
import type { Budgets } from '../contract/report.ts'
import { listDevices } from '../device/discovery.ts'
import { withLease } from '../device/lease.ts'
import { linkTo } from '../device/links/drivers.ts'
import { systemLinkPorts } from '../device/links/ports.ts'
import { openSession } from '../device/session.ts'
import { type DeviceProfile, deviceProfiles, profileLimits } from '../targets/device-profile.ts'
import type { FitLimits } from '../targets/fit.ts'
import { isoNow, type ServiceContext } from './context.ts'

export interface DeviceSummary {
  /** Of the catalogue, or the device id when no profile describes it. */
  readonly id: string
  readonly name: string
  readonly kind: 'twin' | 'emulator' | 'board'
  readonly core: string
  readonly clockHz: number | null
  readonly flashBytes: number | null
  readonly ramBytes: number | null
  readonly limits: FitLimits
  /** Port of the agent; null when there is no image of ours for it. */
  readonly agent: string | null
  readonly defaultBudgets: Budgets
}

const emulatorSchemes = new Set(['pico', 'qemu'])

/** What is known of a device id before it is opened. A port whose board is not recognised has no limits of its own. */
export function profileOf(device: string, profileId?: string): DeviceSummary {
  const profiles = deviceProfiles()
  const profile = profiles.find((p) => p.id === profileId || p.links.includes(device))
  const scheme = device.split(':')[0]!
  const kind = scheme === 'twin' ? 'twin' : emulatorSchemes.has(scheme) ? 'emulator' : 'board'
  if (profile) return summaryOf(profile, kind)
  linkTo(device, systemLinkPorts)
  const memories = { flashBytes: null, ramBytes: null }
  const unknown = { clockHz: null, ...memories, limits: memories, agent: null }
  return { id: device, name: device, kind, core: 'unknown', ...unknown, defaultBudgets: { accuracyDrop: 1 } }
}

function summaryOf(profile: DeviceProfile, kind: DeviceSummary['kind']): DeviceSummary {
  const { totalBytes: flashBytes } = profile.flash
  const { totalBytes: ramBytes } = profile.ram
  return {
    id: profile.id,
    name: kind === 'emulator' ? `${profile.name}, emulated` : profile.name,
    kind,
    core: profile.core,
    clockHz: profile.clockHz,
    flashBytes,
    ramBytes,
    limits: profileLimits(profile),
    agent: profile.agent,
    defaultBudgets: {
      ...(flashBytes === null ? {} : { flashBytes }),
      ...(ramBytes === null ? {} : { ramBytes }),
      accuracyDrop: 1,
    },
  }
}

/** Every board of the catalogue, for questions before there is a device. */
export function catalogueDevices(): DeviceSummary[] {
  return deviceProfiles().map((profile) => summaryOf(profile, profile.id === 'twin' ? 'twin' : 'board'))
}

/** A device id as typed, or the id of a catalogue entry that has one way to it. */
export function resolveDevice(text: string): DeviceId {
  const profile = deviceProfiles().find((p) => p.id === text)
  const device = profile?.links[0] ?? text
  profileOf(device)
  return deviceId.parse(device)
}

export function devicesService({ store, clock }: ServiceContext) {
  return {
    async list(): Promise<Device[]> {
      const found = await listDevices()
      return found.map((device) => {
        const summary = profileOf(device.id, device.profile ?? undefined)
        return {
          id: deviceId.parse(device.id),
          profile: summary.id,
          name: summary.name,
          kind: summary.kind,
          core: summary.core,
          clockHz: summary.clockHz,
          flashBytes: summary.flashBytes,
          ramBytes: summary.ramBytes,
          packFlashBytes: summary.limits.packInRam ? null : summary.limits.flashBytes,
          available: device.available,
          problem: device.problem,
          defaultBudgets: summary.defaultBudgets,
        }
      })
    },
    identify(id: DeviceId, signal: AbortSignal = new AbortController().signal) {
      return withLease(id, say`the look at what it is`, async () => {
        const handshake: string[] = []
        const log = ({ text }: { text: string }) => handshake.push(text)
        await using session = await openSession(linkTo(id, systemLinkPorts), { clock, signal, log })
        const { board, core, clockHz, agentBuild, poolBytes, codeBytes } = session.hello
        const hello = {
          board,
          core,
          clockHz,
          agentBuild: Buffer.from(agentBuild).toString('hex'),
          poolBytes,
          codeBytes,
        }
        store.devices.seen(id, hello, isoNow(clock))
        return { ...hello, handshake }
      })
    },
  }
}
