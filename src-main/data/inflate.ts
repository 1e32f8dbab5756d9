// Decompression with a limit. A file may inflate to 256 MiB plus 100 times its own size (sparse and constant data reach
// high ratios, pictures and sensor data do not); beyond that it is taken for a bomb.
import { gunzipSync, inflateRawSync } from 'node:zlib'
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'

const freeBytes = 256 * 2 ** 20
const maxRatio = 100

export const inflateLimit = (compressedBytes: number) => Math.min(2 ** 32, freeBytes + maxRatio * compressedBytes)

export function inflateBounded(path: string, what: string, bytes: Uint8Array, declared: number): Uint8Array {
  if (declared > inflateLimit(bytes.byteLength))
    fail(path, say`${what} claims to inflate from ${bytes.byteLength} to ${declared} bytes`)
  // one byte more than declared, so that a longer stream is seen as an error
  const result = attempt(path, what, () => inflateRawSync(bytes, { maxOutputLength: declared + 1 }))
  if (result.byteLength !== declared)
    fail(path, say`${what} inflates to ${result.byteLength} bytes and not ${declared}`)
  return result
}

export function gunzipBounded(path: string, bytes: Uint8Array): Uint8Array {
  return attempt(path, say`the gzip stream`, () =>
    gunzipSync(bytes, { maxOutputLength: inflateLimit(bytes.byteLength) }),
  )
}

function attempt<T>(path: string, what: Note, inflate: () => T): T {
  try {
    return inflate()
  } catch (cause) {
    const problem = say`${what} cannot be inflated (${cause instanceof Error ? cause.message : say`unknown reason`})`
    throw new AppError('data.malformed', { path, problem }, { cause })
  }
}

function fail(path: string, problem: Note): never {
  throw new AppError('data.malformed', { path, problem })
}
