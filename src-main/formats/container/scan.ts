// Which of the known formats a file has, found by content, and where its tensors are.
import { AppError } from '../../base/errors.ts'
import type { ByteSource } from '../../base/source.ts'
import type { Siblings } from '../onnx/external.ts'
import { probeOnnx } from '../onnx/read.ts'
import { isZip, npzSpans } from './npz-spans.ts'
import { onnxSpans } from './onnx-spans.ts'
import { type FileSpans, inOrder } from './span.ts'
import { isTflite, tfliteSpans } from './tflite-spans.ts'

/** `siblings` opens files beside the model by relative path. */
export function scanFile(source: ByteSource, siblings: Siblings = () => null): FileSpans {
  const alone = { deflated: [], beside: [] }
  if (isTflite(source)) return { format: 'tflite', tensors: inOrder(tfliteSpans(source)), ...alone }
  if (isZip(source)) {
    const { tensors, deflated } = npzSpans(source)
    return { ...alone, format: 'npz', tensors: inOrder(tensors), deflated: inOrder(deflated) }
  }
  if (!probeOnnx(source)) throw new AppError('model.noWeights', { name: source.name })
  const { tensors, beside } = onnxSpans(source, siblings)
  return { ...alone, format: 'onnx', tensors: inOrder(tensors), beside }
}
