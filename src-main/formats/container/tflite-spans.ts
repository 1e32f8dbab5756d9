// Tensors of a TFLite file, read through a small window: unlike the importer this never holds the file, which may have 2 GB.
// FlatBuffers as in ../tflite/flatbuffer.ts; every offset is checked before it is followed.
import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import type { ByteSource } from '../../base/source.ts'
import { slots, tensorTypes } from '../tflite/schema.ts'
import type { TensorSpan } from './span.ts'

const windowBytes = 1 << 16
/** Tensors, buffers or subgraphs; more than any file has. */
const maxTables = 1 << 20
const maxRank = 32
const maxNameBytes = 4096

class FlatWindow {
  readonly #source: ByteSource
  #bytes = new Uint8Array(0)
  #at = 0

  constructor(source: ByteSource) {
    this.#source = source
  }

  malformed(problem: Note, where: string): never {
    throw new AppError('model.malformed', { name: this.#source.name, problem, where })
  }

  check(at: number, length: number, where: string) {
    if (at < 0 || at + length > this.#source.size)
      throw new AppError('model.truncated', {
        name: this.#source.name,
        where,
        needed: length,
        offset: at,
        available: Math.max(0, this.#source.size - at),
      })
  }

  #load(at: number, length: number, where: string): DataView {
    this.check(at, length, where)
    if (at < this.#at || at + length > this.#at + this.#bytes.length) {
      this.#bytes = this.#source.read(at, Math.min(windowBytes, this.#source.size - at)) as Uint8Array<ArrayBuffer>
      this.#at = at
      if (this.#bytes.length < length) this.check(this.#source.size, length, where)
    }
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at - this.#at, length)
  }

  u8 = (at: number, where: string) => this.#load(at, 1, where).getUint8(0)
  u16 = (at: number, where: string) => this.#load(at, 2, where).getUint16(0, true)
  u32 = (at: number, where: string) => this.#load(at, 4, where).getUint32(0, true)
  i32 = (at: number, where: string) => this.#load(at, 4, where).getInt32(0, true)
  u64 = (at: number, where: string) => Number(this.#load(at, 8, where).getBigUint64(0, true))

  text(at: number, length: number, where: string): string {
    return new TextDecoder().decode(this.#load(at, length, where))
  }

  follow(at: number, where: string): number {
    return at + this.u32(at, where)
  }

  /** Place of a field in the table at `table`; null when it is left out. */
  field(table: number, slot: number, where: string): number | null {
    const vtable = table - this.i32(table, where)
    if (4 + 2 * slot + 2 > this.u16(vtable, where)) return null
    const offset = this.u16(vtable + 4 + 2 * slot, where)
    return offset === 0 ? null : table + offset
  }

  /** Start and length of a vector field; length 0 when it is left out. */
  vector(table: number, slot: number, elementBytes: number, where: string): { start: number; length: number } {
    const at = this.field(table, slot, where)
    if (at === null) return { start: 0, length: 0 }
    const vector = this.follow(at, where)
    const length = this.u32(vector, where)
    this.check(vector + 4, length * elementBytes, where)
    return { start: vector + 4, length }
  }

  tables(table: number, slot: number, where: string): number[] {
    const { start, length } = this.vector(table, slot, 4, where)
    if (length > maxTables) this.malformed(say`${length} entries`, where)
    return Array.from({ length }, (_, i) => this.follow(start + 4 * i, `${where} ${i}`))
  }
}

export const isTflite = (source: ByteSource) =>
  source.size >= 8 && Buffer.from(source.read(4, 4)).toString('latin1') === 'TFL3'

export function tfliteSpans(source: ByteSource): TensorSpan[] {
  const file = new FlatWindow(source)
  const model = file.follow(0, 'model')
  const buffers = file.tables(model, slots.model.buffers, 'buffer').map((table, i) => bufferRange(file, table, i))
  const subgraphs = file.tables(model, slots.model.subgraphs, 'subgraph')
  const described = subgraphs.flatMap((subgraph) =>
    file.tables(subgraph, slots.subgraph.tensors, 'tensor').map((table, i) => describe(file, table, i)),
  )
  return described.flatMap(({ buffer, ...tensor }) => {
    const range = buffers[buffer]
    return range ? [{ ...range, ...tensor }] : []
  })
}

function bufferRange(file: FlatWindow, table: number, index: number) {
  const where = `buffer ${index}`
  const inside = file.vector(table, slots.buffer.data, 1, where)
  if (inside.length > 0) return { offset: inside.start, length: inside.length }
  const [offsetAt, sizeAt] = [
    file.field(table, slots.buffer.offset, where),
    file.field(table, slots.buffer.size, where),
  ]
  if (offsetAt === null || sizeAt === null) return null
  const [offset, length] = [file.u64(offsetAt, where), file.u64(sizeAt, where)]
  if (offset <= 1 || length === 0) return null
  file.check(offset, length, where)
  return { offset, length }
}

function describe(file: FlatWindow, table: number, index: number) {
  const where = `tensor ${index}`
  const shape = file.vector(table, slots.tensor.shape, 4, where)
  if (shape.length > maxRank) file.malformed(say`${shape.length} dimensions`, where)
  const name = file.vector(table, slots.tensor.name, 1, where)
  const [typeAt, bufferAt] = [
    file.field(table, slots.tensor.type, where),
    file.field(table, slots.tensor.buffer, where),
  ]
  const type = tensorTypes[typeAt === null ? 0 : file.u8(typeAt, where)]
  const whole = type?.dtype && type.bits >= 8
  return {
    name: file.text(name.start, Math.min(name.length, maxNameBytes), where) || `tensor_${index}`,
    shape: Array.from({ length: shape.length }, (_, i) => file.i32(shape.start + 4 * i, where)),
    // packed 4-bit elements and types without a meaning here are bytes
    dtype: whole ? type.dtype! : ('u8' as const),
    buffer: bufferAt === null ? 0 : file.u32(bufferAt, where),
  }
}
