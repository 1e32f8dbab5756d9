// Arrays of an npz file: members of a zip archive, each a NumPy array (format versions 1 to 3). Zip as in PKWARE APPNOTE 6.3.
import { ByteReader } from '../../base/bytes.ts'
import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import type { ByteSource } from '../../base/source.ts'
import type { DType } from '../../ir/dtype.ts'
import type { DeflatedSpan, TensorSpan } from './span.ts'

const localMark = 0x04034b50
const entryMark = 0x02014b50
const endMark = 0x06054b50
const zip64EndMark = 0x06064b50
const endBytes = 22
const localBytes = 30
const full32 = 0xffffffff
/** Of a directory; names and extra fields of far more members than any archive of weights has. */
const maxDirectoryBytes = 1 << 26
const maxHeaderBytes = 1 << 16
const stored = 0
const deflate = 8

export function isZip(source: ByteSource): boolean {
  return source.size >= endBytes && [localMark, endMark, zip64EndMark].includes(reader(source, 0, 4).u32())
}

export function npzSpans(source: ByteSource): { tensors: TensorSpan[]; deflated: DeflatedSpan[] } {
  const members = readDirectory(source)
  const tensors = members.filter(({ method }) => method === stored).flatMap((member) => storedTensor(source, member))
  const deflated = members
    .filter(({ method, compressed, size }) => method === deflate && compressed > 0 && size > 0)
    .map(({ name, offset, compressed, size }) => ({ name, offset, length: compressed, inflatedBytes: size }))
  return { tensors, deflated }
}

interface Member {
  readonly name: string
  readonly method: number
  /** Of the member's data, behind its local header. */
  readonly offset: number
  readonly compressed: number
  readonly size: number
}

function readDirectory(source: ByteSource): Member[] {
  const { offset, size, count } = findDirectory(source)
  if (size > maxDirectoryBytes) malformed(source, say`its directory has ${size} bytes`)
  const directory = reader(source, offset, size)
  const members: Member[] = []
  for (let i = 0; i < count; i++) members.push(readEntry(source, directory))
  return members
}

function findDirectory(source: ByteSource) {
  // the end record is followed by a comment of at most 65535 bytes
  const tailBytes = Math.min(source.size, endBytes + 65535)
  const tail = source.read(source.size - tailBytes, tailBytes)
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
  let at = tail.byteLength - endBytes
  while (at >= 0 && view.getUint32(at, true) !== endMark) at--
  if (at < 0) malformed(source, say`the end of the archive is missing`)
  const count = view.getUint16(at + 10, true)
  const [size, offset] = [view.getUint32(at + 12, true), view.getUint32(at + 16, true)]
  if (count !== 0xffff && size !== full32 && offset !== full32) return { count, size, offset }
  const locator = reader(source, source.size - tailBytes + at - 20, 20)
  const record = reader(source, Number(locator.skip(8).u64()), 56).skip(32)
  return { count: Number(record.u64()), size: Number(record.u64()), offset: Number(record.u64()) }
}

function readEntry(source: ByteSource, directory: ByteReader): Member {
  if (directory.u32() !== entryMark) malformed(source, say`its directory is broken`)
  const method = directory.skip(6).u16()
  const sizes = [directory.skip(8).u32(), directory.u32()]
  const [nameBytes, extraBytes, commentBytes] = [directory.u16(), directory.u16(), directory.u16()]
  const localAt = directory.skip(8).u32()
  const name = directory.text(nameBytes)
  const extra = directory.slice(extraBytes)
  directory.skip(commentBytes)
  // the zip64 field holds, in this order, those that did not fit: size, compressed size, place of the local header
  const [size, compressed, local] = withZip64(source, [sizes[1]!, sizes[0]!, localAt], extra) as [
    number,
    number,
    number,
  ]
  const head = reader(source, local, localBytes)
  if (head.u32() !== localMark) malformed(source, say`the member ${name} is not where the directory says`)
  const offset = local + localBytes + head.skip(22).u16() + head.u16()
  if (!(offset + compressed <= source.size)) malformed(source, say`the member ${name} goes beyond the file`)
  return { name, method, offset, compressed, size }
}

function withZip64(source: ByteSource, values: readonly number[], extra: Uint8Array): number[] {
  const fields = new ByteReader(extra, () => malformed(source, say`an extra field is broken`))
  while (fields.remaining >= 4) {
    const [id, length] = [fields.u16(), fields.u16()]
    if (id === 1) return values.map((value) => (value === full32 ? Number(fields.u64()) : value))
    fields.skip(length)
  }
  return [...values]
}

function storedTensor(source: ByteSource, { name, offset, compressed }: Member): TensorSpan[] {
  if (!name.endsWith('.npy')) return []
  const array = npyTensor(source.read(offset, Math.min(compressed, maxHeaderBytes)), compressed)
  return array ? [{ ...array, name: name.slice(0, -4), offset: offset + array.offset }] : []
}

const npyTypes: Readonly<Record<string, DType>> = {
  f2: 'f16',
  f4: 'f32',
  f8: 'f64',
  i1: 'i8',
  u1: 'u8',
  i2: 'i16',
  u2: 'u16',
  i4: 'i32',
  u4: 'u32',
  i8: 'i64',
  u8: 'u64',
  b1: 'bool',
}

/** The elements of a .npy file of `bytes` bytes that starts with `head`; null when it is not understood, and then kept as bytes. */
export function npyTensor(head: Uint8Array, bytes: number): Omit<TensorSpan, 'name'> | null {
  if (head.length < 12 || Buffer.from(head.subarray(0, 6)).toString('latin1') !== '\x93NUMPY') return null
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const at = head[6]! >= 2 ? 12 : 10
  const offset = at + (head[6]! >= 2 ? view.getUint32(8, true) : view.getUint16(8, true))
  if (offset > head.length) return null
  const text = Buffer.from(head.subarray(at, offset)).toString('latin1')
  const type = /'descr'\s*:\s*'[<|=]([a-z]\d)'/.exec(text)
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)
  const dtype = type && npyTypes[type[1]!]
  if (!dtype || !shape) return null
  const dims = [...shape[1]!.matchAll(/\d+/g)].map(([digits]) => Number(digits))
  return { offset, length: bytes - offset, dtype, shape: dims }
}

function reader(source: ByteSource, offset: number, length: number): ByteReader {
  if (!(offset >= 0 && offset + length <= source.size)) malformed(source, say`its directory goes beyond the file`)
  return new ByteReader(source.read(offset, length), () => malformed(source, say`its directory is broken`))
}

function malformed(source: ByteSource, problem: Note): never {
  throw new AppError('data.malformed', { path: source.name, problem })
}
