// Makes the checksums of a damaged container right again, so that a test gets past them.
import { crc32 } from 'node:zlib'

const headerBytes = 20

/** Where the chunks are, as far as their lengths make sense. */
export function chunkOffsets(container: Uint8Array): number[] {
  const view = new DataView(container.buffer, container.byteOffset, container.byteLength)
  const offsets: number[] = []
  let at = headerBytes
  while (at + 8 <= container.length) {
    const length = view.getUint32(at, true)
    if (length === 0 || at + 8 + length > container.length) break
    offsets.push(at)
    at += 8 + length
  }
  return offsets
}

export function reseal(container: Uint8Array) {
  const view = new DataView(container.buffer, container.byteOffset, container.byteLength)
  view.setUint32(16, crc32(container.subarray(0, 16)), true)
  for (const at of chunkOffsets(container)) {
    const length = view.getUint32(at, true)
    view.setUint32(at + 4, crc32(container.subarray(at + 8, at + 8 + length)), true)
  }
}
