// Between the graph's element types and ONNX Runtime's tensors.
import type { Tensor as OrtTensor } from 'onnxruntime-node'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import { type DType, dtypes, type TypedArray } from '../ir/dtype.ts'
import { floatToHalf, halfToFloat, type Tensor, tensor } from '../ir/tensor.ts'

const ortTypes = {
  f32: 'float32',
  f64: 'float64',
  f16: 'float16',
  i8: 'int8',
  u8: 'uint8',
  i16: 'int16',
  u16: 'uint16',
  i32: 'int32',
  u32: 'uint32',
  i64: 'int64',
  u64: 'uint64',
  bool: 'bool',
} as const satisfies Partial<Record<DType, OrtTensor.Type>>

const dtypeByOrt = new Map<string, DType>(Object.entries(ortTypes).map(([dtype, type]) => [type, dtype as DType]))

/** An ORT tensor of the dtype the graph declares, whatever number type the elements come in. */
export function toOrt(
  Ort: typeof OrtTensor,
  name: string,
  dtype: DType,
  data: TypedArray,
  shape: readonly number[],
): OrtTensor {
  if (!(dtype in ortTypes))
    throw new AppError('model.unsupportedOnHost', { problem: say`input ${name} is of type ${dtype}` })
  return new Ort(ortTypes[dtype as keyof typeof ortTypes], castElements(data, dtype), [...shape])
}

/** Numbers of one element type as another. Half precision is held as bits; integers are rounded to nearest and kept in range. */
export function castElements(data: TypedArray, dtype: DType): TypedArray {
  const { array } = dtypes[dtype]
  if (dtype === 'f16') return data instanceof Uint16Array ? data : Uint16Array.from(data as Float32Array, floatToHalf)
  if (data instanceof array) return data
  if (array === BigInt64Array || array === BigUint64Array)
    return (array as typeof BigInt64Array).from(
      Array.from(data as ArrayLike<number | bigint>, (v) => BigInt(Math.round(Number(v)))),
    )
  const numbers = array as typeof Float32Array
  if (dtype === 'f32' || dtype === 'f64') return numbers.from(data as Float32Array, Number)
  if (dtype === 'bool') return Uint8Array.from(data as Float32Array, (v) => (v ? 1 : 0))
  const [min, max] = integerRange(dtype)
  return numbers.from(data as Float32Array, (v) => Math.min(max, Math.max(min, Math.round(Number(v)))))
}

function integerRange(dtype: DType): readonly [number, number] {
  const bits = dtypes[dtype].bytes * 8
  return dtype.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]
}

/** The elements of an output as float32. */
export function floatsOf(output: OrtTensor): Float32Array {
  const { data } = output
  if (data instanceof Float32Array) return data
  if (output.type === 'string') throw new AppError('model.unsupportedOnHost', { problem: say`an output holds text` })
  if (output.type === 'float16' && data instanceof Uint16Array) return Float32Array.from(data, halfToFloat)
  return Float32Array.from(data as ArrayLike<number | bigint>, Number)
}

/** The output with its own element type, for constants that are computed once. */
export function tensorOf(output: OrtTensor): Tensor {
  const dtype = dtypeByOrt.get(output.type)
  if (!dtype) throw new AppError('model.unsupportedOnHost', { problem: say`an output is of type ${output.type}` })
  const data = output.data as TypedArray
  // Node 24 gives half precision as Float16Array; the graph holds its bits.
  const held =
    dtype === 'f16' && !(data instanceof Uint16Array) ? new Uint16Array((data as ArrayBufferView).buffer) : data
  return tensor(dtype, output.dims, held)
}
