// One run of elements, stored in the form that is smallest: by element type, with the bytes themselves as the last resort.
import { ByteReader, ByteWriter, bytesOf } from '../../base/bytes.ts'
import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import { type CodecName, codecNames } from '../../codecs/codec.ts'
import { decodeFloats, decodeFloatsInPlace, encodeFloats, type FloatKind } from '../../codecs/float/float.ts'
import { bestCodec, codecs } from '../../codecs/registry.ts'
import { type DType, dtypes } from '../../ir/dtype.ts'
import { putVarint, takeVarint } from './varint.ts'

/** How a segment's bytes are stored; numbers are part of the format. */
export const codings = {
  other: 0,
  raw: 1,
  f32: 2,
  bf16: 3,
  f16: 4,
  byte: 5,
  planes: 6,
  integers: 7,
  deflated: 8,
} as const
export type Coding = (typeof codings)[keyof typeof codings]

export interface CodedSegment {
  readonly coding: Coding
  readonly payload: Uint8Array
}

/** A coding, or a codec of packs, and what it makes of the elements; without the segment's own few bytes of header. */
export interface Trial {
  readonly name: string
  readonly bytes: number
}

export interface EncodedSegment extends CodedSegment {
  /** As in `trials`. */
  readonly chosen: string
  /** All that were tried; "raw" is among them. */
  readonly trials: readonly Trial[]
}

/** Elements, row-major; the last row may be cut short. */
export interface Elements {
  readonly dtype: DType
  readonly bytes: Uint8Array
  /** Elements of a row. */
  readonly cols: number
  /** Innermost dimension; divides cols. */
  readonly inner: number
}

export function encodeSegment(elements: Elements): EncodedSegment {
  const { dtype, bytes } = elements
  const whole = bytes.length % dtypes[dtype].bytes === 0
  const tried = whole ? candidates(elements) : [floatSegment('byte', bytes, bytes.length)]
  const raw: EncodedSegment = {
    coding: codings.raw,
    payload: bytes,
    chosen: 'raw',
    trials: [{ name: 'raw', bytes: bytes.length }],
  }
  const found = tried.filter((segment) => segment !== null)
  const best = found.reduce((a, b) => (b.payload.length < a.payload.length ? b : a), raw)
  return { ...best, trials: [...raw.trials, ...found.flatMap(({ trials }) => trials)] }
}

function candidates(elements: Elements): (EncodedSegment | null)[] {
  const { dtype, bytes, cols } = elements
  if (dtype === 'f32' || dtype === 'bf16' || dtype === 'f16') return [floatSegment(dtype, bytes, cols)]
  if (dtype === 'i8') return [floatSegment('byte', bytes, cols), integerSegment(elements)]
  if (dtypes[dtype].bytes === 1) return [floatSegment('byte', bytes, cols)]
  return [planesSegment(bytes, dtypes[dtype].bytes, cols)]
}

function floatSegment(kind: FloatKind & keyof typeof codings, bytes: Uint8Array, cols: number): EncodedSegment | null {
  const payload = encodeFloats(kind, bytes, cols)
  return payload && segmentOf(kind, payload)
}

const segmentOf = (name: 'f32' | 'bf16' | 'f16' | 'byte' | 'planes', payload: Uint8Array): EncodedSegment => ({
  coding: codings[name],
  payload,
  chosen: name,
  trials: [{ name, bytes: payload.length }],
})

/** All first bytes of the elements, then all second ones, and so on; each plane coded by itself, length 0 for one left raw. */
function planesSegment(bytes: Uint8Array, width: number, cols: number): EncodedSegment {
  const writer = new ByteWriter().u8(width)
  const count = bytes.length / width
  for (let plane = 0; plane < width; plane++) {
    const part = new Uint8Array(count)
    for (let i = 0; i < count; i++) part[i] = bytes[i * width + plane]!
    const coded = encodeFloats('byte', part, cols)
    putVarint(writer, coded?.length ?? 0).raw(coded ?? part)
  }
  return segmentOf('planes', writer.finish())
}

/** Of larger segments only the codec that is smallest nearly always is tried, because trying them all takes ten times as long. */
const patientBytes = 1 << 19

/** By the codecs of packs; tensors of which only a part of a row is here are left to the byte coder. */
function integerSegment({ bytes, cols, inner }: Elements): EncodedSegment | null {
  if (bytes.length === 0 || bytes.length % cols !== 0) return null
  const data = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tensor = { data, rows: bytes.length / cols, rowElements: cols, inner }
  const { best, sizes } = bestCodec(tensor, bytes.length <= patientBytes ? undefined : ['arithmetic'])
  const writer = new ByteWriter().u8(codecNames.indexOf(best.codec))
  for (const value of [best.rows, best.rowElements, best.inner, best.table.length]) putVarint(writer, value)
  const payload = writer.raw(best.table).raw(best.payload).finish()
  const trials = sizes.map(({ codec, payloadBytes, tableBytes }) => ({ name: codec, bytes: payloadBytes + tableBytes }))
  return { coding: codings.integers, payload, chosen: best.codec, trials }
}

/** The segment's bytes, `bytes` of them; the result may be a view that the next call overwrites. */
export function decodeSegment(coding: number, payload: Uint8Array, bytes: number): Uint8Array {
  if (coding === codings.raw) return exactly(payload, bytes)
  if (coding === codings.planes) return joinPlanes(payload, bytes)
  if (coding === codings.integers) return decodeIntegers(payload, bytes)
  if (coding >= codings.f32 && coding <= codings.byte) return decodeFloatsInPlace(payload, bytes)
  return damaged(say`there is no coding ${coding}`)
}

function joinPlanes(payload: Uint8Array, bytes: number): Uint8Array {
  const reader = new ByteReader(payload, () => damaged(say`byte planes end too early`))
  const width = reader.u8()
  if (width < 1 || width > 8 || bytes % width !== 0) damaged(say`byte planes of ${width} bytes`)
  const count = bytes / width
  const joined = new Uint8Array(bytes)
  for (let plane = 0; plane < width; plane++) {
    const length = takeVarint(reader)
    const part = length === 0 ? reader.slice(count) : decodeFloats(reader.slice(length), count)
    for (let i = 0; i < count; i++) joined[i * width + plane] = part[i]!
  }
  if (!reader.done) damaged(say`there is more after the byte planes`)
  return joined
}

function decodeIntegers(payload: Uint8Array, bytes: number): Uint8Array {
  const reader = new ByteReader(payload, () => damaged(say`integers end too early`))
  const name: CodecName | undefined = codecNames[reader.u8()]
  const [rows, rowElements, inner, tableBytes] = [1, 2, 3, 4].map(() => takeVarint(reader)) as [
    number,
    number,
    number,
    number,
  ]
  const codec = codecs.find((one) => one.name === name) ?? damaged(say`a codec is unknown`)
  if (rows * rowElements !== bytes || !(inner >= 1) || rowElements % inner !== 0)
    damaged(say`the shape of integers is impossible`)
  const table = reader.slice(tableBytes)
  const coded = { codec: codec.name, table, payload: reader.slice(reader.remaining), rows, rowElements, inner }
  return bytesOf(codec.decode(coded))
}

function exactly(bytes: Uint8Array, expected: number): Uint8Array {
  return bytes.length === expected ? bytes : damaged(say`${bytes.length} bytes where ${expected} belong`)
}

export function damaged(problem: Note): never {
  throw new AppError('pack.container', { name: say`The file`, problem })
}
