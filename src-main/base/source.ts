// A file as a range of bytes that is read when asked for, so that a large model never has to be in memory whole.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'

export interface ByteSource {
  /** File name for messages. */
  readonly name: string
  readonly size: number
  /** Bytes [offset, offset + length); the range must lie within the source. The result is a view or a copy: do not modify. */
  read(offset: number, length: number): Uint8Array
  /** Fills `into` from `offset` on and gives how many bytes there were; for long passes that make no garbage. */
  readInto?(offset: number, into: Uint8Array): number
  close(): void
}

export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return { name, size: bytes.byteLength, read: (offset, length) => bytes.subarray(offset, offset + length), close() {} }
}

export function fileSource(path: string): ByteSource {
  const file = openSync(path, 'r')
  const readInto = (offset: number, into: Uint8Array) => {
    let done = 0
    while (done < into.length) {
      const count = readSync(file, into, done, into.length - done, offset + done)
      if (count === 0) break
      done += count
    }
    return done
  }
  return {
    name: basename(path),
    size: fstatSync(file).size,
    read(offset, length) {
      const bytes = new Uint8Array(length)
      const done = readInto(offset, bytes)
      return done === length ? bytes : bytes.subarray(0, done)
    },
    readInto,
    close: () => closeSync(file),
  }
}
