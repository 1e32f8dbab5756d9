// Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999): the result holds no zero byte, so that zero can end a
// frame. Each block is a code byte and code - 1 bytes; a block shorter than 254 stands for a zero after it, but the last.

const longestBlock = 0xff

/** Bytes that `count` bytes take at most when encoded. */
export const cobsLength = (count: number) => count + 1 + Math.floor(count / 254)

export function cobsEncode(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(cobsLength(bytes.length))
  let codeAt = 0
  let at = 1
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte !== 0) out[at++] = byte
    const full = at - codeAt === longestBlock
    if (byte !== 0 && !full) continue
    // A full block at the very end stands alone: it adds no zero.
    if (full && i === bytes.length - 1 && byte !== 0) break
    out[codeAt] = at - codeAt
    codeAt = at++
  }
  out[codeAt] = at - codeAt
  return out.subarray(0, at)
}

/** Null when the bytes are no COBS encoding (a zero inside, or a block that ends too early). */
export function cobsDecode(bytes: Uint8Array): Uint8Array | null {
  if (bytes.length === 0) return null
  const out = new Uint8Array(bytes.length)
  let at = 0
  let length = 0
  while (at < bytes.length) {
    const code = bytes[at]!
    if (code === 0 || at + code > bytes.length) return null
    for (let i = at + 1; i < at + code; i++) {
      if (bytes[i] === 0) return null
      out[length++] = bytes[i]!
    }
    at += code
    if (code < longestBlock && at < bytes.length) out[length++] = 0
  }
  return out.subarray(0, length)
}
