// Files on their way in, in chunks or all behind each other. Bytes of one file come in order; a file is never larger than
// what was declared for it.
import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import { type UploadId, uploadId } from '../contract/ids.ts'
import { maxChunkBytes } from '../contract/upload.ts'
import { isFull } from '../store/trees.ts'

interface Upload {
  readonly dir: string
  readonly files: readonly IncomingFile[]
}

interface IncomingFile {
  readonly path: string
  readonly bytes: number
  received: number
}

export type Uploads = ReturnType<typeof createUploads>

export function createUploads(root: string) {
  const uploads = new Map<UploadId, Upload>()
  const find = (id: UploadId) => {
    const upload = uploads.get(id)
    if (!upload) throw new AppError('store.notFound', { kind: say`upload`, id, plural: 'models' })
    return upload
  }

  async function discard(id: UploadId) {
    const upload = uploads.get(id)
    uploads.delete(id)
    if (upload) await rm(upload.dir, { recursive: true, force: true })
  }

  return {
    async begin(files: readonly { path: string; bytes: number }[]): Promise<UploadId> {
      for (const file of files) checkRelative(file.path)
      const id = uploadId.parse(randomUUID())
      const dir = join(root, id)
      for (const file of files) await mkdir(dirname(join(dir, file.path)), { recursive: true })
      for (const file of files) await (await open(join(dir, file.path), 'w')).close()
      uploads.set(id, { dir, files: files.map((file) => ({ ...file, received: 0 })) })
      return id
    },
    async chunk(id: UploadId, index: number, offset: number, data: Uint8Array) {
      const { dir, files } = find(id)
      const file = files[index]
      const tooLarge = data.byteLength > maxChunkBytes
      if (!file || tooLarge || offset !== file.received || offset + data.byteLength > file.bytes)
        throw new AppError('usage.invalid', { problem: say`An upload chunk does not continue its file.` })
      await using handle = await open(join(dir, file.path), 'a')
      await append(handle, file, data)
    },
    /** All files, one behind the other in the order they were declared. */
    async receive(id: UploadId, body: AsyncIterable<Uint8Array>) {
      const upload = find(id)
      await using writer = fileWriter(upload)
      for await (const data of body) await writer.write(data)
      if (upload.files.some((file) => file.received < file.bytes)) throw notAsDeclared()
    },
    /** The folder with the complete files and their paths in it; the caller discards the upload when it has them. */
    complete(id: UploadId): { dir: string; paths: string[] } {
      const { dir, files } = find(id)
      const missing = files.find((file) => file.received < file.bytes)
      if (missing) throw new AppError('usage.invalid', { problem: say`The upload of ${missing.path} is not complete.` })
      return { dir, paths: files.map((file) => file.path) }
    },
    discard,
    async [Symbol.asyncDispose]() {
      for (const id of [...uploads.keys()]) await discard(id)
    },
  }
}

/** What earlier processes left behind; called once at the start of a host that takes uploads. */
export async function clearUploads(root: string) {
  for (const name of await readdir(root)) await rm(join(root, name), { recursive: true, force: true })
}

async function append(handle: FileHandle, file: IncomingFile, data: Uint8Array) {
  try {
    // Not one write(): that may stop at what there is room for.
    await handle.writeFile(data)
  } catch (cause) {
    if (isFull(cause)) throw new AppError('store.full', { path: file.path }, { cause })
    throw cause
  }
  file.received += data.byteLength
}

/** Puts bytes into the first file that is not complete, and so on; one file is open at a time. */
function fileWriter({ dir, files }: Upload) {
  let at = 0
  let handle: FileHandle | null = null
  const close = async () => {
    await handle?.close()
    handle = null
  }
  return {
    async write(data: Uint8Array) {
      for (let rest = data; rest.byteLength > 0; ) {
        for (; files[at]?.received === files[at]?.bytes && at < files.length; at++) await close()
        const file = files[at]
        if (!file) throw notAsDeclared()
        handle ??= await open(join(dir, file.path), 'a')
        const part = rest.subarray(0, file.bytes - file.received)
        await append(handle, file, part)
        rest = rest.subarray(part.byteLength)
      }
    },
    [Symbol.asyncDispose]: close,
  }
}

const notAsDeclared = () =>
  new AppError('usage.invalid', { problem: say`The files that came are not those that were announced.` })

function checkRelative(path: string) {
  const parts = path.split('/')
  if (path.includes('\\') || path.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..'))
    throw new AppError('usage.invalid', { problem: say`The file name ${path} cannot be used.` })
}
