// A boot ROM of our own for the emulated RP2040: the chip's is not needed but for its flash functions, which an agent
// finds as on the chip (datasheet, section 2.8.3): a table of two-letter codes at [0x14] and a lookup function at [0x18].
// Each function is a BKPT that the emulator answers, and a return.
import { Bug } from '../../../base/errors.ts'

/** Immediates of the BKPT instructions. */
export const romFunctions = {
  connectInternalFlash: { code: 'IF', call: 0xe0 },
  flashExitXip: { code: 'EX', call: 0xe1 },
  flashRangeErase: { code: 'RE', call: 0xe2 },
  flashRangeProgram: { code: 'RP', call: 0xe3 },
  flashFlushCache: { code: 'FC', call: 0xe4 },
  flashEnterCmdXip: { code: 'CX', call: 0xe5 },
  resetToUsbBoot: { code: 'UB', call: 0xe6 },
} as const

/** Offset of the lookup function: r0 = table, r1 = code; gives the function or 0. */
const lookupAt = 0x40
const tableAt = 0x80
const functionsAt = 0x100
const lookup = [
  0x8802, // ldrh r2, [r0]
  0x2a00, // cmp  r2, #0
  0xd005, // beq  none
  0x428a, // cmp  r2, r1
  0xd001, // beq  found
  0x3004, // adds r0, #4
  0xe7f8, // b    lookup
  0x8840, // found: ldrh r0, [r0, #2]
  0x4770, // bx   lr
  0x2000, // none: movs r0, #0
  0x4770, // bx   lr
]
const returnToCaller = 0x4770

export function bootRom(): Uint32Array {
  const words = new Uint32Array(4096)
  const halves = new DataView(words.buffer)
  const put = (at: number, value: number) => halves.setUint16(at, value, true)
  put(0x14, tableAt)
  // Addresses of Thumb code have bit 0 set.
  put(0x18, lookupAt | 1)
  for (const [i, instruction] of lookup.entries()) put(lookupAt + 2 * i, instruction)
  for (const [i, { code, call }] of Object.values(romFunctions).entries()) {
    put(tableAt + 4 * i, code.charCodeAt(0) | (code.charCodeAt(1) << 8))
    put(tableAt + 4 * i + 2, (functionsAt + 4 * i) | 1)
    put(functionsAt + 4 * i, 0xbe00 | call)
    put(functionsAt + 4 * i + 2, returnToCaller)
  }
  return words
}

/** What a NOR flash does: erasing sets bits, programming clears them. Gives the bytes changed. */
export function serveFlashCall(
  call: number,
  registers: Uint32Array,
  flash: Uint8Array,
  read: (address: number) => number,
): { readonly from: number; readonly to: number } {
  const [from = 0, second = 0, third = 0] = registers
  const erasing = call === romFunctions.flashRangeErase.call
  // The others prepare the chip's flash interface, which the emulator does not model.
  if (!erasing && call !== romFunctions.flashRangeProgram.call) return { from: 0, to: 0 }
  const to = from + (erasing ? second : third)
  if (to > flash.length) throw new Bug(`the agent changes flash from ${from} to ${to}, past its end`)
  if (erasing) flash.fill(0xff, from, to)
  else for (let at = from; at < to; at++) flash[at]! &= read(second + at - from)
  return { from, to }
}
