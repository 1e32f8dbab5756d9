// Where a file's tensors lie. Everything between them is kept as plain bytes.
import type { DType } from '../../ir/dtype.ts'
import type { BesideSource } from './files.ts'

export interface TensorSpan {
  /** Of the bytes in the file. */
  readonly offset: number
  readonly length: number
  /** Name and shape as the file says; two spans may share a name when a file is odd. */
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
}

/** A deflated npz member: its bytes in the file, and what it inflates to. */
export interface DeflatedSpan {
  readonly offset: number
  readonly length: number
  readonly name: string
  readonly inflatedBytes: number
}

export type ModelFormat = 'onnx' | 'tflite' | 'npz'

export interface FileSpans {
  readonly format: ModelFormat
  readonly tensors: readonly TensorSpan[]
  readonly deflated: readonly DeflatedSpan[]
  /** Files that hold weights of the model; offsets go on in them as joinSources() does. */
  readonly beside: readonly BesideSource[]
}

interface Range {
  readonly offset: number
  readonly length: number
}

/** In the order of the file; of two that overlap, only the first is kept, so that every byte is written once. */
export function inOrder<T extends Range>(spans: readonly T[]): T[] {
  const sorted = spans.filter(({ length }) => length > 0).sort((a, b) => a.offset - b.offset || b.length - a.length)
  const kept: T[] = []
  let end = 0
  for (const span of sorted) {
    if (span.offset < end) continue
    kept.push(span)
    end = span.offset + span.length
  }
  return kept
}
