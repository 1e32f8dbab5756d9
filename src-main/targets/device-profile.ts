// The catalogue of devices: what a board is, how much memory it has, and how it is reached. One JSON file a board under
// resources/targets, each naming where its numbers come from; a number nobody could source is null.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { AppError } from '../base/errors.ts'
import type { FitLimits } from './fit.ts'

const bytes = z.int().positive()
const usbNumber = z.string().regex(/^[0-9a-f]{4}$/)

export const deviceProfileSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  name: z.string(),
  vendor: z.string(),
  mcu: z.string(),
  core: z.string(),
  clockHz: z.int().positive().nullable(),
  flash: z.strictObject({
    totalBytes: bytes.nullable(),
    /** Kept for the agent. */
    agentBytes: bytes.nullable(),
    /** One of the places for a pack; null when the agent has none or is not built for this board yet. */
    slotBytes: bytes.nullable(),
  }),
  ram: z.strictObject({
    totalBytes: bytes.nullable(),
    /** Left for arena and inputs when the agent and the stack have theirs; null until there is an agent that says so. */
    poolBytes: bytes.nullable(),
  }),
  /** Ids of the serial or debug port the computer sees. `shared`: other boards have the same, ask the device. */
  usb: z.array(z.strictObject({ vid: usbNumber, pid: usbNumber, shared: z.boolean().optional() })),
  /** Device names that lead to it without hardware; boards are found by their port. */
  links: z.array(z.string()),
  features: z.array(z.enum(['fpu', 'dsp', 'mve', 'divide', 'wasm-simd'])),
  /** Folder of the agent's port, null when there is no agent image for it yet. */
  agent: z.string().nullable(),
  /** Data sheet or board file of the numbers. */
  sources: z.array(z.string()).min(1),
})

export type DeviceProfile = Readonly<z.infer<typeof deviceProfileSchema>>

const folder = new URL('../../resources/targets/', import.meta.url)
let catalogue: readonly DeviceProfile[] | null = null

/** All profiles by id; read once. */
export function deviceProfiles(): readonly DeviceProfile[] {
  catalogue ??= readCatalogue()
  return catalogue
}

export function deviceProfile(id: string): DeviceProfile {
  const profile = deviceProfiles().find((candidate) => candidate.id === id)
  if (!profile) throw new AppError('usage.noDevice', { device: id })
  return profile
}

export function readProfile(json: unknown): DeviceProfile {
  return deviceProfileSchema.parse(json)
}

/** Memories that a pack may use, as far as they are known before the device has said hello. */
export function profileLimits(profile: DeviceProfile): FitLimits {
  const { flash, ram } = profile
  const leftOver = flash.totalBytes === null ? null : flash.totalBytes - (flash.agentBytes ?? 0)
  return { flashBytes: flash.slotBytes ?? leftOver, ramBytes: ram.poolBytes ?? ram.totalBytes }
}

function readCatalogue(): DeviceProfile[] {
  return readdirSync(fileURLToPath(folder))
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => readProfile(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))))
}
