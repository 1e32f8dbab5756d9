// Lossless coding of floats and bytes: exponent and leading mantissa bits by rANS with statistics per row and column class, the
// rest raw. resources/runtime/CONTAINER.md, "Coded elements", has every bit.
import { AppError, Bug } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import { floatNative } from './native.ts'

export type FloatKind = 'f32' | 'bf16' | 'f16' | 'byte'
export const floatKinds: readonly FloatKind[] = ['f32', 'bf16', 'f16', 'byte']
export const elementBytes: Readonly<Record<FloatKind, number>> = { f32: 4, bf16: 2, f16: 2, byte: 1 }

/** Bytes of elements that one stream can hold. */
export const maxChunkBytes = 1 << 22

/**
 * The stream for little-endian elements, null when it would not be smaller than they are.
 * @param cols elements of a row: values of one row, and of one column, may have statistics of their own
 */
export function encodeFloats(kind: FloatKind, elements: Uint8Array, cols: number): Uint8Array<ArrayBuffer> | null {
  const width = elementBytes[kind]
  const count = elements.length / width
  if (!Number.isInteger(count) || elements.length > maxChunkBytes) throw new Bug(`${elements.length} bytes of ${kind}`)
  if (count === 0) return null
  const native = floatNative()
  native.elements.set(elements)
  const bytes = native.exports.float_encode_elements(floatKinds.indexOf(kind), count, cols, elements.length - 1)
  return bytes === 0 ? null : native.stream.slice(0, bytes)
}

/** Elements of a stream that must be exactly `bytes` long. The result is a view that the next call overwrites. */
export function decodeFloatsInPlace(stream: Uint8Array, bytes: number): Uint8Array {
  if (stream.length > maxChunkBytes || bytes > maxChunkBytes) damaged(say`it is too long`)
  const native = floatNative()
  native.stream.set(stream)
  const status = native.exports.float_decode_elements(stream.length, bytes)
  if (status !== 0) damaged(status === ended ? say`it ends too early` : say`its tables are impossible`)
  return native.elements.subarray(0, bytes)
}

export function decodeFloats(stream: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> {
  return decodeFloatsInPlace(stream, bytes).slice() as Uint8Array<ArrayBuffer>
}

/** As decodeFloats, by the decoder for devices, `step` elements at a time. */
export function decodeFloatsOnDevice(stream: Uint8Array, kind: FloatKind, bytes: number, step: number): Uint8Array {
  const native = floatNative()
  native.stream.set(stream)
  const width = elementBytes[kind]
  const status = native.exports.float_device_decode(stream.length, bytes / width, width, step)
  if (status !== 0) damaged(status === ended ? say`it ends too early` : say`its tables are impossible`)
  return native.elements.slice(0, bytes)
}

/** SHOE_FLOAT_ENDED (resources/runtime/src/codec_float.h). */
const ended = -2

function damaged(problem: Note): never {
  throw new AppError('pack.malformed', { name: say`The file`, problem: say`a stream of floats is damaged: ${problem}` })
}
