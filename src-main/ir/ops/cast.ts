import { say } from '../../base/note.ts'
import { type DType, isFloat } from '../dtype.ts'
import { attrNumber } from '../graph.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { isKnown, typeOf } from './dims.ts'

/** TensorProto.DataType of ONNX. */
export const onnxTypes: Readonly<Record<DType, number>> = {
  f32: 1,
  u8: 2,
  i8: 3,
  u16: 4,
  i16: 5,
  i32: 6,
  i64: 7,
  bool: 9,
  f16: 10,
  f64: 11,
  u32: 12,
  u64: 13,
  bf16: 16,
}

const byNumber = new Map(Object.entries(onnxTypes).map(([dtype, number]) => [number, dtype as DType]))

export const dtypeOfOnnx = (number: number): DType | null => byNumber.get(number) ?? null

function infer(c: InferContext): readonly OutputType[] {
  const to = attrNumber(c.node, 'to', 0)
  return [{ dtype: dtypeOfOnnx(to) ?? c.fail(say`element type ${to} is not supported`), shape: typeOf(c, 0).shape }]
}

export const castOps = [
  defineOp('Cast', {
    infer,
    dims: (c, [y]) => c.dims(0)?.map((dim) => (isKnown(dim) && y && !isFloat(y.dtype) ? Math.trunc(dim) : dim)) ?? null,
  }),
  defineOp('CastLike', { infer: (c) => [{ dtype: typeOf(c, 1).dtype, shape: typeOf(c, 0).shape }] }),
]
