// Several files as one run of bytes, and that run as several files again.
import { expect, test } from 'vitest'
import { equalBytes } from '../../../src-main/base/bytes.ts'
import { sha256 } from '../../../src-main/base/hash.ts'
import { seededRandom } from '../../../src-main/base/random.ts'
import { memorySource } from '../../../src-main/base/source.ts'
import { decodeContainer } from '../../../src-main/formats/container/decode.ts'
import { encodeContainer } from '../../../src-main/formats/container/encode.ts'
import { FileSplitter, joinSources } from '../../../src-main/formats/container/files.ts'
import { encodeModel } from '../../../src-main/formats/onnx/encode.ts'
import { attributeTypes } from '../../../src-main/formats/onnx/schema.ts'

const quiet = { progress: () => undefined }
const random = seededRandom(8)
const noise = (length: number) => Uint8Array.from({ length }, () => random.below(256))
const sources = [noise(17), noise(0), noise(1), noise(300), noise(0)]
const whole = Buffer.concat(sources)
const named = sources.map((bytes, i) => ({ path: `f${i}`, source: memorySource(`f${i}`, bytes) }))

test('reads go across files', () => {
  const joined = joinSources(named[0]!.source, named.slice(1))
  expect(joined.size).toBe(whole.length)
  for (let i = 0; i < 300; i++) {
    const offset = random.below(whole.length + 1)
    const length = random.below(whole.length - offset + 1)
    expect(equalBytes(joined.read(offset, length), whole.subarray(offset, offset + length))).toBe(true)
  }
  // no more than there is
  expect(joined.read(whole.length - 3, 10).length).toBe(3)
})

test('parts are cut where files end, and each file has its hash', () => {
  for (const step of [1, 7, 18, 1000]) {
    const files = sources.map(() => [] as Uint8Array[])
    const splitter = new FileSplitter(
      sources.map(({ length }) => length),
      (bytes, file) => files[file]!.push(Uint8Array.from(bytes)),
    )
    for (let at = 0; at < whole.length; at += step) splitter.push(whole.subarray(at, at + step))
    expect(files.map((parts) => sha256(...parts))).toEqual(sources.map((bytes) => sha256(bytes)))
    expect(splitter.digests()).toEqual(sources.map((bytes) => sha256(bytes)))
  }
})

/** A tensor of `elements` floats whose bytes are in a file beside the model. */
const placed = (name: string, elements: number, entries: Readonly<Record<string, string>>) => ({
  name,
  dims: [elements],
  dataType: 1,
  dataLocation: 1,
  externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
})

const files: Readonly<Record<string, Uint8Array>> = {
  'a.bin': noise(1000),
  'deep/b.bin': noise(777),
  'empty.bin': noise(0),
}

/** @param location of the last tensor */
const modelNaming = (location: string) =>
  encodeModel({
    irVersion: 8,
    graph: {
      initializer: [
        // padding before, between and behind; two tensors over the same bytes; two ways to say one path; no length
        placed('w0', 50, { location: 'a.bin', offset: '16', length: '200' }),
        placed('w1', 25, { location: './a.bin', offset: '116', length: '100' }),
        placed('w2', 100, { location: 'deep/b.bin', offset: '333' }),
        placed('w3', 0, { location: 'empty.bin' }),
      ],
      node: [
        {
          opType: 'Constant',
          output: ['c'],
          attribute: [
            {
              name: 'value',
              type: attributeTypes.tensor,
              t: placed('', 20, { location, offset: '690', length: '80' }),
            },
          ],
        },
      ],
    },
  })

const siblings = (path: string) => (files[path] ? memorySource(path, files[path]) : null)

async function encoded(model: Uint8Array) {
  const parts: Uint8Array[] = []
  const sink = (bytes: Uint8Array) => void parts.push(Uint8Array.from(bytes))
  const done = await encodeContainer(memorySource('m.onnx', model), sink, quiet, siblings)
  return { done, container: Buffer.concat(parts) }
}

test('whatever way a model names its files, each is stored once, and all of it', async () => {
  const model = modelNaming('deep/./b.bin')
  const { done, container } = await encoded(model)
  const expected = Object.entries(files).map(([path, bytes]) => ({ path, bytes: bytes.length, sha256: sha256(bytes) }))
  expect(done.beside).toEqual(expected)
  const out: Uint8Array[][] = [[], [], [], []]
  const sink = (bytes: Uint8Array, file: number) => void out[file]!.push(Uint8Array.from(bytes))
  expect((await decodeContainer(memorySource('m.shoe', container), sink, quiet)).beside).toEqual(expected)
  expect(out.map((parts) => sha256(...parts))).toEqual([model, ...Object.values(files)].map((bytes) => sha256(bytes)))
})

test.each(['../a.bin', 'deep/../a.bin', '/a.bin', 'C:a.bin', ''])(
  'a model that names %j is refused',
  async (location) => {
    await expect(encoded(modelNaming(location))).rejects.toMatchObject({ code: 'model.externalData' })
  },
)
