// Decompression with a limit. A file may inflate to 256 MiB plus 100 times its own size (sparse and constant data reach
// high ratios, pictures and sensor data do not); beyond that it is taken for a bomb.
import { promisify } from 'node:util'
import { gunzip, inflateRaw } from 'node:zlib'
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'

const freeBytes = 256 * 2 ** 20
const maxRatio = 100

export const inflateLimit = (compressedBytes: number) => Math.min(2 ** 32, freeBytes + maxRatio * compressedBytes)

export interface Deflated {
  /** Of the file, for errors. */
  readonly path: string
  readonly what: string
  readonly bytes: Uint8Array
  /** How many bytes it says that it inflates to. */
  readonly declared: number
}

/** In another thread, so that a host answers others meanwhile. */
export async function inflateApart(deflated: Deflated): Promise<Uint8Array> {
  const limit = checkDeclared(deflated)
  const result = await inflateRawApart(deflated.bytes, limit).catch((cause) =>
    notInflated(deflated.path, deflated.what, cause),
  )
  return checkLength(deflated, result)
}

const inflateRawApart = promisify(inflateRaw)
const gunzipApart = promisify(gunzip)

function checkDeclared({ path, what, bytes, declared }: Deflated) {
  if (declared > inflateLimit(bytes.byteLength))
    fail(path, say`${what} claims to inflate from ${bytes.byteLength} to ${declared} bytes`)
  // one byte more than declared, so that a longer stream is seen as an error
  const room = Math.max(64, declared + 1)
  // All in one piece, which need not be put together.
  return { maxOutputLength: room, chunkSize: room }
}

function checkLength({ path, what, declared }: Deflated, result: Uint8Array): Uint8Array {
  if (result.byteLength !== declared)
    fail(path, say`${what} inflates to ${result.byteLength} bytes and not ${declared}`)
  return result
}

export function gunzipBounded(path: string, bytes: Uint8Array): Promise<Uint8Array> {
  const limit = { maxOutputLength: inflateLimit(bytes.byteLength) }
  return gunzipApart(bytes, limit).catch((cause) => notInflated(path, say`the gzip stream`, cause))
}

function notInflated(path: string, what: Note, cause: unknown): never {
  const problem = say`${what} cannot be inflated (${cause instanceof Error ? cause.message : say`unknown reason`})`
  throw new AppError('data.malformed', { path, problem }, { cause })
}

function fail(path: string, problem: Note): never {
  throw new AppError('data.malformed', { path, problem })
}
