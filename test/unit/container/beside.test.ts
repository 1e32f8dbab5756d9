// Models whose weights lie in files beside them: all files go into the container, and come back as they were.
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { ByteWriter } from '../../../src-main/base/bytes.ts'
import { sha256 } from '../../../src-main/base/hash.ts'
import { memorySource } from '../../../src-main/base/source.ts'
import { readNpz } from '../../../src-main/data/npz.ts'
import { decodeContainer, readHead } from '../../../src-main/formats/container/decode.ts'
import { type FileEntry, writeFileTable } from '../../../src-main/formats/container/file-table.ts'
import { decodeFile, encodeFile } from '../../../src-main/services/encoding.ts'
import { makeExternalOnnx } from '../../bench/large-file.ts'
import { temporaryFolder } from '../../support/workspace.ts'

const quiet = () => ({ signal: new AbortController().signal, progress: () => undefined })
const mostBytes = 1 << 17
/** Three tensors: two in the first file, one in the second, which is in a folder. */
const bytes = 2.5 * mostBytes
const besides = ['m.data', 'weights/m.more']
const names = ['m.onnx', ...besides]

function madeModel(folder: string) {
  expect(makeExternalOnnx(join(folder, 'm.onnx'), bytes, mostBytes)).toEqual(besides)
  return { model: join(folder, 'm.onnx'), packed: join(folder, 'm.shoe') }
}

const hashes = (folder: string) => names.map((name) => sha256(readFileSync(join(folder, name))))

function filesOf(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.flatMap((one) => (one.isFile() ? [one.name] : [])).sort()
}

test('the model and each file beside it come back bit for bit', async () => {
  using folder = temporaryFolder()
  const { model, packed } = madeModel(folder.path)
  const encoded = await encodeFile({ path: model, out: packed }, quiet())
  const [own, ...others] = hashes(folder.path)
  const size = (name: string) => readFileSync(join(folder.path, name)).length
  const beside = besides.map((path, i) => ({ path, bytes: size(path), sha256: others[i] }))
  const originalBytes = names.reduce((sum, name) => sum + size(name), 0)
  expect(encoded).toMatchObject({ format: 'onnx', tensors: 3, originalBytes, sha256: own, beside })
  expect(encoded.encodedBytes).toBe(size('m.shoe'))
  // eighths are zeros, the rest is noise in its mantissas: floats of this kind lose a sixth
  expect(encoded.encodedBytes).toBeLessThan(0.9 * originalBytes)

  mkdirSync(folder.file('back'))
  const decoded = await decodeFile({ path: packed, out: folder.file('back/m.onnx') }, quiet())
  expect(decoded).toMatchObject({ format: 'onnx', originalBytes, sha256: own, beside })
  expect(hashes(folder.file('back'))).toEqual([own, ...others])
  expect(filesOf(folder.file('back'))).toEqual(['m.data', 'm.more', 'm.onnx'])
})

test('the tensors come out as npz by name', async () => {
  using folder = temporaryFolder()
  const { model, packed } = madeModel(folder.path)
  await encodeFile({ path: model, out: packed }, quiet())
  for (const name of names) rmSync(folder.file(name))
  await decodeFile({ path: packed, out: folder.file('w.npz'), as: 'npz' }, quiet())
  const arrays = await readNpz(folder.file('w.npz'))
  expect([...arrays].map(([name, { shape }]) => [name, shape])).toEqual([
    ['w0', [32, 1024]],
    ['w1', [32, 1024]],
    ['w2', [16, 1024]],
  ])
  expect(filesOf(folder.path)).toEqual(['m.shoe', 'w.npz'])
})

