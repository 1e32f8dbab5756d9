// encode and decode: files in, files out, a chunk in memory at a time. A result appears under its name only when it is whole.
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join, posix, resolve } from 'node:path'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'

import { type ByteSource, fileSource } from '../base/source.ts'
import { type DecodedFile, decodeContainer, type FileSink, readHead } from '../formats/container/decode.ts'
import { type EncodedFile, encodeContainer, type Sink } from '../formats/container/encode.ts'
import { writeNpzFile } from '../formats/container/npz-write.ts'
import { namedTensors } from '../formats/container/tensors.ts'
import { hashFile } from '../store/trees.ts'

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
  using files = openFiles(request)
  return await writeWhole(request.out, (sink) =>
    encodeContainer(files.main, sink, between(events), (path) => files.beside(path)),
  )
}

/** Files that were beside the model come to lie beside `out`. One that is there already stays if it is the same, else nothing is done. */
export async function decodeFile(request: DecodingRequest, events: EncodingEvents): Promise<DecodedFile> {
  using files = openFiles(request)
  const { out } = request
  const beside = readHead(files.main).beside
  const targets = request.as ? [] : beside.map(({ path, bytes }) => besideTarget(out, path, bytes))
  using scratch = scratchFiles(out, 1 + beside.length)
  const decoded = await writeInto(scratch.paths, out, (sink) => decodeContainer(files.main, sink, between(events)))
  if (request.as && decoded.format !== 'npz') {
    await writeTensors(scratch.paths, decoded, out)
    return decoded
  }
  for (const [i, target] of targets.entries())
    await placeBeside(scratch.paths[i + 1]!, target, decoded.beside[i]!.sha256)
  moveInto(scratch.paths[0]!, out)
  return decoded
}

function besideTarget(out: string, path: string, bytes: number): string {
  const target = join(dirname(out), path)
  if (resolve(target) === resolve(out))
    throw new AppError('usage.invalid', {
      problem: say`--out cannot be ${out}: that is a file of the model's weights.`,
    })
  if (existsSync(target) && statSync(target).size !== bytes) refuseOther(target)
  return target
}

async function placeBeside(from: string, target: string, sha256: string) {
  if (existsSync(target)) {
    if ((await hashFile(target)) !== sha256) refuseOther(target)
    return
  }
  writable(target, () => mkdirSync(dirname(target), { recursive: true }))
  moveInto(from, target)
}

function refuseOther(path: string): never {
  const problem = say`${path} is there already and is another file. Decode into a folder of its own.`
  throw new AppError('usage.invalid', { problem })
}

async function writeTensors(paths: readonly string[], { beside }: DecodedFile, out: string) {
  const sources = paths.map((path) => fileSource(path))
  const opened = new Map(beside.map(({ path }, i) => [path, sources[i + 1]!]))
  try {
    const tensors = namedTensors(sources[0]!, (path) => opened.get(posix.normalize(path)) ?? null)
    await writeWhole(out, async (sink) => writeNpzFile(tensors, sink))
  } finally {
    for (const source of sources) source.close()
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

interface OpenFiles extends Disposable {
  readonly main: ByteSource
  /** A file in the folder of `main` or below; null when there is none. */
  beside(path: string): ByteSource | null
}

function openFiles({ path, out }: EncodingRequest): OpenFiles {
  if (!existsSync(path)) throw new AppError('usage.missingFile', { path })
  const open = (from: string) => {
    if (existsSync(out) && realpathSync(out) === realpathSync(from))
      throw new AppError('usage.invalid', { problem: say`--out names ${from} itself.` })
    return readable(from, () => fileSource(from))
  }
  if (!statSync(path).isFile()) throw new AppError('usage.invalid', { problem: say`${path} is no file.` })
  const opened = [open(path)]
  return {
    main: opened[0]!,
    beside(relative) {
      const from = join(dirname(path), relative)
      if (!existsSync(from) || !statSync(from).isFile()) return null
      opened.push(open(from))
      return opened.at(-1)!
    },
    [Symbol.dispose]() {
      for (const source of opened) source.close()
    },
  }
}

function readable<T>(path: string, open: () => T): T {
  try {
    return open()
  } catch (cause) {
    throw new AppError('usage.invalid', { problem: say`${path} cannot be read (${reasonOf(cause)}).` }, { cause })
  }
}

/** Names beside `out`, which are gone when this is disposed of. */
function scratchFiles(out: string, count: number): Disposable & { readonly paths: readonly string[] } {
  const paths = Array.from({ length: count }, () => join(dirname(out), `.${basename(out)}.${randomUUID()}.part`))
  return {
    paths,
    [Symbol.dispose]() {
      for (const path of paths) rmSync(path, { force: true })
    },
  }
}

async function writeWhole<T>(out: string, write: (sink: Sink) => Promise<T>): Promise<T> {
  using scratch = scratchFiles(out, 1)
  const result = await writeInto(scratch.paths, out, (sink) => write((bytes) => sink(bytes, 0)))
  moveInto(scratch.paths[0]!, out)
  return result
}

/** `out`: the name that messages give. */
async function writeInto<T>(paths: readonly string[], out: string, write: (sink: FileSink) => Promise<T>): Promise<T> {
  const files: number[] = []
  try {
    for (const path of paths) files.push(writable(out, () => openSync(path, 'wx')))
    const result = await write((bytes, file) => writable(out, () => writeAll(files[file]!, bytes)))
    for (const file of files) writable(out, () => fsyncSync(file))
    return result
  } finally {
    for (const file of files) closeSync(file)
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
    throw new AppError('usage.invalid', { problem: say`${path} cannot be written (${reasonOf(cause)}).` }, { cause })
  }
}

const codeOf = (cause: unknown) =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
const reasonOf = (cause: unknown) => codeOf(cause) || String(cause)
