import { crc32 } from '../../base/crc32.ts'
import { cobsDecode, cobsEncode, cobsLength } from './cobs.ts'

export interface Frame {
  /** id | requestBit or id | responseBit. */
  readonly type: number
  readonly seq: number
  readonly payload: Uint8Array
}

export const requestBit = 0x80
export const responseBit = 0xc0

const headerBytes = 3
const crcBytes = 4

/** Encoded bytes between the zeros of a frame with this payload, at most. */
export const maxEncodedBytes = (maxPayload: number) => cobsLength(headerBytes + maxPayload + crcBytes)

/** With the zero before, which ends whatever noise the receiver holds, and the zero after. */
export function encodeFrame({ type, seq, payload }: Frame): Uint8Array {
  const plain = new Uint8Array(headerBytes + payload.length + crcBytes)
  const view = new DataView(plain.buffer)
  view.setUint8(0, type)
  view.setUint16(1, seq, true)
  plain.set(payload, headerBytes)
  view.setUint32(headerBytes + payload.length, crc32(plain.subarray(0, headerBytes + payload.length)), true)
  const stuffed = cobsEncode(plain)
  const out = new Uint8Array(stuffed.length + 2)
  out.set(stuffed, 1)
  return out
}

/** The bytes between two zeros; a sentence when they are no frame. */
export function decodeFrame(encoded: Uint8Array): Frame | string {
  const plain = cobsDecode(encoded)
  if (plain === null) return 'not a COBS block'
  if (plain.length < headerBytes + crcBytes) return `${plain.length} bytes are too few for a frame`
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength)
  const crcAt = plain.length - crcBytes
  if (view.getUint32(crcAt, true) !== crc32(plain.subarray(0, crcAt))) return 'the CRC does not match'
  return { type: view.getUint8(0), seq: view.getUint16(1, true), payload: plain.subarray(headerBytes, crcAt) }
}