test('nothing that is there already is overwritten, but for the file that --out names', async () => {
  using folder = temporaryFolder()
  const { model, packed } = madeModel(folder.path)
  await encodeFile({ path: model, out: packed }, quiet())
  const before = hashes(folder.path)
  // beside the originals: they are what would come out
  await decodeFile({ path: packed, out: model }, quiet())
  expect(hashes(folder.path)).toEqual(before)

  await expect(encodeFile({ path: model, out: folder.file('weights/m.more') }, quiet())).rejects.toMatchObject({
    code: 'usage.invalid',
  })
  expect(hashes(folder.path)).toEqual(before)

  const other = readFileSync(folder.file('m.data'))
  other[5]! ^= 1
  for (const content of [other, Buffer.from('something else')]) {
    writeFileSync(folder.file('m.data'), content)
    const decoding = decodeFile({ path: packed, out: folder.file('new.onnx') }, quiet())
    await expect(decoding).rejects.toMatchObject({ code: 'usage.invalid', message: /m\.data is there already/ })
    expect(readFileSync(folder.file('m.data')).equals(content)).toBe(true)
  }
  await expect(decodeFile({ path: packed, out: folder.file('m.data') }, quiet())).rejects.toMatchObject({
    code: 'usage.invalid',
  })
  expect(filesOf(folder.path)).toEqual(['m.data', 'm.more', 'm.onnx', 'm.shoe'])
})

test('a file that is missing or too short is named', async () => {
  using folder = temporaryFolder()
  const { model, packed } = madeModel(folder.path)
  truncateSync(folder.file('m.data'), 1000)
  const encoding = () => encodeFile({ path: model, out: packed }, quiet())
  await expect(encoding()).rejects.toMatchObject({
    code: 'model.externalData',
    message: /m\.data, which ends too early/,
  })
  rmSync(folder.file('m.data'))
  await expect(encoding()).rejects.toMatchObject({ code: 'model.externalData', message: /m\.data, which is missing/ })
  expect(filesOf(folder.path)).toEqual(['m.more', 'm.onnx'])
})

/** A container of version 2 whose table says what it likes; its checksums are right. */
function containerWith(files: readonly FileEntry[], totalBytes: number): Uint8Array {
  const head = new ByteWriter().text('SWTS').u16(2).u8(0).u8(0).u64(BigInt(totalBytes))
  head.u32(crc32(head.finish()))
  const table = writeFileTable(files)
  const hashes = new Uint8Array(32 * (1 + files.length))
  return head.u32(table.length).u32(crc32(table)).raw(table).u32(0).raw(hashes).finish()
}

test.each([
  ['a path upward', [{ path: '../../.profile', bytes: 1 }], 9],
  ['a path from the root', [{ path: '/etc/passwd', bytes: 1 }], 9],
  ['a Windows path', [{ path: 'c:\\windows\\x', bytes: 1 }], 9],
  ['another way to say it', [{ path: './a//b', bytes: 1 }], 9],
  ['a folder', [{ path: 'weights/', bytes: 1 }], 9],
  [
    'a name twice',
    [
      { path: 'a', bytes: 1 },
      { path: 'a', bytes: 1 },
    ],
    9,
  ],
  ['no file', [], 9],
  ['more bytes than there are', [{ path: 'a', bytes: 10 }], 9],
  ['more bytes than a number can say', [{ path: 'a', bytes: 2 ** 53 }], 9],
] as const)('a table of files with %s is refused', (_, files, total) => {
  const source = memorySource('x.shoe', containerWith(files, total))
  expect(() => readHead(source)).toThrow(expect.objectContaining({ code: 'pack.container' }))
})

test('every damaged byte of a container with several files is found', async () => {
  using folder = temporaryFolder()
  const { model, packed } = madeModel(folder.path)
  await encodeFile({ path: model, out: packed }, quiet())
  const container = readFileSync(packed)
  // head and table of files, a stretch of the first chunk, the hashes at the end
  const places = [...Array(120).keys(), ...Array.from({ length: 110 }, (_, i) => container.length - 1 - i)]
  for (const place of places) {
    const damaged = Uint8Array.from(container)
    damaged[place]! ^= 1 << (place % 8)
    const decoding = decodeContainer(memorySource('x.shoe', damaged), () => undefined, quiet())
    await expect(decoding).rejects.toMatchObject({ code: 'pack.container' })
  }
  for (const length of [0, 19, 24, 40, 60, container.length - 33, container.length - 1]) {
    const cut = memorySource('x.shoe', container.subarray(0, length))
    await expect(decodeContainer(cut, () => undefined, quiet())).rejects.toMatchObject({ code: 'pack.container' })
  }
}, 60_000)
