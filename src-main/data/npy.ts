// NumPy's array format, versions 1 to 3: read, checked against the real size, and written (little-endian, C order).
import { bytesOf, concatBytes, equalBytes } from '../base/bytes.ts'
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import { type DType, dtypes, type TypedArray } from '../ir/dtype.ts'
import { arrayOf, elementsOf } from '../ir/tensor.ts'

export interface NumericArray {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: TypedArray
}

export interface TextArray {
  readonly dtype: 'text'
  readonly shape: readonly number[]
  readonly data: readonly string[]
}

export type NpyArray = NumericArray | TextArray

const typeCodes: Readonly<Record<string, DType>> = {
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

interface Header {
  readonly order: string
  readonly code: string
  readonly fortran: boolean
  readonly shape: readonly number[]
}

const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59)

export function parseNpy(path: string, bytes: Uint8Array): NpyArray {
  const { header, dataAt } = readHeader(path, bytes)
  const data = bytes.subarray(dataAt)
  const count = elementsOf(header.shape)
  const width = Number(header.code.slice(1)) * (header.code.startsWith('U') ? 4 : 1)
  if (!Number.isSafeInteger(count * width) || data.byteLength !== count * width)
    fail(
      path,
      say`an array [${header.shape}] of ${width} bytes an element is declared, ${data.byteLength} bytes are there`,
    )
  if (header.code.startsWith('U') && width > 4096) fail(path, say`texts of ${width / 4} letters`)
  if (header.code.startsWith('U')) return { dtype: 'text', shape: header.shape, data: texts(data, count, width) }
  const dtype = typeCodes[header.code] ?? fail(path, say`elements of type ${header.order}${header.code} cannot be read`)
  const native = header.order === '>' && width > 1 ? swapped(data, width) : data
  const ordered = header.fortran ? rowMajor(native, header.shape, width) : native
  return { dtype, shape: header.shape, data: arrayOf(dtype, ordered) }
}

function readHeader(path: string, bytes: Uint8Array): { header: Header; dataAt: number } {
  const text = new TextDecoder('latin1')
  if (bytes.byteLength < 12 || !equalBytes(bytes.subarray(0, 6), magic)) return fail(path, say`it is no NumPy array`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const long = bytes[6]! >= 2
  const length = long ? view.getUint32(8, true) : view.getUint16(8, true)
  const dataAt = (long ? 12 : 10) + length
  if (dataAt > bytes.byteLength) fail(path, say`its header of ${length} bytes is longer than the file`)
  if (length > 65536) fail(path, say`its header of ${length} bytes is too long`)
  return { header: parseHeader(path, text.decode(bytes.subarray(long ? 12 : 10, dataAt))), dataAt }
}

/** The header is a Python dictionary with three known keys. */
function parseHeader(path: string, text: string): Header {
  const descr = /'descr'\s*:\s*'([<>|=])([a-zA-Z]\d+)'/.exec(text)
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)
  const shape = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text)
  if (!descr || !fortran || !shape) return fail(path, say`its header is not understood: ${text.slice(0, 80).trim()}`)
  const dims = [...shape[1]!.matchAll(/\d+/g)].map(([digits]) => Number(digits))
  if (dims.length > 8) fail(path, say`it has ${dims.length} dimensions`)
  return { order: descr[1]!, code: descr[2]!, fortran: fortran[1] === 'True', shape: dims }
}

function texts(data: Uint8Array, count: number, width: number): string[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  return Array.from({ length: count }, (_, i) => {
    const points: number[] = []
    for (let at = i * width; at < (i + 1) * width; at += 4) points.push(view.getUint32(at, true))
    return String.fromCodePoint(...points.filter((p) => p > 0 && p <= 0x10ffff))
  })
}

function swapped(data: Uint8Array, width: number): Uint8Array {
  const result = new Uint8Array(data.byteLength)
  for (let i = 0; i < result.length; i++) result[i] = data[i - (i % width) + width - 1 - (i % width)]!
  return result
}

/** Column-major bytes to row-major. */
function rowMajor(data: Uint8Array, shape: readonly number[], width: number): Uint8Array {
  const result = new Uint8Array(data.byteLength)
  const strides = shape.map((_, i) => elementsOf(shape.slice(0, i)))
  const index = shape.map(() => 0)
  for (let to = 0; to < result.length; to += width) {
    const from = index.reduce((sum, v, d) => sum + v * strides[d]!, 0) * width
    result.set(data.subarray(from, from + width), to)
    for (let d = shape.length - 1; d >= 0 && ++index[d]! === shape[d]; d--) index[d] = 0
  }
  return result
}

export function formatNpy({ dtype, shape, data }: NumericArray): Uint8Array {
  const code = Object.entries(typeCodes).find(([, type]) => type === dtype)?.[0] ?? 'u2'
  const order = dtypes[dtype].bytes === 1 ? '|' : '<'
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const text = `{'descr': '${order}${code}', 'fortran_order': False, 'shape': (${dims}), }`
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`
  const version = Uint8Array.of(1, 0, padded.length & 255, padded.length >> 8)
  return concatBytes([magic, version, new TextEncoder().encode(padded), bytesOf(data)])
}

function fail(path: string, problem: Note): never {
  throw new AppError('data.malformed', { path, problem })
}
