// A file's tensors by name, for writing them as npz.
import { bytesOf } from '../../base/bytes.ts'
import type { ByteSource } from '../../base/source.ts'
import { type DType, dtypes } from '../../ir/dtype.ts'
import { elementsOf } from '../../ir/tensor.ts'
import { decodeModel } from '../onnx/decode.ts'
import { externalRange, type Siblings } from '../onnx/external.ts'
import { readTensorProto } from '../onnx/tensor-data.ts'
import { graphTensors } from './onnx-spans.ts'
import { isTflite, tfliteSpans } from './tflite-spans.ts'

export interface NamedTensor {
  /** Not empty, and of no other tensor. */
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly bytes: number
  /** Little-endian elements, [offset, offset + length) of their bytes. */
  read(offset: number, length: number): Uint8Array
}

/** Of an ONNX or TFLite file; `siblings` opens files beside it by relative path. */
export function namedTensors(source: ByteSource, siblings: Siblings): NamedTensor[] {
  const tensors = isTflite(source) ? tfliteTensors(source) : onnxTensors(source, siblings)
  const used = new Set<string>()
  return tensors.map((tensor, index) => {
    const wanted = tensor.name || `tensor_${index}`
    let name = wanted
    for (let n = 2; used.has(name); n++) name = `${wanted}_${n}`
    used.add(name)
    return { ...tensor, name }
  })
}

function tfliteTensors(source: ByteSource): NamedTensor[] {
  return tfliteSpans(source).map(({ name, dtype, shape, offset, length }) => {
    const whole = elementsOf(shape) * dtypes[dtype].bytes === length
    return {
      name,
      dtype: whole ? dtype : 'u8',
      shape: whole ? shape : [length],
      bytes: length,
      read: (at, count) => source.read(offset + at, count),
    }
  })
}

function onnxTensors(source: ByteSource, siblings: Siblings): NamedTensor[] {
  const { graph } = decodeModel(source)
  if (!graph) return []
  return [...graphTensors(graph)].map((proto) => {
    const name = proto.name ?? ''
    const tensor = readTensorProto({ source, siblings }, proto, name)
    const bytes = elementsOf(tensor.shape) * dtypes[tensor.dtype].bytes
    const raw = proto.dataLocation === 1 ? externalRange(siblings, proto, name) : proto.rawData
    const read = raw
      ? (at: number, count: number) => raw.source.read(raw.offset + at, count)
      : (at: number, count: number) => bytesOf(tensor.read()).subarray(at, at + count)
    return { name, dtype: tensor.dtype, shape: tensor.shape, bytes, read }
  })
}
