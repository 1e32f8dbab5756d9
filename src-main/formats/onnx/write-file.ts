// A graph as an ONNX file, written tensor by tensor: what lies in another file or is computed when read passes through
// memory in pieces. A file is complete or it is not there.
import { createHash } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Graph } from '../../ir/graph.ts'
import type { DeferredBytes } from './encode.ts'
import { type LayoutOptions, layOutOnnx } from './write.ts'

export interface WriteFileOptions extends Pick<LayoutOptions, 'quantization' | 'largestModel'> {
  readonly signal?: AbortSignal
}

export interface WrittenFile {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

export interface WrittenModel {
  readonly model: WrittenFile
  /** The weights beside it; null when the model holds them. */
  readonly data: WrittenFile | null
}

export async function writeOnnxFile(graph: Graph, path: string, options: WriteFileOptions): Promise<WrittenModel> {
  const dataFile = `${basename(path)}.data`
  const layout = layOutOnnx(graph, { ...options, dataFile })
  const dataPath = join(dirname(path), dataFile)
  const data = layout.data && (await writeDeferred(layout.data, dataPath, options.signal))
  const model = await writeDeferred(layout.model, path, options.signal).catch(async (error) => {
    if (data) await rm(dataPath, { force: true })
    throw error
  })
  return { model, data }
}

async function writeDeferred(bytes: DeferredBytes, path: string, signal?: AbortSignal): Promise<WrittenFile> {
  const partial = `${path}.partial`
  try {
    const sha256 = await writeChunks(bytes, partial, signal)
    await rename(partial, path)
    return { path, bytes: bytes.length, sha256 }
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

async function writeChunks(bytes: DeferredBytes, path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await using file = await open(path, 'w')
  for (const chunk of bytes.chunks()) {
    signal?.throwIfAborted()
    hash.update(chunk)
    await writeAll(file, chunk)
  }
  return hash.digest('hex')
}

/** A write may take less than it is given. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at)
    at += bytesWritten
  }
}
