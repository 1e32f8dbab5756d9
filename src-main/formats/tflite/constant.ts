// Constant tensors of a TFLite file: read when asked for, in another order or dequantised.
import { bytesOf } from '../../base/bytes.ts'
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { ByteSource } from '../../base/source.ts'
import { dtypes } from '../../ir/dtype.ts'
import type { Quantization } from '../../ir/graph.ts'
import { arrayOf, elementsOf, readFloats, type Tensor } from '../../ir/tensor.ts'
import type { TfliteTensor } from './model.ts'

export function sourceTensor(source: ByteSource, t: TfliteTensor): Tensor {
  const { dtype } = t.type
  const { data } = t
  if (dtype === null || data === null) {
    const problem = say`constant of type ${t.type.name}`
    throw new AppError('model.malformed', { name: source.name, problem, where: `tensor ${t.index} (${t.name})` })
  }
  const read = () => {
    const bytes = source.read(data.offset, data.length)
    return arrayOf(dtype, t.type.bits === 4 ? unpackInt4(bytes, elementsOf(t.shape)) : bytes)
  }
  return { dtype, shape: t.shape, read }
}

/** Two signed 4-bit integers a byte, the low half first. */
function unpackInt4(bytes: Uint8Array, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => {
    const byte = bytes[i >> 1]!
    return (((i & 1 ? byte >> 4 : byte) & 15) << 28) >> 28
  })
}

/** Output dimension i is input dimension perm[i]. */
export function permuted(t: Tensor, perm: readonly number[]): Tensor {
  if (perm.every((from, to) => from === to)) return t
  const shape = perm.map((from) => t.shape[from]!)
  return { dtype: t.dtype, shape, read: () => arrayOf(t.dtype, permuteBytes(t, perm)) }
}

function permuteBytes(t: Tensor, perm: readonly number[]): Uint8Array {
  const size = dtypes[t.dtype].bytes
  const source = bytesOf(t.read())
  const result = new Uint8Array(source.byteLength)
  const inputStrides = t.shape.map((_, i) => elementsOf(t.shape.slice(i + 1)))
  const shape = perm.map((from) => t.shape[from]!)
  const strides = perm.map((from) => inputStrides[from]!)
  const index = shape.map(() => 0)
  let from = 0
  for (let to = 0; to < result.byteLength; to += size) {
    for (let b = 0; b < size; b++) result[to + b] = source[from * size + b]!
    for (let d = shape.length - 1; d >= 0; d--) {
      index[d]!++
      from += strides[d]!
      if (index[d]! < shape[d]!) break
      from -= strides[d]! * shape[d]!
      index[d] = 0
    }
  }
  return result
}

export function reshaped(t: Tensor, shape: readonly number[]): Tensor {
  return { dtype: t.dtype, shape, read: () => t.read() }
}

/** Real numbers: (integer - zeroPoint) * scale, in float32 as TFLite computes them. */
export function dequantized(t: Tensor, quant: Quantization | null): Tensor {
  const read = () => {
    const data = readFloats(t)
    if (!quant) return data
    const { axis, scale, zeroPoint } = quant
    const inner = axis === null ? 1 : elementsOf(t.shape.slice(axis + 1))
    return Float32Array.from(data, (q, i) => {
      const channel = axis === null ? 0 : Math.floor(i / inner) % scale.length
      return (q - zeroPoint[channel]!) * scale[channel]!
    })
  }
  return { dtype: 'f32', shape: t.shape, read }
}
