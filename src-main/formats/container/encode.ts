// Writing a container: one pass over the file and those beside it, a chunk in memory at a time.
import { crc32 } from 'node:zlib'
import { ByteWriter } from '../../base/bytes.ts'
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { ByteSource } from '../../base/source.ts'
import type { Siblings } from '../onnx/external.ts'
import { readInto, release } from './buffers.ts'
import { maxSegments, type Segment, writeChunk } from './chunk.ts'
import { writeFileTable } from './file-table.ts'
import { type BesideFile, type BesideSource, FileSplitter, joinSources } from './files.ts'
import { formats, magic, maxBesideFiles, maxTableBytes, versions } from './layout.ts'
import { chunkBytes, type ElementPiece, type Piece, piecesOf } from './pieces.ts'
import { canReopen, piecesOfMember, reopen } from './reopen.ts'
import { scanFile } from './scan.ts'
import { codings, encodeSegment } from './segment.ts'
import type { ModelFormat } from './span.ts'
import { Tally, type TensorCoding } from './tally.ts'

/** Where bytes go, in order. The view is valid during the call. */
export type Sink = (bytes: Uint8Array) => void

export interface CodingEvents {
  /** Called between chunks; may throw to stop. `done` and `total` in bytes of the file that is read. */
  readonly progress: (done: number, total: number) => void | Promise<void>
}

export interface EncodedFile {
  readonly format: ModelFormat
  readonly tensors: number
  /** Of all files. */
  readonly originalBytes: number
  readonly encodedBytes: number
  /** Of the file that was named: the model. */
  readonly sha256: string
  /** Files that hold weights of the model, in the container with it. */
  readonly beside: readonly BesideFile[]
  /**
   * Bytes before and after by coding, without chunk and segment headers. What is no element is "other", and coded together later:
   * here it counts as it is. Deflated members count as what they inflate to.
   */
  readonly byCoding: Readonly<Record<string, { readonly originalBytes: number; readonly encodedBytes: number }>>
  /** Tensors of 48 bytes and more; smaller ones are "other". */
  readonly byTensor: readonly TensorCoding[]
}

/** `siblings` opens files beside the model by relative path; closing them is its caller's business. */
export async function encodeContainer(
  file: ByteSource,
  sink: Sink,
  events: CodingEvents,
  siblings: Siblings = () => null,
): Promise<EncodedFile> {
  const spans = scanFile(file, siblings)
  const source = joinSources(file, spans.beside)
  const writer = new ContainerWriter(source, [file.size, ...spans.beside.map((one) => one.source.size)], sink)
  writer.head(spans.format, spans.beside)
  for (const piece of piecesOf(spans, source.size, canReopen)) {
    if (writer.add(piece)) await events.progress(piece.offset + piece.length, source.size)
  }
  const [sha256 = '', ...others] = writer.end()
  await events.progress(source.size, source.size)
  const { encodedBytes, byCoding, reopened } = writer
  return {
    format: spans.format,
    tensors: spans.tensors.length + reopened,
    originalBytes: source.size,
    encodedBytes,
    sha256,
    beside: spans.beside.map(({ path, source: { size } }, i) => ({ path, bytes: size, sha256: others[i]! })),
    byCoding,
    byTensor: writer.tally.finish(),
  }
}

class ContainerWriter {
  encodedBytes = 0
  /** Arrays in deflated members that are coded. */
  reopened = 0
  readonly byCoding: Record<string, { originalBytes: number; encodedBytes: number }> = {}
  readonly tally = new Tally()
  readonly #source: ByteSource
  readonly #sink: Sink
  readonly #files: FileSplitter
  readonly #buffer = new Uint8Array(chunkBytes)
  #segments: Segment[] = []
  #held = 0

  constructor(source: ByteSource, sizes: readonly number[], sink: Sink) {
    this.#source = source
    this.#files = new FileSplitter(sizes)
    this.#sink = sink
  }

