// A file as a range of bytes that is read when asked for, so that a large model never has to be in memory whole.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'

export interface ByteSource {
  /** File name for messages. */
  readonly name: string
  readonly size: number
  /** Bytes [offset, offset + length); the range must lie within the source. The result is a view or a copy: do not modify. */
  read(offset: number, length: number): Uint8Array
  close(): void
}

export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return { name, size: bytes.byteLength, read: (offset, length) => bytes.subarray(offset, offset + length), close() {} }
}

export function fileSource(path: string): ByteSource {
  const file = openSync(path, 'r')
  return {
    name: basename(path),
    size: fstatSync(file).size,
    read(offset, length) {
      const bytes = new Uint8Array(length)
      let done = 0
      while (done < length) {
        const count = readSync(file, bytes, done, length - done, offset + done)
        if (count === 0) return bytes.subarray(0, done)
        done += count
      }
      return bytes
    },
    close: () => closeSync(file),
  }
}
