// The table of the files beside a model: their paths and sizes, in the order of their bytes.
import { posix } from 'node:path'
import { type ByteReader, ByteWriter } from '../../base/bytes.ts'
import { type Note, say } from '../../base/note.ts'
import { staysInFolder } from '../onnx/external.ts'
import { maxBesideFiles } from './layout.ts'
import { putVarint, takeVarint } from './varint.ts'

export interface FileEntry {
  readonly path: string
  readonly bytes: number
}

export function writeFileTable(files: readonly FileEntry[]): Uint8Array {
  const table = putVarint(new ByteWriter(), files.length)
  for (const { path, bytes } of files) {
    const name = Buffer.from(path)
    putVarint(putVarint(table, name.length).raw(name), bytes)
  }
  return table.finish()
}

/** `malformed`: called with what is wrong. */
export function readFileTable(reader: ByteReader, malformed: (problem: Note) => never): FileEntry[] {
  const count = takeVarint(reader)
  if (!(count >= 1 && count <= maxBesideFiles)) malformed(say`${count} files beside the model`)
  const files: FileEntry[] = []
  for (let i = 0; i < count; i++) {
    const length = takeVarint(reader)
    if (!(length <= reader.remaining)) malformed(say`its table of files ends too early`)
    files.push({ path: reader.text(length), bytes: takeVarint(reader) })
  }
  const bad = files.find(({ path, bytes }) => !isPlain(path) || !Number.isSafeInteger(bytes))
  if (bad) malformed(say`a file cannot be called ${JSON.stringify(bad.path)}`)
  if (!reader.done || new Set(files.map(({ path }) => path)).size < count)
    malformed(say`its table of files is impossible`)
  return files
}

/** Below the model's folder, and in the only way to write it. */
const isPlain = (path: string) => staysInFolder(path) && posix.normalize(path) === path && !path.endsWith('/')
