// LEB128 numbers of up to 2^53: seven bits a byte, the low ones first, the top bit set in all but the last.
import type { ByteReader, ByteWriter } from '../../base/bytes.ts'

export function putVarint(writer: ByteWriter, value: number): ByteWriter {
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) writer.u8((rest % 128) | 128)
  return writer.u8(rest)
}

/** NaN for a number of more than 53 bits, which no check of a range lets pass. */
export function takeVarint(reader: ByteReader): number {
  let value = 0
  for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
    const byte = reader.u8()
    value += (byte % 128) * factor
    if (byte < 128) return value
  }
  return Number.NaN
}
