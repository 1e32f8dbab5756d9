// Which devices a picker offers first, and how large their memories are beside each other.
import type { Device } from '../../src-main/contract/device.ts'

const kindOrder: Readonly<Record<Device['kind'], number>> = { board: 0, emulator: 1, twin: 2 }

/** A board whose profile is known and that answers now: the one on the desk. */
export const isPlugged = (device: Device) => device.kind === 'board' && device.available && device.flashBytes !== null

/** Boards that are plugged in, other boards, emulators, the twin; what cannot be used now comes last. */
export function inPickerOrder(devices: readonly Device[]): Device[] {
  const rank = (device: Device) => (isPlugged(device) ? -1 : kindOrder[device.kind] + (device.available ? 0 : 10))
  return devices.toSorted((a, b) => rank(a) - rank(b))
}

/** The board on the desk, else the emulated Pico, else the first that can be used. */
export function suggestedDevice(devices: readonly Device[]): Device | null {
  const usable = inPickerOrder(devices).filter(({ available }) => available)
  return usable.find(isPlugged) ?? usable.find(({ id }) => id === 'pico') ?? usable[0] ?? null
}

/** Memories span 16 KiB to 16 MiB and more: a bar on a logarithmic scale, 0 to 1. */
export function memoryShare(bytes: number, largest: number): number {
  const low = Math.log2(4 << 10)
  const high = Math.max(Math.log2(largest), low + 1)
  return Math.min(1, Math.max(0.04, (Math.log2(bytes) - low) / (high - low)))
}
