// Weights in files beside the model. The place comes from the model, so it is not trusted: it may name a file in the
// model's folder or below it and nothing else.
import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import type { ByteSource } from '../../base/source.ts'
import { dtypes } from '../../ir/dtype.ts'
import { dtypeOfOnnx } from '../../ir/ops/cast.ts'
import { elementsOf } from '../../ir/tensor.ts'
import type { Decoded } from './decode.ts'
import type { ByteRange } from './wire.ts'

/** Opens a file by its path relative to the model's folder; null when there is none. */
export type Siblings = (path: string) => ByteSource | null

export function externalRange(siblings: Siblings, proto: Decoded<'TensorProto'>, tensor: Note): ByteRange {
  const entry = (key: string) => proto.externalData.find((e) => e.key === key)?.value
  const path = entry('location') ?? ''
  const fail = (problem: Note): never => {
    throw new AppError('model.externalData', { tensor, path: path || say`(no file named)`, problem })
  }
  if (!staysInFolder(path)) fail(say`is not in the model's folder`)
  const source = siblings(path) ?? fail(say`is missing`)
  const offset = wholeNumber(entry('offset') ?? '0') ?? fail(say`has an offset that is no number`)
  const given = entry('length')
  const length =
    given === undefined ? promised(proto) : (wholeNumber(given) ?? fail(say`has a length that is no number`))
  if (offset + length > source.size)
    fail(say`ends too early: ${offset + length} bytes are needed, ${source.size} are there`)
  return { source, offset, length }
}

/** Relative, forward slashes only, never upward. */
export function staysInFolder(path: string): boolean {
  const odd = path === '' || path.includes('\\') || path.includes('\0') || path.includes(':') || path.startsWith('/')
  return !odd && !path.split('/').includes('..')
}

function wholeNumber(text: string): number | null {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(number) ? number : null
}

/** Bytes that type and dimensions ask for, where the file does not say. */
function promised(proto: Decoded<'TensorProto'>): number {
  const dtype = dtypeOfOnnx(proto.dataType ?? 0)
  return dtype ? elementsOf(proto.dims) * dtypes[dtype].bytes : 0
}
