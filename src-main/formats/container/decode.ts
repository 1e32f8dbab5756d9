// Reading a container: chunk by chunk, each checked against its CRC before anything in it is believed, and the whole against the
// SHA-256 of each original.
import { crc32 } from 'node:zlib'
import { ByteReader } from '../../base/bytes.ts'
import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import type { ByteSource } from '../../base/source.ts'
import { readInto, release } from './buffers.ts'
import { maxChunkBody, readChunk } from './chunk.ts'
import type { CodingEvents } from './encode.ts'
import { type FileEntry, readFileTable } from './file-table.ts'
import { type BesideFile, FileSplitter } from './files.ts'
import { chunkHeadBytes, formats, hashBytes, headerBytes, magic, maxTableBytes, versions } from './layout.ts'
import type { ModelFormat } from './span.ts'

export interface DecodedFile {
  readonly format: ModelFormat
  /** Of all files. */
  readonly originalBytes: number
  readonly encodedBytes: number
  /** Of the model, or whatever was encoded. */
  readonly sha256: string
  readonly beside: readonly BesideFile[]
}

/** Where bytes go, in order; file 0 is the model, the others are those beside it. The view is valid during the call. */
export type FileSink = (bytes: Uint8Array, file: number) => void

export const isContainer = (source: ByteSource) =>
  source.size >= 4 && new ByteReader(source.read(0, 4), () => malformed(source, '')).u32() === magic

/** "SHOE": runs on a device, and was not made to be decoded. */
export const isPack = (source: ByteSource) =>
  source.size >= 4 && Buffer.from(source.read(0, 4)).equals(Buffer.from('SHOE', 'latin1'))

/** What was written to the sink before an error is thrown must not be used. */
export async function decodeContainer(source: ByteSource, sink: FileSink, events: CodingEvents): Promise<DecodedFile> {
  const { format, originalBytes, beside, chunksAt } = readHead(source)
  const modelBytes = originalBytes - beside.reduce((sum, { bytes }) => sum + bytes, 0)
  const files = new FileSplitter([modelBytes, ...beside.map(({ bytes }) => bytes)], sink)
  let [at, written] = [chunksAt, 0]
  const emit = (bytes: Uint8Array) => {
    written += bytes.length
    if (written > originalBytes) malformed(source, say`it holds more than it says`)
    files.push(bytes)
  }
  const chunks = new ChunkReader(source)
  for (;;) {
    const body = chunks.read(at)
    if (body === null) break
    readChunk(body, emit)
    at += chunkHeadBytes + body.length
    await events.progress(at, source.size)
  }
  if (written !== originalBytes) malformed(source, say`${written} bytes come out of it instead of ${originalBytes}`)
  const digests = files.digests()
  checkEnd(source, at + 4, digests)
  const [sha256 = '', ...others] = digests
  const named = beside.map((file, i) => ({ ...file, sha256: others[i]! }))
  return { format, originalBytes, encodedBytes: source.size, sha256, beside: named }
}

export interface ContainerHead {
  readonly format: ModelFormat
  readonly originalBytes: number
  readonly beside: readonly FileEntry[]
  readonly chunksAt: number
}

/** What a container says of itself; no more is checked. */
export function readHead(source: ByteSource): ContainerHead {
  if (!isContainer(source))
    malformed(source, isPack(source) ? say`it is a pack for a device` : say`it does not begin with SWTS`)
  const bytes = read(source, 0, headerBytes)
  const reader = new ByteReader(bytes, () => malformed(source, say`it ends too early`)).skip(4)
  const found = reader.u16()
  const known = found === versions.single || found === versions.beside
  if (!known)
    malformed(source, say`it has version ${found}, this program reads ${Object.values(versions).join(' and ')}`)
  const format = formats[reader.u8()]
  const originalBytes = Number(reader.skip(1).u64())
  if (reader.u32() !== crc32(bytes.subarray(0, headerBytes - 4)))
    malformed(source, say`its header does not match its checksum`)
  if (!format || !Number.isSafeInteger(originalBytes)) return malformed(source, say`its header is impossible`)
  if (found === versions.single) return { format, originalBytes, beside: [], chunksAt: headerBytes }
  return { format, originalBytes, ...readBeside(source, originalBytes) }
}

function readBeside(source: ByteSource, originalBytes: number): Pick<ContainerHead, 'beside' | 'chunksAt'> {
  const reader = new ByteReader(read(source, headerBytes, chunkHeadBytes), () =>
    malformed(source, say`it ends too early`),
  )
  const [length, crc] = [reader.u32(), reader.u32()]
  if (length > maxTableBytes) malformed(source, say`a table of files of ${length} bytes`)
  const table = read(source, headerBytes + chunkHeadBytes, length)
  if (crc !== crc32(table)) malformed(source, say`its table of files does not match its checksum`)
  const entries = new ByteReader(table, () => malformed(source, say`its table of files ends too early`))
  const beside = readFileTable(entries, (problem) => malformed(source, problem))
  if (beside.reduce((sum, { bytes }) => sum + bytes, 0) > originalBytes)
    malformed(source, say`its files are longer than it says`)
  return { beside, chunksAt: headerBytes + chunkHeadBytes + length }
}

class ChunkReader {
  readonly #source: ByteSource
  /** As long as the largest chunk so far, and never longer than the file. */
  #buffer = new Uint8Array(0)

  constructor(source: ByteSource) {
    this.#source = source
  }

  /** The body of the chunk at `at`, a view that the next call overwrites; null at the end of the chunks. */
  read(at: number): Uint8Array | null {
    const source = this.#source
    const length = new ByteReader(read(source, at, 4), () => malformed(source, say`it ends too early`)).u32()
    if (length === 0) return null
    if (length > maxChunkBody) malformed(source, say`a chunk of ${length} bytes at ${at}`)
    const head = new ByteReader(read(source, at, chunkHeadBytes), () => malformed(source, say`it ends too early`)).skip(
      4,
    )
    const body = this.#fill(at + chunkHeadBytes, length)
    return head.u32() === crc32(body) ? body : malformed(source, say`the chunk at ${at} does not match its checksum`)
  }

  #fill(offset: number, length: number): Uint8Array {
    const source = this.#source
    if (offset + length > source.size) malformed(source, say`it ends too early`)
    if (this.#buffer.length < length) {
      release(this.#buffer)
      this.#buffer = new Uint8Array(length)
    }
    const body = this.#buffer.subarray(0, length)
    return readInto(source, offset, body) === length ? body : malformed(source, say`it ends too early`)
  }
}

function checkEnd(source: ByteSource, at: number, digests: readonly string[]) {
  const bytes = digests.length * hashBytes
  if (Buffer.from(read(source, at, bytes)).toString('hex') !== digests.join(''))
    malformed(source, say`what comes out of it does not match the SHA-256 of the original`)
  if (at + bytes !== source.size) malformed(source, say`there is something behind its end`)
}

function read(source: ByteSource, offset: number, length: number): Uint8Array {
  if (offset + length > source.size) malformed(source, say`it ends too early`)
  const bytes = source.read(offset, length)
  return bytes.length === length ? bytes : malformed(source, say`it ends too early`)
}

function malformed(source: ByteSource, problem: Note): never {
  throw new AppError('pack.container', { name: source.name, problem })
}
