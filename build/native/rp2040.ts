// What the RP2040 wants around a program: the second-stage boot with its CRC, and the UF2 file that is dropped onto a Pico.
//   node build/native/rp2040.ts boot2 CODE.bin IMAGE.S
//   node build/native/rp2040.ts uf2 FLASH.bin IMAGE.uf2
import { readFileSync, writeFileSync } from 'node:fs'

export const boot2Bytes = 256
const flashBase = 0x10000000
const uf2BlockBytes = 512
const uf2PayloadBytes = 256
const uf2Family = 0xe48bff56
const uf2HasFamily = 0x2000

/** The boot ROM's CRC-32: polynomial 0x04C11DB7, most significant bit first, initial value 0xFFFFFFFF, no final xor. */
export function boot2Crc(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte << 24
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  }
  return crc >>> 0
}

/** The code padded with zeros, its CRC in the last four bytes. */
export function boot2Image(code: Uint8Array): Uint8Array {
  if (code.length > boot2Bytes - 4) throw new RangeError(`the second-stage boot has ${code.length} bytes, 252 fit`)
  const image = new Uint8Array(boot2Bytes)
  image.set(code)
  new DataView(image.buffer).setUint32(boot2Bytes - 4, boot2Crc(image.subarray(0, boot2Bytes - 4)), true)
  return image
}

const boot2Assembly = (image: Uint8Array): string => `.section .boot2, "a"\n.byte ${[...image].join(',')}\n`

/** `flash` starts at the flash's first address. */
export function uf2Image(flash: Uint8Array): Uint8Array {
  const blocks = Math.ceil(flash.length / uf2PayloadBytes)
  const image = new Uint8Array(blocks * uf2BlockBytes)
  const view = new DataView(image.buffer)
  for (let block = 0; block < blocks; block++) {
    const at = block * uf2BlockBytes
    const from = block * uf2PayloadBytes
    const header = [0x0a324655, 0x9e5d5157, uf2HasFamily, flashBase + from, uf2PayloadBytes, block, blocks, uf2Family]
    for (const [i, word] of header.entries()) view.setUint32(at + 4 * i, word, true)
    image.set(flash.subarray(from, from + uf2PayloadBytes), at + 32)
    view.setUint32(at + uf2BlockBytes - 4, 0x0ab16f30, true)
  }
  return image
}

if (import.meta.main) {
  const [kind, from, to] = process.argv.slice(2)
  if ((kind !== 'boot2' && kind !== 'uf2') || !from || !to) throw new RangeError('usage: rp2040.ts boot2|uf2 FROM TO')
  const bytes = readFileSync(from)
  writeFileSync(to, kind === 'uf2' ? uf2Image(bytes) : boot2Assembly(boot2Image(bytes)))
}
