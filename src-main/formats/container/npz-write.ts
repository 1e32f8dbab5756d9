// Tensors of any size as an npz file that is written in one pass: members stored, all sizes in zip64 fields (PKWARE APPNOTE 6.3,
// 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3). Equal tensors give equal bytes: the time is fixed.
import { crc32 } from 'node:zlib'
import { ByteWriter } from '../../base/bytes.ts'
import type { DType } from '../../ir/dtype.ts'
import type { NamedTensor } from './tensors.ts'

const stepBytes = 1 << 20
/** 1980-01-01 00:00, the first that a zip archive can say. */
const date = 0x21
const full32 = 0xffffffff
/** Version 4.5, the first with zip64. */
const zipVersion = 45
const utf8Names = 0x800

interface Member {
  readonly name: Uint8Array
  readonly crc: number
  readonly bytes: number
  /** Of the local header. */
  readonly at: number
}

export function writeNpzFile(tensors: readonly NamedTensor[], sink: (bytes: Uint8Array) => void) {
  let at = 0
  const put = (bytes: Uint8Array) => {
    at += bytes.length
    sink(bytes)
  }
  const members = tensors.map((tensor) => {
    const head = npyHead(tensor)
    let crc = crc32(head)
    for (const part of partsOf(tensor)) crc = crc32(part, crc)
    const member = { name: Buffer.from(`${tensor.name}.npy`), crc, bytes: head.length + tensor.bytes, at }
    put(localHeader(member))
    put(head)
    for (const part of partsOf(tensor)) put(part)
    return member
  })
  const directoryAt = at
  for (const member of members) put(directoryEntry(member))
  put(directoryEnd(members.length, directoryAt, at - directoryAt))
}

function* partsOf(tensor: NamedTensor): Generator<Uint8Array> {
  for (let at = 0; at < tensor.bytes; at += stepBytes) yield tensor.read(at, Math.min(stepBytes, tensor.bytes - at))
}

const npyTypes: Readonly<Record<DType, string>> = {
  f32: '<f4',
  f64: '<f8',
  f16: '<f2',
  // NumPy has no bfloat16: its bits
  bf16: '<u2',
  i8: '|i1',
  u8: '|u1',
  i16: '<i2',
  u16: '<u2',
  i32: '<i4',
  u32: '<u4',
  i64: '<i8',
  u64: '<u8',
  bool: '|b1',
}

/** Version 1: the header is a Python dictionary, padded so that the elements start at a multiple of 64. */
function npyHead({ dtype, shape }: NamedTensor): Uint8Array {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const text = `{'descr': '${npyTypes[dtype]}', 'fortran_order': False, 'shape': (${dims}), }`
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`
  return new ByteWriter().raw(Buffer.from('\x93NUMPY\x01\x00', 'latin1')).u16(padded.length).text(padded).finish()
}

function localHeader({ name, crc, bytes }: Member): Uint8Array {
  const head = new ByteWriter().u32(0x04034b50).u16(zipVersion).u16(utf8Names).u16(0).u16(0).u16(date).u32(crc)
  head.u32(full32).u32(full32).u16(name.length).u16(20).raw(name)
  return head.u16(1).u16(16).u64(BigInt(bytes)).u64(BigInt(bytes)).finish()
}

function directoryEntry({ name, crc, bytes, at }: Member): Uint8Array {
  const entry = new ByteWriter().u32(0x02014b50).u16(zipVersion).u16(zipVersion).u16(utf8Names).u16(0).u16(0).u16(date)
  entry.u32(crc).u32(full32).u32(full32).u16(name.length).u16(28).u16(0).u16(0).u16(0).u32(0).u32(full32).raw(name)
  return entry.u16(1).u16(24).u64(BigInt(bytes)).u64(BigInt(bytes)).u64(BigInt(at)).finish()
}

function directoryEnd(count: number, directoryAt: number, directoryBytes: number): Uint8Array {
  const end = new ByteWriter().u32(0x06064b50).u64(44n).u16(zipVersion).u16(zipVersion).u32(0).u32(0)
  end.u64(BigInt(count)).u64(BigInt(count)).u64(BigInt(directoryBytes)).u64(BigInt(directoryAt))
  end
    .u32(0x07064b50)
    .u32(0)
    .u64(BigInt(directoryAt + directoryBytes))
    .u32(1)
  return end.u32(0x06054b50).u16(0).u16(0).u16(0xffff).u16(0xffff).u32(full32).u32(full32).u16(0).finish()
}
