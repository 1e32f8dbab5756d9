// Element types of tensors, by ONNX's meanings.
export const dtypes = {
  f32: { bytes: 4, array: Float32Array },
  f64: { bytes: 8, array: Float64Array },
  /** IEEE half precision; held as raw bits. */
  f16: { bytes: 2, array: Uint16Array },
  /** bfloat16; held as raw bits. */
  bf16: { bytes: 2, array: Uint16Array },
  i8: { bytes: 1, array: Int8Array },
  u8: { bytes: 1, array: Uint8Array },
  i16: { bytes: 2, array: Int16Array },
  u16: { bytes: 2, array: Uint16Array },
  i32: { bytes: 4, array: Int32Array },
  u32: { bytes: 4, array: Uint32Array },
  i64: { bytes: 8, array: BigInt64Array },
  u64: { bytes: 8, array: BigUint64Array },
  /** One byte an element, 0 or 1. */
  bool: { bytes: 1, array: Uint8Array },
} as const

export type DType = keyof typeof dtypes

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

export const isFloat = (dtype: DType) => dtype === 'f32' || dtype === 'f64' || dtype === 'f16' || dtype === 'bf16'
