// encode and decode: files in, files out, a chunk in memory at a time. A result appears under its name only when it is whole.
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { type ByteSource, fileSource } from '../base/source.ts'
import { type DecodedFile, decodeContainer } from '../formats/container/decode.ts'
import { type EncodedFile, encodeContainer, type Sink } from '../formats/container/encode.ts'
import { writeNpzFile } from '../formats/container/npz-write.ts'
import { namedTensors } from '../formats/container/tensors.ts'

export interface EncodingRequest {
  readonly path: string
  readonly out: string
}

export interface DecodingRequest extends EncodingRequest {
  /** 'npz': the tensors instead of the file. */
  readonly as?: 'npz'
}

export interface EncodingEvents {
  readonly signal: AbortSignal
  /** Bytes of the file that is read. */
  readonly progress: (done: number, total: number) => void
}

export async function encodeFile(request: EncodingRequest, events: EncodingEvents): Promise<EncodedFile> {
  using source = openSource(request)
  return await writeWhole(request.out, (sink) => encodeContainer(source.bytes, sink, between(events)))
}

export async function decodeFile(request: DecodingRequest, events: EncodingEvents): Promise<DecodedFile> {
  using source = openSource(request)
  if (request.as === undefined)
    return await writeWhole(request.out, (sink) => decodeContainer(source.bytes, sink, between(events)))
  using original = scratchFile(request.out)
  const decoded = await writeInto(original.path, request.out, (sink) =>
    decodeContainer(source.bytes, sink, between(events)),
  )
  if (decoded.format === 'npz') moveInto(original.path, request.out)
  else await writeTensors(original.path, request.out)
  return decoded
}

async function writeTensors(path: string, out: string) {
  const bytes = fileSource(path)
  try {
    await writeWhole(out, async (sink) => writeNpzFile(namedTensors(bytes), sink))
  } finally {
    bytes.close()
  }
}

/** Lets cancellation and whatever else waits have their turn. */
function between({ signal, progress }: EncodingEvents) {
  return {
    async progress(done: number, total: number) {
      progress(done, total)
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
    },
  }
}

function openSource({ path, out }: EncodingRequest): Disposable & { readonly bytes: ByteSource } {
  if (!existsSync(path)) throw new AppError('usage.missingFile', { path })
  if (existsSync(out) && realpathSync(out) === realpathSync(path))
    throw new AppError('usage.invalid', { problem: `--out names ${path} itself.` })
  if (!statSync(path).isFile()) throw new AppError('usage.invalid', { problem: `${path} is no file.` })
  const bytes = readable(path, () => fileSource(path))
  return { bytes, [Symbol.dispose]: () => bytes.close() }
}

function readable<T>(path: string, open: () => T): T {
  try {
    return open()
  } catch (cause) {
    throw new AppError('usage.invalid', { problem: `${path} cannot be read (${reasonOf(cause)}).` }, { cause })
  }
}

/** A name beside `out`, which is gone when this is disposed of. */
function scratchFile(out: string): Disposable & { readonly path: string } {
  const path = join(dirname(out), `.${basename(out)}.${randomUUID()}.part`)
  return { path, [Symbol.dispose]: () => rmSync(path, { force: true }) }
}

async function writeWhole<T>(out: string, write: (sink: Sink) => Promise<T>): Promise<T> {
  using scratch = scratchFile(out)
  const result = await writeInto(scratch.path, out, write)
  moveInto(scratch.path, out)
  return result
}

/** `out`: the name that messages give. */
async function writeInto<T>(path: string, out: string, write: (sink: Sink) => Promise<T>): Promise<T> {
  const file = writable(out, () => openSync(path, 'wx'))
  try {
    const result = await write((bytes) => writable(out, () => writeAll(file, bytes)))
    writable(out, () => fsyncSync(file))
    return result
  } finally {
    closeSync(file)
  }
}

const moveInto = (from: string, to: string) => writable(to, () => renameSync(from, to))

function writeAll(file: number, bytes: Uint8Array) {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done)
}

function writable<T>(path: string, write: () => T): T {
  try {
    return write()
  } catch (cause) {
    const full = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(cause))
    if (full) throw new AppError('store.full', { path }, { cause })
    throw new AppError('usage.invalid', { problem: `${path} cannot be written (${reasonOf(cause)}).` }, { cause })
  }
}

const codeOf = (cause: unknown) =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
const reasonOf = (cause: unknown) => codeOf(cause) || String(cause)
