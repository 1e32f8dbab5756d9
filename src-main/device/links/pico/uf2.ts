// UF2, the file that is dropped onto a board: blocks of 512 bytes with an address each
// (https://github.com/microsoft/uf2).
import { Bug } from '../../../base/errors.ts'

const blockBytes = 512
const magics = [
  [0, 0x0a324655],
  [4, 0x9e5d5157],
  [508, 0x0ab16f30],
] as const

/** Writes the image's blocks into `flash`, whose first byte is at `baseAddress`. */
export function loadUf2(image: Uint8Array, flash: Uint8Array, baseAddress: number) {
  if (image.length === 0 || image.length % blockBytes !== 0) throw new Bug('the agent image is no UF2 file')
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength)
  for (let at = 0; at < image.length; at += blockBytes) {
    if (magics.some(([offset, magic]) => view.getUint32(at + offset, true) !== magic)) {
      throw new Bug(`the agent image has no UF2 block at ${at}`)
    }
    const to = view.getUint32(at + 12, true) - baseAddress
    const count = view.getUint32(at + 16, true)
    if (count > 476 || to < 0 || to + count > flash.length) throw new Bug(`the UF2 block at ${at} is outside the flash`)
    flash.set(image.subarray(at + 32, at + 32 + count), to)
  }
}
