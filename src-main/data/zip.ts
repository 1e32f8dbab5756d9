// Reading zip archives through a ByteSource: the central directory first, then one member at a time. Stored and deflated
// members, and zip64. Format: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16 and 4.5.3.
import { ByteReader } from '../base/bytes.ts'
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import type { ByteSource } from '../base/source.ts'
import { type Deflated, inflateApart } from './inflate.ts'

export interface ZipMember {
  readonly name: string
  readonly size: number
  /** Inflated in another thread. */
  read(): Promise<Uint8Array>
}

interface Entry {
  readonly name: string
  readonly method: number
  readonly flags: number
  readonly compressed: number
  readonly size: number
  readonly offset: number
}

const endMark = 0x06054b50
const entryMark = 0x02014b50
const localMark = 0x04034b50
const zip64LocatorMark = 0x07064b50
const zip64EndMark = 0x06064b50
const endBytes = 22
const localBytes = 30
const full32 = 0xffffffff

export function readZip(source: ByteSource, path: string): ZipMember[] {
  const { offset, size, count } = findDirectory(source, path)
  const directory = reader(path, part(source, path, offset, size))
  const entries: Entry[] = []
  for (let i = 0; i < count; i++) entries.push(readEntry(directory, path))
  return entries.map((entry) => ({
    name: entry.name,
    size: entry.size,
    async read() {
      const { stored, deflated } = memberBytes(source, path, entry)
      return deflated ? inflateApart(deflated) : stored
    },
  }))
}

function findDirectory(source: ByteSource, path: string): { offset: number; size: number; count: number } {
  // the end record is followed by a comment of at most 65535 bytes
  const tailBytes = Math.min(source.size, endBytes + 65535)
  const tailAt = source.size - tailBytes
  const tail = part(source, path, tailAt, tailBytes)
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
  let at = tail.byteLength - endBytes
  while (at >= 0 && view.getUint32(at, true) !== endMark) at--
  if (at < 0) return fail(path, say`it is no zip archive, or its end is missing`)
  const record = reader(path, tail).seek(at + 10)
  const [count, size, offset] = [record.u16(), record.u32(), record.u32()]
  if (count !== 0xffff && size !== full32 && offset !== full32) return { count, size, offset }
  return findZip64(source, path, tailAt + at - 20)
}

function findZip64(source: ByteSource, path: string, locatorAt: number) {
  const locator = reader(path, part(source, path, locatorAt, 20))
  if (locator.u32() !== zip64LocatorMark) fail(path, say`its zip64 locator is missing`)
  const record = reader(path, part(source, path, Number(locator.skip(4).u64()), 56))
  if (record.u32() !== zip64EndMark) fail(path, say`its zip64 end record is missing`)
  const count = Number(record.seek(32).u64())
  return { count, size: Number(record.u64()), offset: Number(record.u64()) }
}

function readEntry(directory: ByteReader, path: string): Entry {
  if (directory.u32() !== entryMark) fail(path, say`its directory is broken`)
  directory.skip(4)
  const flags = directory.u16()
  const method = directory.u16()
  directory.skip(8)
  const sizes = { compressed: directory.u32(), size: directory.u32(), offset: 0 }
  const [nameBytes, extraBytes, commentBytes] = [directory.u16(), directory.u16(), directory.u16()]
  sizes.offset = directory.skip(8).u32()
  const name = directory.text(nameBytes)
  const extra = reader(path, directory.slice(extraBytes))
  directory.skip(commentBytes)
  return { name, method, flags, ...withZip64(sizes, extra) }
}

/** The zip64 extra field holds, in this order, those of the numbers that did not fit in 32 bits. */
function withZip64(sizes: { compressed: number; size: number; offset: number }, extra: ByteReader) {
  while (extra.remaining >= 4) {
    const [id, length] = [extra.u16(), extra.u16()]
    if (id !== 1) {
      extra.skip(length)
      continue
    }
    const size = sizes.size === full32 ? Number(extra.u64()) : sizes.size
    const compressed = sizes.compressed === full32 ? Number(extra.u64()) : sizes.compressed
    return { size, compressed, offset: sizes.offset === full32 ? Number(extra.u64()) : sizes.offset }
  }
  return sizes
}

type MemberBytes =
  | { readonly deflated: Deflated; readonly stored: null }
  | { readonly deflated: null; readonly stored: Uint8Array }

function memberBytes(source: ByteSource, path: string, entry: Entry): MemberBytes {
  const local = reader(path, part(source, path, entry.offset, localBytes))
  if (local.u32() !== localMark) fail(path, say`the header of ${entry.name} is broken`)
  if (entry.flags & 1) fail(path, say`${entry.name} is encrypted`)
  const [nameBytes, extraBytes] = [local.seek(26).u16(), local.u16()]
  const data = part(source, path, entry.offset + localBytes + nameBytes + extraBytes, entry.compressed)
  if (entry.method === 8)
    return { deflated: { path, what: entry.name, bytes: data, declared: entry.size }, stored: null }
  if (entry.method !== 0) fail(path, say`${entry.name} is compressed by method ${entry.method}`)
  if (entry.size !== entry.compressed) fail(path, say`${entry.name} is stored with two different sizes`)
  return { deflated: null, stored: data }
}

function part(source: ByteSource, path: string, offset: number, length: number): Uint8Array {
  if (!(offset >= 0 && length >= 0 && offset + length <= source.size))
    fail(path, say`it ends too early: ${length} bytes are needed at ${offset}, the file has ${source.size}`)
  return source.read(offset, length)
}

const reader = (path: string, bytes: Uint8Array) =>
  new ByteReader(bytes, (needed, offset) => fail(path, say`${needed} bytes are missing at ${offset} of its directory`))

function fail(path: string, problem: Note): never {
  throw new AppError('data.malformed', { path, problem })
}
