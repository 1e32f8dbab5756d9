// Memory of a long pass. Garbage of megabytes is collected late, so what is large is reused or given back by hand.
import type { ByteSource } from '../../base/source.ts'

/** Bytes from `offset` on into all of `into`, and how many there were. */
export function readInto(source: ByteSource, offset: number, into: Uint8Array): number {
  if (source.readInto) return source.readInto(offset, into)
  const bytes = source.read(offset, into.length)
  into.set(bytes)
  return bytes.length
}

/** Smaller ones may share their memory with others, and are not worth it. */
const largeBytes = 1 << 16

/** Frees the memory of bytes that nobody uses any more; they are empty afterwards. */
export function release({ byteLength, buffer }: Uint8Array) {
  if (byteLength >= largeBytes && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0)
}
