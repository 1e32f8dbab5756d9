// Protocol Buffers wire format over a byte source, read through a small window. Every length is checked against what is
// left before anything is made of it; large runs of bytes are remembered by their place and never read here.
import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import type { ByteSource } from '../../base/source.ts'

/** A run of bytes in a source that nothing has read yet. */
export interface ByteRange {
  readonly source: ByteSource
  readonly offset: number
  readonly length: number
}

const windowBytes = 1 << 16
const utf8 = new TextDecoder()

export class WireReader {
  readonly source: ByteSource
  #window: Uint8Array = new Uint8Array(0)
  #windowAt = 0
  at: number
  end: number
  /** Counted by the decoder. */
  emptyMessages = 0

  constructor(range: ByteRange) {
    this.source = range.source
    this.at = range.offset
    this.end = range.offset + range.length
  }

  get left() {
    return this.end - this.at
  }

  truncated(where: Note, needed: number): never {
    const { name } = this.source
    throw new AppError('model.truncated', { name, where, needed, offset: this.at, available: this.left })
  }

  malformed(where: Note, problem: Note): never {
    throw new AppError('model.malformed', { name: this.source.name, where: say`${where}, byte ${this.at}`, problem })
  }

  /** A 64-bit integer in two's complement; beyond 2^53 the nearest number. */
  varint(where: Note): number {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte(where)
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high |= bits >> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) return (high | 0) * 2 ** 32 + (low >>> 0)
    }
    return this.malformed(where, say`a number has more than ten bytes`)
  }

  /** The same with all 64 bits. */
  bigVarint(where: Note): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte(where)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, value)
    }
    return this.malformed(where, say`a number has more than ten bytes`)
  }

  /** Length of a run of bytes that follows, checked against what is left. */
  length(where: Note): number {
    const length = this.varint(where)
    if (length < 0 || length > this.left) this.truncated(where, length < 0 ? 2 ** 64 + length : length)
    return length
  }

  range(length: number): ByteRange {
    const range = { source: this.source, offset: this.at, length }
    this.at += length
    return range
  }

  bytes(length: number, where: Note): Uint8Array {
    if (length > this.left) this.truncated(where, length)
    const bytes = this.#inWindow(length) ?? this.source.read(this.at, length)
    if (bytes.byteLength !== length) this.truncated(where, length)
    this.at += length
    return bytes
  }

  text(where: Note): string {
    const length = this.length(where)
    return length === 0 ? '' : utf8.decode(this.bytes(length, where))
  }

  float(where: Note): number {
    const bytes = this.bytes(4, where)
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true)
  }

  skip(wire: number, where: Note) {
    if (wire === 0) this.varint(where)
    else if (wire === 2) this.range(this.length(where))
    else if (wire === 1 || wire === 5) this.bytes(wire === 1 ? 8 : 4, where)
    else this.malformed(where, say`there is no wire type ${wire}`)
  }

  #byte(where: Note): number {
    if (this.at >= this.end) this.truncated(where, 1)
    const byte = this.#inWindow(1)?.[0] ?? this.truncated(where, 1)
    this.at++
    return byte
  }

  /** `length` bytes from here in the window, which moves when it must; null when they are too many for it. */
  #inWindow(length: number): Uint8Array | null {
    if (length > windowBytes) return null
    const start = this.at - this.#windowAt
    if (start >= 0 && start + length <= this.#window.byteLength) return this.#window.subarray(start, start + length)
    this.#windowAt = this.at
    this.#window = this.source.read(this.at, Math.min(windowBytes, this.source.size - this.at))
    return this.#window.subarray(0, length)
  }
}
