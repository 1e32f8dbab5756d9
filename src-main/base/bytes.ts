// Bounded access to bytes from outside. Nothing here reads or writes past its view; the owner decides what an overrun
// means through `overrun`, so that a truncated model and a truncated frame get different errors.

export type Overrun = (needed: number, offset: number, available: number) => never

const utf8 = new TextDecoder('utf-8', { fatal: false })
const utf8Encoder = new TextEncoder()

/** Little-endian reader over a byte range. Offsets are relative to the range. */
export class ByteReader {
  readonly bytes: Uint8Array
  readonly #view: DataView
  readonly #overrun: Overrun
  #at = 0

  constructor(bytes: Uint8Array, overrun: Overrun) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#overrun = overrun
  }

  get offset() {
    return this.#at
  }
  get remaining() {
    return this.bytes.byteLength - this.#at
  }
  get done() {
    return this.remaining === 0
  }

  seek(offset: number): this {
    if (!Number.isInteger(offset) || offset < 0 || offset > this.bytes.byteLength) this.#overrun(0, offset, 0)
    this.#at = offset
    return this
  }

  /** Moves on by `count` bytes and gives the offset they start at. */
  take(count: number): number {
    if (!Number.isInteger(count) || count < 0 || count > this.remaining) this.#overrun(count, this.#at, this.remaining)
    const at = this.#at
    this.#at += count
    return at
  }

  skip(count: number): this {
    this.take(count)
    return this
  }

  u8 = () => this.#view.getUint8(this.take(1))
  i8 = () => this.#view.getInt8(this.take(1))
  u16 = () => this.#view.getUint16(this.take(2), true)
  i16 = () => this.#view.getInt16(this.take(2), true)
  u32 = () => this.#view.getUint32(this.take(4), true)
  i32 = () => this.#view.getInt32(this.take(4), true)
  u64 = () => this.#view.getBigUint64(this.take(8), true)
  i64 = () => this.#view.getBigInt64(this.take(8), true)
  f32 = () => this.#view.getFloat32(this.take(4), true)
  f64 = () => this.#view.getFloat64(this.take(8), true)

  /** A view, not a copy. */
  slice(count: number): Uint8Array {
    const at = this.take(count)
    return this.bytes.subarray(at, at + count)
  }

  text(count: number): string {
    return utf8.decode(this.slice(count))
  }
}

/** Little-endian writer that grows. */
export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  #length = 0

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  get length() {
    return this.#length
  }

  u8(value: number) {
    const at = this.#grow(1)
    this.#view.setUint8(at, value)
    return this
  }
  i8(value: number) {
    const at = this.#grow(1)
    this.#view.setInt8(at, value)
    return this
  }
  u16(value: number) {
    const at = this.#grow(2)
    this.#view.setUint16(at, value, true)
    return this
  }
  i16(value: number) {
    const at = this.#grow(2)
    this.#view.setInt16(at, value, true)
    return this
  }
  u32(value: number) {
    const at = this.#grow(4)
    this.#view.setUint32(at, value, true)
    return this
  }
  i32(value: number) {
    const at = this.#grow(4)
    this.#view.setInt32(at, value, true)
    return this
  }
  u64(value: bigint) {
    const at = this.#grow(8)
    this.#view.setBigUint64(at, value, true)
    return this
  }
  i64(value: bigint) {
    const at = this.#grow(8)
    this.#view.setBigInt64(at, value, true)
    return this
  }
  f32(value: number) {
    const at = this.#grow(4)
    this.#view.setFloat32(at, value, true)
    return this
  }
  f64(value: number) {
    const at = this.#grow(8)
    this.#view.setFloat64(at, value, true)
    return this
  }

  raw(bytes: Uint8Array) {
    const at = this.#grow(bytes.byteLength)
    this.#bytes.set(bytes, at)
    return this
  }

  text(text: string) {
    return this.raw(utf8Encoder.encode(text))
  }

  /** Zero bytes up to the next multiple of `alignment`. */
  align(alignment: number) {
    this.#grow((alignment - (this.#length % alignment)) % alignment)
    return this
  }

  patchU32(offset: number, value: number) {
    this.#view.setUint32(offset, value, true)
    return this
  }

  /** A copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length) as Uint8Array<ArrayBuffer>
  }

  #grow(count: number): number {
    const at = this.#length
    const needed = at + count
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
      larger.set(this.#bytes)
      this.#bytes = larger
      this.#view = new DataView(larger.buffer)
    }
    this.#length = needed
    return at
  }
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return filled(new Uint8Array(lengthOf(parts)), parts)
}

export const concatFloats = (parts: readonly Float32Array[]): Float32Array<ArrayBuffer> =>
  filled(new Float32Array(lengthOf(parts)), parts)

export const concatInts = (parts: readonly Int32Array[]): Int32Array<ArrayBuffer> =>
  filled(new Int32Array(lengthOf(parts)), parts)

const lengthOf = (parts: readonly { readonly length: number }[]) => parts.reduce((sum, { length }) => sum + length, 0)

function filled<P extends { readonly length: number }, T extends { set(part: P, at: number): void }>(
  whole: T,
  parts: readonly P[],
): T {
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i])
}

/** A typed array's memory as bytes, without copying. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}
