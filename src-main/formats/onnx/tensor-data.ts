// TensorProto to Tensor. What the dimensions promise is checked against the bytes that are there; the elements are read
// when somebody asks for them.
import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import type { ByteSource } from '../../base/source.ts'
import { type DType, dtypes, type TypedArray } from '../../ir/dtype.ts'
import { dtypeOfOnnx } from '../../ir/ops/cast.ts'
import { arrayOf, elementsOf, type Tensor } from '../../ir/tensor.ts'
import type { Decoded } from './decode.ts'
import { externalRange, type Siblings } from './external.ts'
import { onnxInt4, onnxUint4, unpackedNibbles } from './nibbles.ts'
import { type ByteRange, WireReader } from './wire.ts'

export interface ModelFile {
  readonly source: ByteSource
  readonly siblings: Siblings
}

/** More than any tool makes. */
export const maxRank = 32

export function readTensorProto(file: ModelFile, proto: Decoded<'TensorProto'>, where: Note): Tensor {
  const narrow = fourBitTensor(file, proto, where)
  if (narrow) return narrow
  const dtype = elementType(file.source, proto.dataType ?? 0, where)
  const shape = checkedShape(file.source, proto.dims, where)
  const raw = proto.dataLocation === 1 ? externalRange(file.siblings, proto, where) : proto.rawData
  return raw ? rawTensor(file.source, dtype, shape, raw, where) : listTensor(file.source, dtype, shape, proto, where)
}

/** 4-bit integers as bytes; null for any other type. */
function fourBitTensor(file: ModelFile, proto: Decoded<'TensorProto'>, where: Note): Tensor | null {
  const signed = proto.dataType === onnxInt4
  if (!signed && proto.dataType !== onnxUint4) return null
  const raw = proto.dataLocation === 1 ? externalRange(file.siblings, proto, where) : proto.rawData
  if (!raw) return null
  const shape = checkedShape(file.source, proto.dims, where)
  const count = elementsOf(shape)
  if (raw.length !== Math.ceil(count / 2))
    throw malformed(
      file.source,
      where,
      say`[${shape}] of 4 bits takes ${Math.ceil(count / 2)} bytes, ${raw.length} are there`,
    )
  return {
    dtype: signed ? 'i8' : 'u8',
    shape,
    storedBits: 4,
    read: () => unpackedNibbles(readRange(raw, where), count, signed),
  }
}

export function elementType(source: ByteSource, type: number, where: Note): DType {
  const dtype = dtypeOfOnnx(type)
  if (!dtype) throw new AppError('model.unsupported', { name: source.name, what: say`element type ${type}`, where })
  return dtype
}

const malformed = (source: ByteSource, where: Note, problem: Note) =>
  new AppError('model.malformed', { name: source.name, where, problem })

function checkedShape(source: ByteSource, dims: readonly number[], where: Note): readonly number[] {
  if (dims.length > maxRank) throw malformed(source, where, say`the tensor has ${dims.length} dimensions`)
  if (dims.some((dim) => dim < 0) || !Number.isSafeInteger(elementsOf(dims)))
    throw malformed(source, where, say`[${dims}] is not a shape`)
  return dims
}

function rawTensor(source: ByteSource, dtype: DType, shape: readonly number[], range: ByteRange, where: Note): Tensor {
  const needed = elementsOf(shape) * dtypes[dtype].bytes
  if (needed !== range.length)
    throw malformed(source, where, say`[${shape}] of ${dtype} takes ${needed} bytes, ${range.length} are there`)
  const { bytes } = dtypes[dtype]
  const part = (first: number, count: number): ByteRange => ({
    source: range.source,
    offset: range.offset + first * bytes,
    length: count * bytes,
  })
  return {
    dtype,
    shape,
    read: () => arrayOf(dtype, readRange(range, where)),
    readRange: (first, count) => arrayOf(dtype, readRange(part(first, count), where)),
  }
}

function readRange({ source, offset, length }: ByteRange, where: Note): Uint8Array {
  const bytes = source.read(offset, length)
  if (bytes.byteLength === length) return bytes
  const available = bytes.byteLength
  throw new AppError('model.truncated', { name: source.name, where, needed: length, offset, available })
}

/** Elements in the typed lists of the message. Types of up to 32 bits share int32_data, half floats as their bits. */
function listTensor(
  source: ByteSource,
  dtype: DType,
  shape: readonly number[],
  proto: Decoded<'TensorProto'>,
  where: Note,
): Tensor {
  const fixed = dtype === 'f32' ? proto.floatData : dtype === 'f64' ? proto.doubleData : null
  const varints =
    dtype === 'i64' ? proto.int64Data : dtype === 'u64' || dtype === 'u32' ? proto.uint64Data : proto.int32Data
  const ranges = fixed ?? varints
  const bytes = ranges.reduce((sum, range) => sum + range.length, 0)
  const found = fixed ? bytes / dtypes[dtype].bytes : ranges.reduce((sum, range) => sum + countVarints(range, where), 0)
  const expected = elementsOf(shape)
  if (found !== expected) throw malformed(source, where, say`[${shape}] takes ${expected} elements, ${found} are there`)
  return {
    dtype,
    shape,
    read: () => (fixed ? readFixed(dtype, fixed, bytes, where) : readVarints(dtype, ranges, expected, where)),
  }
}

function readFixed(dtype: DType, ranges: readonly ByteRange[], length: number, where: Note): TypedArray {
  const bytes = new Uint8Array(length)
  let at = 0
  for (const range of ranges) {
    bytes.set(readRange(range, where), at)
    at += range.length
  }
  return arrayOf(dtype, bytes)
}

/** The last byte of a varint is the one below 0x80. */
function countVarints(range: ByteRange, where: Note): number {
  let count = 0
  for (const byte of readRange(range, where)) if (byte < 0x80) count++
  return count
}

function readVarints(dtype: DType, ranges: readonly ByteRange[], count: number, where: Note): TypedArray {
  const elements = new dtypes[dtype].array(count)
  const wide = elements instanceof BigInt64Array || elements instanceof BigUint64Array
  let at = 0
  for (const range of ranges) {
    const reader = new WireReader(range)
    while (reader.left > 0) {
      if (wide) elements[at++] = reader.bigVarint(where)
      else elements[at++] = reader.varint(where)
    }
  }
  return elements
}
