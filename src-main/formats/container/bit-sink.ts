// Bits from the low end of each byte up, as deflate (RFC 1951, 3.1.1) packs them, into a buffer that grows.
export class BitSink {
  #bytes: Uint8Array
  #at = 0
  #held = 0
  #bits = 0

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity)
  }

  get length() {
    return this.#at
  }

  /** @param count at most 16 */
  put(value: number, count: number) {
    this.#held |= value << this.#bits
    this.#bits += count
    while (this.#bits >= 8) {
      this.#byte(this.#held & 255)
      this.#held >>>= 8
      this.#bits -= 8
    }
  }

  /** Zero bits up to the next byte. */
  align() {
    if (this.#bits > 0) this.#byte(this.#held & 255)
    this.#held = 0
    this.#bits = 0
  }

  /** Only after align(). */
  raw(bytes: Uint8Array) {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** A view of the whole bytes so far. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#at)
  }

  #byte(value: number) {
    if (this.#at === this.#bytes.length) this.#reserve(1)
    this.#bytes[this.#at++] = value
  }

  #reserve(count: number) {
    if (this.#at + count <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#at + count, 2 * this.#bytes.length))
    larger.set(this.bytes())
    this.#bytes = larger
  }
}
