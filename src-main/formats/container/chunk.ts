// A chunk: segments in the order of the file. The table of segments and all bytes that are no elements form one blob, which is
// coded as a whole, so that many small tensors do not cost a header each. CONTAINER.md says every bit.
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import { ByteReader, ByteWriter, concatBytes } from '../../base/bytes.ts'
import { say } from '../../base/note.ts'
import { decodeFloats, encodeFloats } from '../../codecs/float/float.ts'
import { deflateLevels, deflateLikeZlib } from './deflate.ts'
import { type CodedSegment, codings, damaged, decodeSegment } from './segment.ts'
import { putVarint, takeVarint } from './varint.ts'

/** Original bytes that a chunk may stand for: a reader refuses more, whatever the chunk says. */
export const maxChunkOriginal = 1 << 25
/** Of a chunk in the container: what cannot be made smaller, its table, and some room. */
export const maxChunkBody = maxChunkOriginal + (1 << 20)
export const maxSegments = 1 << 14

export interface Segment extends CodedSegment {
  /** Bytes of the original. */
  readonly length: number
  /** With coding `deflated`: zlib's level, and how many of the segments that follow hold what the bytes inflate to. */
  readonly member?: { readonly level: number; readonly segments: number }
}

const blobCodings = { raw: 0, byte: 1, brotli: 2 } as const

/** The chunk in parts, so that no copy of it is made. */
export function writeChunk(segments: readonly Segment[]): Uint8Array[] {
  const table = putVarint(new ByteWriter(), segments.length)
  for (const { coding, length, payload, member } of segments) {
    putVarint(table.u8(coding), length)
    if (member) putVarint(table.u8(member.level), member.segments)
    else if (coding !== codings.other && coding !== codings.raw) putVarint(table, payload.length)
  }
  const others = segments.filter(({ coding }) => coding === codings.other)
  const blob = concatBytes([table.finish(), ...others.map(({ payload }) => payload)])
  const { coding, payload } = smallestBlob(blob)
  const head = new ByteWriter().u8(coding)
  putVarint(putVarint(head, blob.length), payload.length)
  const elements = segments.filter((segment) => segment.coding !== codings.other)
  return [head.finish(), payload, ...elements.map((segment) => segment.payload)]
}

/** Brotli's best level takes a second for a megabyte; larger blobs are rare, and mostly data that nothing makes smaller. */
const patientBytes = 1 << 18

function smallestBlob(blob: Uint8Array) {
  const quality = blob.length <= patientBytes ? constants.BROTLI_MAX_QUALITY : 5
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: blob.length }
  const tried = [
    { coding: blobCodings.raw, payload: blob },
    { coding: blobCodings.byte, payload: blob.length <= 1 << 22 ? encodeFloats('byte', blob, blob.length) : null },
    { coding: blobCodings.brotli, payload: brotliCompressSync(blob, { params }) },
  ]
  return tried
    .flatMap(({ coding, payload }) => (payload ? [{ coding, payload }] : []))
    .reduce((a, b) => (b.payload.length < a.payload.length ? b : a))
}

interface TableRow {
  readonly coding: number
  readonly length: number
  readonly codedLength: number
  readonly level: number
  /** Segments that belong to this deflated member. */
  readonly segments: number
}

/** Gives the original bytes to `emit`, piece by piece, in views that are valid during the call. */
export function readChunk(body: Uint8Array, emit: (bytes: Uint8Array) => void) {
  const reader = new ByteReader(body, () => damaged(say`a chunk ends too early`))
  const blob = new ByteReader(readBlob(reader), () => damaged(say`a table of segments ends too early`))
  const rows = readTable(blob)
  const decode = ({ coding, length, codedLength }: TableRow) =>
    coding === codings.other ? blob.slice(length) : decodeSegment(coding, reader.slice(codedLength), length)
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!
    if (row.coding !== codings.deflated) {
      emit(decode(row))
      continue
    }
    emit(
      deflated(
        row,
        rows.slice(i + 1, i + 1 + row.segments).map((inner) => new Uint8Array(decode(inner))),
      ),
    )
    i += row.segments
  }
  if (!blob.done || !reader.done) damaged(say`a chunk holds more than its segments`)
}

function deflated({ level, length }: TableRow, parts: readonly Uint8Array[]): Uint8Array {
  const bytes = deflateLikeZlib(concatBytes(parts), level)
  return bytes.length === length ? bytes : damaged(say`a member deflates to another length than it should`)
}

function readBlob(reader: ByteReader): Uint8Array {
  const [coding, bytes, codedBytes] = [reader.u8(), takeVarint(reader), takeVarint(reader)]
  if (!(bytes <= maxChunkBody)) damaged(say`a table of ${bytes} bytes`)
  const coded = reader.slice(codedBytes)
  const blob =
    coding === blobCodings.raw
      ? coded
      : coding === blobCodings.byte
        ? decodeFloats(coded, bytes)
        : coding === blobCodings.brotli
          ? unbrotli(coded, bytes)
          : damaged(say`there is no coding ${coding} of tables`)
  return blob.length === bytes ? blob : damaged(say`a table has another length than it says`)
}

function unbrotli(coded: Uint8Array, bytes: number): Uint8Array {
  try {
    // one byte more than declared, so that a longer stream is seen as damage
    return brotliDecompressSync(coded, { maxOutputLength: bytes + 1 })
  } catch {
    return damaged(say`a table cannot be decompressed`)
  }
}

/** Every length is bounded here, before any segment is decoded. */
function readTable(blob: ByteReader): TableRow[] {
  const count = takeVarint(blob)
  if (!(count <= maxSegments)) damaged(say`${count} segments in a chunk`)
  const rows: TableRow[] = []
  let [total, inMember] = [0, 0]
  for (let i = 0; i < count; i++, inMember = Math.max(0, inMember - 1)) {
    const [coding, length] = [blob.u8(), takeVarint(blob)]
    total += length
    if (!(length > 0 && total <= maxChunkOriginal)) damaged(say`a chunk is too large`)
    if (coding !== codings.deflated) {
      const plain = coding === codings.other || coding === codings.raw
      rows.push({ coding, length, codedLength: plain ? length : takeVarint(blob), level: 0, segments: 0 })
      continue
    }
    const [level, segments] = [blob.u8(), takeVarint(blob)]
    if (inMember > 0 || !(segments < count - i) || !deflateLevels.includes(level))
      damaged(say`a deflated member is impossible`)
    rows.push({ coding, length, codedLength: 0, level, segments })
    inMember = segments + 1
  }
  return rows
}
