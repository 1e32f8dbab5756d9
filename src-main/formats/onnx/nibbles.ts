// ONNX's 4-bit integers: two elements a byte, the first in the lower half (TensorProto, INT4 and UINT4). Held as int8 and
// uint8.
import type { TypedArray } from '../../ir/dtype.ts'

/** TensorProto.DataType */
export const onnxUint4 = 21
export const onnxInt4 = 22

export function packedNibbles(elements: TypedArray): Uint8Array {
  const packed = new Uint8Array(Math.ceil(elements.length / 2))
  for (let i = 0; i < elements.length; i++) packed[i >> 1]! |= (Number(elements[i]!) & 15) << (4 * (i & 1))
  return packed
}

export function unpackedNibbles(packed: Uint8Array, count: number, signed: boolean): Int8Array | Uint8Array {
  const elements = signed ? new Int8Array(count) : new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const nibble = (packed[i >> 1]! >> (4 * (i & 1))) & 15
    elements[i] = signed && nibble > 7 ? nibble - 16 : nibble
  }
  return elements
}
