// Constant tensors. The elements are read when asked for and not kept, so that a pass over a large model never holds two
// copies of it.

import { bytesOf } from '../base/bytes.ts'
import { Bug } from '../base/errors.ts'
import { roundHalfEven } from '../base/round.ts'
import { type DType, dtypes, type TypedArray } from './dtype.ts'

export interface Tensor {
  readonly dtype: DType
  /** Row-major, outermost first. [] is a scalar. */
  readonly shape: readonly number[]
  /** Of each element in the file it comes from, when that is fewer than its type has. */
  readonly storedBits?: number
  /** The elements, row-major, length = product of `shape`. May read a file; do not modify the result. */
  read(): TypedArray
  /** Elements [first, first + count), where they can be had without all the others. */
  readRange?(first: number, count: number): TypedArray
}

export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1)
}

export function bytesOfTensor(tensor: Tensor): number {
  return elementsOf(tensor.shape) * dtypes[tensor.dtype].bytes
}

export function tensor(dtype: DType, shape: readonly number[], data: TypedArray): Tensor {
  if (data.length !== elementsOf(shape)) throw new Bug(`tensor of shape [${shape}] given ${data.length} elements`)
  return { dtype, shape, read: () => data }
}

export const f32Tensor = (shape: readonly number[], data: ArrayLike<number>) =>
  tensor('f32', shape, data instanceof Float32Array ? data : Float32Array.from(data))

export const i64Tensor = (shape: readonly number[], data: readonly number[]) =>
  tensor(
    'i64',
    shape,
    BigInt64Array.from(data, (v) => BigInt(v)),
  )

/** A typed array over raw little-endian bytes; copies only when the alignment asks for it. */
export function arrayOf(dtype: DType, bytes: Uint8Array): TypedArray {
  const { array, bytes: size } = dtypes[dtype]
  if (bytes.byteLength % size !== 0) throw new Bug(`${bytes.byteLength} bytes are no whole number of ${dtype}`)
  // Not slice(): a Node Buffer gives another view there.
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes)
  return new array(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / size)
}

export function rawBytes(t: Tensor): Uint8Array {
  return bytesOf(t.read())
}

/** Elements that are worth a call of their own, and few beside a large tensor. */
const pieceElements = 2 ** 20

/** A stretch of a tensor's elements. */
export interface Piece<Data = TypedArray> {
  /** Index of its first element. */
  readonly first: number
  readonly data: Data
}

/** All elements in order, an even number at a time; a tensor that lies in a file is never whole in memory. */
export function* piecesOf(t: Tensor): Generator<Piece> {
  const count = elementsOf(t.shape)
  const whole = t.readRange && count > pieceElements ? null : t.read()
  for (let first = 0; first < count; first += pieceElements) {
    const length = Math.min(pieceElements, count - first)
    yield { first, data: whole ? whole.subarray(first, first + length) : t.readRange!(first, length) }
  }
}

/** The same as float32. */
export function* floatPieces(t: Tensor): Generator<Piece<Float32Array>> {
  for (const { first, data } of piecesOf(t)) yield { first, data: floatsOf(t.dtype, data) }
}

/** More elements than this are computed at each read and not kept. */
const keptElements = 2 ** 22

/**
 * A tensor computed from others. Small ones are computed now; large ones whenever they are read, so that changing a model
 * takes no second copy of it.
 */
export function computed(dtype: DType, shape: readonly number[], read: Pick<Tensor, 'read' | 'readRange'>): Tensor {
  return elementsOf(shape) > keptElements ? { dtype, shape, ...read } : tensor(dtype, shape, read.read())
}

/** `count` columns from `from` on of a matrix [rows, columns], one after the other, as float32. Reads no others. */
export function readColumns(t: Tensor, from: number, count: number): Float32Array {
  const [rows, columns] = [t.shape[0]!, t.shape[1]!]
  const held = t.readRange ? t : { ...t, read: constantly(t.read()) }
  const result = new Float32Array(count * rows)
  for (let r = 0; r < rows; r++) {
    const line = readFloatRange(held, r * columns + from, count)
    for (let c = 0; c < count; c++) result[c * rows + r] = line[c]!
  }
  return result
}

const constantly =
  <T>(value: T) =>
  () =>
    value

/** The elements as float32, whatever they are stored as (integers are converted, not dequantised). */
export const readFloats = (t: Tensor): Float32Array => floatsOf(t.dtype, t.read())

export function readFloatRange(t: Tensor, first: number, count: number): Float32Array {
  return floatsOf(t.dtype, t.readRange ? t.readRange(first, count) : t.read().subarray(first, first + count))
}

function floatsOf(dtype: DType, data: TypedArray): Float32Array {
  if (data instanceof Float32Array) return data
  if (dtype === 'f16') return Float32Array.from(data as Uint16Array, halfToFloat)
  if (dtype === 'bf16') {
    const bits = Uint32Array.from(data as Uint16Array, (v) => v << 16)
    return new Float32Array(bits.buffer)
  }
  return Float32Array.from(data as ArrayLike<number | bigint>, Number)
}

/** The elements as numbers; 64-bit integers beyond 2^53 lose precision, which shapes and axes never reach. */
export function readNumbers(t: Tensor): number[] {
  return t.dtype === 'f16' || t.dtype === 'bf16'
    ? Array.from(readFloats(t))
    : Array.from(t.read() as ArrayLike<number | bigint>, Number)
}

/** IEEE 754 binary16 bits to a number. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const mantissa = bits & 0x3ff
  if (exponent === 0) return sign * mantissa * 2 ** -24
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15)
}

/** A number as IEEE 754 binary16 bits, ties to even; beyond the range it becomes infinity. */
export function floatToHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const size = Math.abs(value)
  if (Number.isNaN(value)) return 0x7e00
  if (size >= 65520) return sign | 0x7c00
  // Steps of 2^-24 below 2^-14, else 1024 steps an octave.
  const exponent = Math.max(-14, Math.floor(Math.log2(size)))
  const steps = roundHalfEven(size / 2 ** (exponent - 10))
  return sign | (size < 2 ** -14 ? steps : ((exponent + 15) << 10) + steps - 1024)
}