  head(format: ModelFormat, beside: readonly BesideSource[]) {
    const head = new ByteWriter()
      .u32(magic)
      .u16(beside.length === 0 ? versions.single : versions.beside)
      .u8(formats.indexOf(format))
      .u8(0)
      .u64(BigInt(this.#source.size))
    this.#put(head.u32(crc32(head.finish())).finish())
    if (beside.length > 0) this.#putTable(beside)
  }

  #putTable(beside: readonly BesideSource[]) {
    const table = writeFileTable(beside.map(({ path, source }) => ({ path, bytes: source.size })))
    if (beside.length > maxBesideFiles || table.length > maxTableBytes)
      throw new AppError('model.unsupported', {
        name: this.#source.name,
        what: say`${beside.length} files beside it`,
        where: say`its external data`,
      })
    this.#put(new ByteWriter().u32(table.length).u32(crc32(table)).raw(table).finish())
  }

  /** True when a chunk was written. */
  add(piece: Piece): boolean {
    const bytes = this.#read(piece.offset, piece.length)
    this.#files.push(bytes)
    const full = this.#held > 0 && (this.#held + bytes.length > chunkBytes || this.#segments.length >= maxSegments / 2)
    if (full) this.#flush()
    if (piece.kind === 'deflated') return this.#addMember(piece, bytes) || full
    this.#hold(this.#coded(piece, bytes))
    return full
  }

  #addMember(piece: Piece & { readonly kind: 'deflated' }, bytes: Uint8Array): boolean {
    const opened = reopen(bytes, piece.inflatedBytes)
    const pieces = opened ? piecesOfMember(piece.name, opened.inflated) : []
    const partsOfTensors = new Tally()
    const segments = pieces.map((part) =>
      this.#coded(part, opened!.inflated.subarray(part.offset, part.offset + part.length), partsOfTensors),
    )
    const coded = segments.reduce((sum, { payload }) => sum + payload.length, 0)
    if (!opened || coded >= bytes.length) {
      for (let at = 0; at < bytes.length; at += chunkBytes)
        this.#hold(this.#coded({ kind: 'stored' }, bytes.subarray(at, at + chunkBytes)))
      return false
    }
    this.tally.take(partsOfTensors)
    const { level } = opened
    const large = this.#held + opened.inflated.length > chunkBytes
    if (large && this.#held > 0) this.#flush()
    const member = { level, segments: segments.length }
    this.#hold({ coding: codings.deflated, payload: new Uint8Array(0), length: bytes.length, member })
    for (const segment of segments) this.#hold(segment)
    this.reopened += pieces.some(({ kind }) => kind === 'elements') ? 1 : 0
    if (large) this.#flush()
    return large
  }

  /** SHA-256 of each file. */
  end(): string[] {
    if (this.#held > 0) this.#flush()
    const digests = this.#files.digests()
    this.#put(
      new ByteWriter()
        .u32(0)
        .raw(Buffer.from(digests.join(''), 'hex'))
        .finish(),
    )
    return digests
  }

  /** The payload is its own copy. */
  #coded(piece: ElementPiece | { readonly kind: 'other' | 'stored' }, bytes: Uint8Array, tally = this.tally): Segment {
    if (piece.kind !== 'elements') {
      const coding = piece.kind === 'other' ? codings.other : codings.raw
      return { coding, payload: new Uint8Array(bytes), length: bytes.length }
    }
    const coded = encodeSegment({ ...piece, bytes })
    tally.add(piece.tensor, bytes.length, coded)
    const payload = coded.payload === bytes ? new Uint8Array(bytes) : coded.payload
    return { coding: coded.coding, payload, length: bytes.length }
  }

  #hold(segment: Segment) {
    this.#segments.push(segment)
    this.#held += segment.length
    if (!segment.member) this.#count(segment.coding, segment.length, segment.payload.length)
  }

  #flush() {
    const parts = writeChunk(this.#segments)
    const bytes = parts.reduce((sum, part) => sum + part.length, 0)
    const crc = parts.reduce((sum, part) => crc32(part, sum), 0)
    this.#put(new ByteWriter().u32(bytes).u32(crc).finish())
    for (const part of parts) this.#put(part)
    for (const { payload } of this.#segments) release(payload)
    this.#segments = []
    this.#held = 0
  }

  /** A view that the next call overwrites. */
  #read(offset: number, length: number): Uint8Array {
    // a deflated member may be longer than a chunk
    const into = length <= chunkBytes ? this.#buffer.subarray(0, length) : new Uint8Array(length)
    const available = readInto(this.#source, offset, into)
    if (available === length) return into
    const { name } = this.#source
    throw new AppError('model.truncated', { name, where: say`the file`, needed: length, offset, available })
  }

  #put(bytes: Uint8Array) {
    this.encodedBytes += bytes.length
    this.#sink(bytes)
  }

  #count(coding: number, originalBytes: number, encodedBytes: number) {
    const name = Object.entries(codings).find(([, number]) => number === coding)![0]
    this.byCoding[name] ??= { originalBytes: 0, encodedBytes: 0 }
    const sum = this.byCoding[name]
    sum.originalBytes += originalBytes
    sum.encodedBytes += encodedBytes
  }
}
