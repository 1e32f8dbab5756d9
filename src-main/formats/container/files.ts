// A model's files as one run of bytes: the model, then those beside it that hold weights, in the order in which it names them.
import { createHash } from 'node:crypto'
import type { ByteSource } from '../../base/source.ts'
import { readInto } from './buffers.ts'

/** A file beside the model. */
export interface BesideFile {
  /** Relative to the model's folder, with forward slashes. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

export interface BesideSource {
  readonly path: string
  readonly source: ByteSource
}

/** Closing it closes nothing: its parts belong to others. */
export function joinSources(model: ByteSource, beside: readonly BesideSource[]): ByteSource {
  if (beside.length === 0) return model
  const parts = [model, ...beside.map(({ source }) => source)]
  const into = (offset: number, bytes: Uint8Array) => {
    let [start, done] = [0, 0]
    for (const part of parts) {
      const at = offset + done - start
      start += part.size
      if (at >= part.size || done === bytes.length) continue
      const wanted = bytes.subarray(done, done + Math.min(bytes.length - done, part.size - at))
      const found = readInto(part, at, wanted)
      done += found
      if (found < wanted.length) break
    }
    return done
  }
  return {
    name: model.name,
    size: parts.reduce((sum, { size }) => sum + size, 0),
    readInto: into,
    read(offset, length) {
      const bytes = new Uint8Array(length)
      return bytes.subarray(0, into(offset, bytes))
    },
    close() {},
  }
}

/** Takes the bytes of several files one after the other, gives each part to `emit` with its file's number, and hashes every file. */
export class FileSplitter {
  readonly #sizes: readonly number[]
  readonly #emit: (bytes: Uint8Array, file: number) => void
  readonly #hashes
  #file = 0
  /** Bytes of the file that have come. */
  #done = 0

  constructor(sizes: readonly number[], emit: (bytes: Uint8Array, file: number) => void = () => undefined) {
    this.#sizes = sizes
    this.#emit = emit
    this.#hashes = sizes.map(() => createHash('sha256'))
  }

  /** No more bytes than the sizes come to. */
  push(bytes: Uint8Array) {
    for (let at = 0; at < bytes.length; ) {
      while (this.#done === this.#sizes[this.#file]) {
        this.#file++
        this.#done = 0
      }
      const count = Math.min(bytes.length - at, this.#sizes[this.#file]! - this.#done)
      const part = bytes.subarray(at, at + count)
      this.#hashes[this.#file]!.update(part)
      this.#emit(part, this.#file)
      this.#done += count
      at += count
    }
  }

  /** SHA-256 of each file, hexadecimal; once, at the end. */
  digests(): string[] {
    return this.#hashes.map((hash) => hash.digest('hex'))
  }
}
