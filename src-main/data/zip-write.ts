// Writing zip archives to disk one member at a time, so that large members are never in memory whole. Members are stored;
// small ones are deflated where that saves. Zip64 records where 32 bits do not do. PKWARE APPNOTE 6.3, 4.3.7, 4.3.12, 4.3.14
// to 4.3.16, 4.5.3. The time is fixed: equal members, equal bytes.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { crc32, deflateRawSync } from 'node:zlib'
import { ByteWriter } from '../base/bytes.ts'

export interface ZipWriter extends AsyncDisposable {
  /** @returns SHA-256 of the content */
  addBytes(name: string, content: Uint8Array): Promise<string>
  addFile(name: string, path: string): Promise<string>
  /** Writes the directory. @returns bytes of the archive */
  finish(): Promise<number>
}

interface Member {
  readonly name: Uint8Array
  readonly method: 0 | 8
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly offset: number
}

const utf8Names = 0x800
/** 1980-01-01, the first day that a zip archive can say. */
const date = 0x21
const full32 = 0xffffffff
const zip64Version = 45

export async function createZip(path: string): Promise<ZipWriter> {
  const file = await open(path, 'w')
  const members: Member[] = []
  let at = 0
  const put = async (bytes: Uint8Array) => {
    await writeAll(file, bytes)
    at += bytes.byteLength
  }
  async function begin(member: Omit<Member, 'offset'>) {
    members.push({ ...member, offset: at })
    await put(localHeader(member))
  }
  return {
    async addBytes(name, content) {
      const deflated = deflateRawSync(content)
      const [method, data] = deflated.length < content.length ? ([8, deflated] as const) : ([0, content] as const)
      const sizes = { packed: data.length, size: content.length }
      await begin({ name: new TextEncoder().encode(name), method, crc: crc32(content), ...sizes })
      await put(data)
      return createHash('sha256').update(content).digest('hex')
    },
    async addFile(name, from) {
      const { crc, sha256, size } = await sumsOf(from)
      await begin({ name: new TextEncoder().encode(name), method: 0, crc, packed: size, size })
      for await (const chunk of createReadStream(from, { highWaterMark: 1 << 20 })) await put(chunk as Buffer)
      return sha256
    },
    async finish() {
      const start = at
      for (const member of members) await put(directoryEntry(member))
      await put(endRecords(members.length, start, at - start))
      await file.sync()
      return at
    },
    [Symbol.asyncDispose]: () => file.close(),
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array) {
  for (let done = 0; done < bytes.byteLength; ) done += (await file.write(bytes, done)).bytesWritten
}

/** The header comes before the content, so the content is read twice. */
async function sumsOf(path: string) {
  const hash = createHash('sha256')
  let [crc, size] = [0, 0]
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = chunk as Buffer
    hash.update(bytes)
    crc = crc32(bytes, crc)
    size += bytes.length
  }
  return { crc, size, sha256: hash.digest('hex') }
}

const in32 = (value: number) => Math.min(value, full32)

/** Method, time, sums and sizes, as both headers hold them. */
function common(to: ByteWriter, { method, crc, packed, size, name }: Omit<Member, 'offset'>, extra: number) {
  to.u16(utf8Names).u16(method).u16(0).u16(date).u32(crc)
  to.u32(in32(packed)).u32(in32(size)).u16(name.length).u16(extra)
}

function localHeader(member: Omit<Member, 'offset'>): Uint8Array {
  const large = member.size >= full32 || member.packed >= full32
  const out = new ByteWriter().u32(0x04034b50).u16(zip64Version)
  common(out, member, large ? 20 : 0)
  out.raw(member.name)
  if (large) out.u16(1).u16(16).u64(BigInt(member.size)).u64(BigInt(member.packed))
  return out.finish()
}

function directoryEntry(member: Member): Uint8Array {
  const wide = [member.size, member.packed, member.offset].filter((value) => value >= full32)
  const out = new ByteWriter().u32(0x02014b50).u16(zip64Version).u16(zip64Version)
  common(out, member, wide.length === 0 ? 0 : 4 + 8 * wide.length)
  out.u16(0).u16(0).u16(0).u32(0).u32(in32(member.offset)).raw(member.name)
  if (wide.length > 0) out.u16(1).u16(8 * wide.length)
  for (const value of wide) out.u64(BigInt(value))
  return out.finish()
}

function endRecords(count: number, offset: number, size: number): Uint8Array {
  const out = new ByteWriter()
  if (count >= 0xffff || offset >= full32 || size >= full32) {
    out.u32(0x06064b50).u64(44n).u16(zip64Version).u16(zip64Version).u32(0).u32(0)
    out.u64(BigInt(count)).u64(BigInt(count)).u64(BigInt(size)).u64(BigInt(offset))
    out
      .u32(0x07064b50)
      .u32(0)
      .u64(BigInt(offset + size))
      .u32(1)
  }
  const few = Math.min(count, 0xffff)
  return out.u32(0x06054b50).u16(0).u16(0).u16(few).u16(few).u32(in32(size)).u32(in32(offset)).u16(0).finish()
}
