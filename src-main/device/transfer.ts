// Tensors cut into frames and put together again.
import { crc32 } from '../base/crc32.ts'
import { UnansweredError } from './channel.ts'

export function pieces(length: number, size: number): { readonly from: number; readonly to: number }[] {
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => ({
    from: i * size,
    to: Math.min(length, (i + 1) * size),
  }))
}

/** Parts in order; a device that gives fewer bytes than asked counts as not having answered. */
export function joined(length: number, parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    if (at + part.length > length) throw new UnansweredError(0)
    whole.set(part, at)
    at += part.length
  }
  if (at !== length) throw new UnansweredError(0)
  return whole
}

/** Like Promise.all, but rejects only when all have ended: no answer of this attempt then meets the next one. */
export async function all<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work)
  return Promise.all(work)
}

export const integersOf = (bytes: Uint8Array) => new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The digest of a run: the CRC-32 over all outputs in order. */
export const digestOf = (outputs: readonly Uint8Array[]) => outputs.reduce((crc, bytes) => crc32(bytes, crc), 0)
