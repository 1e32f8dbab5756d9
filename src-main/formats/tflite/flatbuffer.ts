// FlatBuffers binary format, read only. Every offset is checked against the file before it is followed, nothing recurses,
// and a budget on the bytes handed out stops files whose tables all point at one long vector.
// Format: flatbuffers.dev, "FlatBuffer Internals": tables start with a signed offset back to their vtable; a vtable holds
// its own size, the table's size, and one u16 offset a field (0 = left out, the default holds).
import { AppError } from '../../base/errors.ts'
import { type Note, say, sentence } from '../../base/note.ts'

const decoder = new TextDecoder('utf-8', { fatal: false })

/** Times the file's size that all vectors read together may have. */
const budgetFactor = 8

export class FlatBuffer {
  readonly name: string
  readonly size: number
  readonly #view: DataView
  readonly #bytes: Uint8Array
  #budget: number

  constructor(name: string, bytes: Uint8Array) {
    this.name = name
    this.size = bytes.byteLength
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#budget = bytes.byteLength * budgetFactor + 65536
  }

  identifier(): string {
    return this.size < 8 ? '' : decoder.decode(this.#bytes.subarray(4, 8))
  }

  root(where: Note): FlatTable {
    return this.table(this.indirect(0, where), where)
  }

  table(at: number, where: Note): FlatTable {
    const vtable = at - this.i32(at, where)
    const vtableBytes = this.u16(vtable, where)
    if (vtableBytes < 4 || vtableBytes % 2 !== 0) this.malformed(say`a vtable of ${vtableBytes} bytes`, where)
    this.check(vtable, vtableBytes, where)
    return new FlatTable(this, at, vtable, (vtableBytes - 4) / 2, where)
  }

  /** Follows the unsigned offset stored at `at`. */
  indirect(at: number, where: Note): number {
    const offset = this.u32(at, where)
    if (offset === 0) this.malformed(say`an offset that points at itself`, where)
    return at + offset
  }

  /** Start and length of the vector at `at`, its elements within the file. */
  vector(at: number, elementBytes: number, where: Note): { start: number; length: number } {
    const length = this.u32(at, where)
    this.check(at + 4, length * elementBytes, where)
    this.#spend(length * elementBytes, where)
    return { start: at + 4, length }
  }

  /** A byte vector that is not read here, and so costs nothing however many tables share it. */
  range(at: number, where: Note): { start: number; length: number } {
    const length = this.u32(at, where)
    this.check(at + 4, length, where)
    return { start: at + 4, length }
  }

  text(at: number, where: Note): string {
    const { start, length } = this.vector(at, 1, where)
    return decoder.decode(this.#bytes.subarray(start, start + length))
  }

  u8(at: number, where: Note) {
    return this.check(at, 1, where).getUint8(at)
  }
  i8(at: number, where: Note) {
    return this.check(at, 1, where).getInt8(at)
  }
  u16(at: number, where: Note) {
    return this.check(at, 2, where).getUint16(at, true)
  }
  i32(at: number, where: Note) {
    return this.check(at, 4, where).getInt32(at, true)
  }
  u32(at: number, where: Note) {
    return this.check(at, 4, where).getUint32(at, true)
  }
  f32(at: number, where: Note) {
    return this.check(at, 4, where).getFloat32(at, true)
  }
  /** 64-bit integer as a number; sizes and zero points stay far below 2^53. */
  i64(at: number, where: Note) {
    return Number(this.check(at, 8, where).getBigInt64(at, true))
  }

  check(at: number, needed: number, where: Note): DataView {
    if (at < 0) this.malformed(say`an offset before the start of the file (${at})`, where)
    if (at + needed > this.size) {
      const available = Math.max(0, this.size - at)
      throw new AppError('model.truncated', { name: this.name, where, needed, offset: at, available })
    }
    return this.#view
  }

  malformed(problem: Note, where: Note): never {
    throw new AppError('model.malformed', { name: this.name, problem, where })
  }

  #spend(bytes: number, where: Note) {
    this.#budget -= bytes
    if (this.#budget < 0)
      this.malformed(say`its parts overlap so often that it describes far more than it holds`, where)
  }
}

/** One table. Fields are addressed by slot (their number in the schema); `where` names the table in messages. */
export class FlatTable {
  readonly buffer: FlatBuffer
  readonly where: Note
  readonly #at: number
  readonly #vtable: number
  readonly #slots: number

  constructor(buffer: FlatBuffer, at: number, vtable: number, slots: number, where: Note) {
    this.buffer = buffer
    this.where = where
    this.#at = at
    this.#vtable = vtable
    this.#slots = slots
  }

  has(slot: number): boolean {
    return this.#field(slot) !== null
  }

  bool(slot: number): boolean {
    return this.u8(slot, 0) !== 0
  }
  u8(slot: number, fallback: number): number {
    const at = this.#field(slot)
    return at === null ? fallback : this.buffer.u8(at, this.where)
  }
  i8(slot: number, fallback: number): number {
    const at = this.#field(slot)
    return at === null ? fallback : this.buffer.i8(at, this.where)
  }
  i32(slot: number, fallback: number): number {
    const at = this.#field(slot)
    return at === null ? fallback : this.buffer.i32(at, this.where)
  }
  u32(slot: number, fallback: number): number {
    const at = this.#field(slot)
    return at === null ? fallback : this.buffer.u32(at, this.where)
  }
  i64(slot: number, fallback: number): number {
    const at = this.#field(slot)
    return at === null ? fallback : this.buffer.i64(at, this.where)
  }
  f32(slot: number, fallback: number): number {
    const at = this.#field(slot)
    return at === null ? fallback : this.buffer.f32(at, this.where)
  }

  text(slot: number): string {
    const at = this.#field(slot)
    return at === null ? '' : this.buffer.text(this.buffer.indirect(at, this.where), this.where)
  }

  /** Offset and length of a byte vector; null when left out. */
  bytes(slot: number): { start: number; length: number } | null {
    const at = this.#field(slot)
    return at === null ? null : this.buffer.range(this.buffer.indirect(at, this.where), this.where)
  }

  ints(slot: number): number[] {
    return this.#numbers(slot, 4, (at) => this.buffer.i32(at, this.where))
  }
  longs(slot: number): number[] {
    return this.#numbers(slot, 8, (at) => this.buffer.i64(at, this.where))
  }
  floats(slot: number): number[] {
    return this.#numbers(slot, 4, (at) => this.buffer.f32(at, this.where))
  }

  table(slot: number, where: Note): FlatTable | null {
    const at = this.#field(slot)
    return at === null ? null : this.buffer.table(this.buffer.indirect(at, this.where), where)
  }

  tables(slot: number, what: Note): FlatTable[] {
    const at = this.#field(slot)
    if (at === null) return []
    const { start, length } = this.buffer.vector(this.buffer.indirect(at, this.where), 4, this.where)
    return Array.from({ length }, (_, i) => {
      const where = sentence('{what} {i}', { what, i })
      return this.buffer.table(this.buffer.indirect(start + 4 * i, where), where)
    })
  }

  #numbers(slot: number, bytes: number, read: (at: number) => number): number[] {
    const at = this.#field(slot)
    if (at === null) return []
    const { start, length } = this.buffer.vector(this.buffer.indirect(at, this.where), bytes, this.where)
    return Array.from({ length }, (_, i) => read(start + bytes * i))
  }

  /** Where the field is, null when it is left out. */
  #field(slot: number): number | null {
    if (slot >= this.#slots) return null
    const offset = this.buffer.u16(this.#vtable + 4 + 2 * slot, this.where)
    return offset === 0 ? null : this.#at + offset
  }
}
