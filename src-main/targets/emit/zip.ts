// A zip archive of files in memory, deflated (PKWARE APPNOTE 6.3, 4.3.7, 4.3.12, 4.3.16). The time is fixed: equal files, equal bytes.
import { crc32, deflateRawSync } from 'node:zlib'
import { ByteWriter } from '../../base/bytes.ts'
import type { LibraryFile } from './library.ts'

const version = 20
const deflated = 8
const utf8Names = 0x800
/** 1980-01-01, the first day that a zip archive can say. */
const date = 0x21

export function zipFiles(files: readonly LibraryFile[]): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter()
  const directory = new ByteWriter()
  let at = 0
  for (const { path, text } of files) {
    const name = new TextEncoder().encode(path)
    const content = new TextEncoder().encode(text)
    const packed = deflateRawSync(content)
    const common = (to: ByteWriter) =>
      to
        .u16(utf8Names)
        .u16(deflated)
        .u16(0)
        .u16(date)
        .u32(crc32(content))
        .u32(packed.length)
        .u32(content.length)
        .u16(name.length)
        .u16(0)
    common(out.u32(0x04034b50).u16(version)).raw(name).raw(packed)
    common(directory.u32(0x02014b50).u16(version).u16(version)).u16(0).u16(0).u16(0).u32(0).u32(at).raw(name)
    at += 30 + name.length + packed.length
  }
  const entries = directory.finish()
  out.raw(entries).u32(0x06054b50).u16(0).u16(0).u16(files.length).u16(files.length)
  return out.u32(entries.length).u32(at).u16(0).finish()
}
