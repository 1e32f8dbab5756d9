// Which of the known formats a file has, found by content, and where its tensors are.
import { AppError } from '../../base/errors.ts'
import type { ByteSource } from '../../base/source.ts'
import { probeOnnx } from '../onnx/read.ts'
import { isZip, npzSpans } from './npz-spans.ts'
import { onnxSpans } from './onnx-spans.ts'
import { type FileSpans, inOrder } from './span.ts'
import { isTflite, tfliteSpans } from './tflite-spans.ts'

export function scanFile(source: ByteSource): FileSpans {
  if (isTflite(source)) return { format: 'tflite', tensors: inOrder(tfliteSpans(source)), deflated: [] }
  if (isZip(source)) {
    const { tensors, deflated } = npzSpans(source)
    return { format: 'npz', tensors: inOrder(tensors), deflated: inOrder(deflated) }
  }
  if (probeOnnx(source)) return { format: 'onnx', tensors: inOrder(onnxSpans(source)), deflated: [] }
  throw new AppError('model.unknownFormat', { name: source.name })
}
