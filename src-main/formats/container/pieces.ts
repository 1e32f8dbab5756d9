// A file as a sequence of pieces, none larger than a chunk: runs of elements, and the bytes between them.
import { type DType, dtypes } from '../../ir/dtype.ts'
import type { DeflatedSpan, FileSpans, TensorSpan } from './span.ts'

/** Bytes of original that a chunk has at most, deflated members aside; also what the coders take at once. */
export const chunkBytes = 1 << 22
/** Rows of tensors that have only one dimension: long enough to have statistics, short enough to differ. */
const flatRow = 256

export type Piece =
  | { readonly kind: 'other' | 'stored'; readonly offset: number; readonly length: number }
  | ElementPiece
  | (DeflatedSpan & { readonly kind: 'deflated' })

export interface ElementPiece {
  readonly kind: 'elements'
  readonly offset: number
  readonly length: number
  readonly dtype: DType
  readonly cols: number
  readonly inner: number
  /** The tensor that it is of; the same object for all pieces of one. */
  readonly tensor: TensorSpan
}

/** Shorter tensors cost more as segments than as bytes among others. */
const leastElementBytes = 48

/** `size`: bytes of the file. `reopens`: whether a deflated member is to be inflated and coded. */
export function* piecesOf(
  spans: Pick<FileSpans, 'tensors' | 'deflated'>,
  size: number,
  reopens: (span: DeflatedSpan) => boolean,
): Generator<Piece> {
  const deflated = spans.deflated.map((span) => ({ ...span, deflated: true as const }))
  const known = [...spans.tensors.filter(({ length }) => length >= leastElementBytes), ...deflated]
  let at = 0
  for (const span of known.sort((a, b) => a.offset - b.offset)) {
    if (span.offset < at) continue
    yield* cut('other', at, span.offset - at)
    if (!('deflated' in span)) yield* tensorPieces(span)
    else if (reopens(span)) yield { kind: 'deflated', ...span }
    else yield* cut('stored', span.offset, span.length)
    at = span.offset + span.length
  }
  yield* cut('other', at, size - at)
}

function* cut(kind: 'other' | 'stored', offset: number, length: number): Generator<Piece> {
  for (let done = 0; done < length; done += chunkBytes)
    yield { kind, offset: offset + done, length: Math.min(chunkBytes, length - done) }
}

export function* tensorPieces(tensor: TensorSpan): Generator<ElementPiece> {
  const { offset, length, dtype, shape } = tensor
  const width = dtypes[dtype].bytes
  const { cols, inner } = rowsOf(shape, Math.ceil(length / width))
  const rowBytes = cols * width
  const step = rowBytes <= chunkBytes ? Math.floor(chunkBytes / rowBytes) * rowBytes : chunkBytes
  for (let done = 0; done < length; done += step)
    yield { kind: 'elements', offset: offset + done, length: Math.min(step, length - done), dtype, cols, inner, tensor }
}

/** Output channels are the first dimension; shapes that the bytes contradict are flat. */
function rowsOf(shape: readonly number[], count: number): { cols: number; inner: number } {
  const rows = shape[0] ?? 1
  const cols = Math.floor(count / Math.max(1, rows))
  const inner = shape.at(-1) ?? 1
  const fits = shape.length > 1 && rows > 0 && cols > 0 && rows * cols === count && inner > 0 && cols % inner === 0
  if (fits) return { cols, inner }
  const flat = count <= 4 * flatRow ? Math.max(1, count) : flatRow
  return { cols: flat, inner: flat }
}
