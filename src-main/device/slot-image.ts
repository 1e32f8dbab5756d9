// What the agent finds valid in a flash slot, made by the host: for flash that is written from outside (QEMU's loader, a
// UF2 with a model in it). resources/agent/PROTOCOL.md, "Slots", says what each field is.
import { crc32 } from '../base/crc32.ts'

/** The header's page; the pack follows it. */
export const slotHeaderBytes = 256

const magic = 0x4c534853
const version = 1

/** Bytes to put at a slot's `address`. Of several valid slots the agent opens the one with the highest `sequence`. */
export function slotImage(pack: Uint8Array, sequence: number): Uint8Array {
  const image = new Uint8Array(slotHeaderBytes + pack.length).fill(0xff)
  const view = new DataView(image.buffer)
  const fields = [magic, version, pack.length, crc32(pack), sequence]
  for (const [i, value] of fields.entries()) view.setUint32(4 * i, value, true)
  view.setUint32(4 * fields.length, crc32(image.subarray(0, 4 * fields.length)), true)
  image.set(pack, slotHeaderBytes)
  return image
}
