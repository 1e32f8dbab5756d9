// Damaged models give an error of the catalogue or a sound graph: nothing else is thrown, and nothing is read or kept that
// the file's size does not justify.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { catalogue } from '../../src-main/base/catalogue.ts'
import { AppError } from '../../src-main/base/errors.ts'
import { type ByteSource, memorySource } from '../../src-main/base/source.ts'
import { writeOnnx } from '../../src-main/formats/onnx/write.ts'
import { importModel } from '../../src-main/formats/registry.ts'
import type { Graph } from '../../src-main/ir/graph.ts'
import { qdqModel, qoperatorModel } from '../fixtures/onnx-quantized.ts'

const whole = [qdqModel(), qoperatorModel()].map((graph) => writeOnnx(graph, { quantization: 'drop' }))

/** Counts what is read, so that reading in circles shows. */
function counted(bytes: Uint8Array): { source: ByteSource; readBytes: () => number } {
  const inner = memorySource('damaged.onnx', bytes)
  let total = 0
  const read = (offset: number, length: number) => {
    total += length
    expect(offset + length).toBeLessThanOrEqual(bytes.byteLength)
    return inner.read(offset, length)
  }
  return { source: { ...inner, read }, readBytes: () => total }
}

/** What was accepted can be written, and what was written is accepted. */
async function roundTrip(graph: Graph) {
  for (const quantization of ['keep', 'drop'] as const)
    await importModel(memorySource('again.onnx', writeOnnx(graph, { quantization })), () => null)
}

async function importDamaged(bytes: Uint8Array) {
  let sound: Graph | null = null
  const { source, readBytes } = counted(bytes)
  try {
    const { graph } = await importModel(source, () => null)
    sound = graph
    for (const constant of graph.constants.values())
      expect(constant.read().byteLength).toBeLessThanOrEqual(8 * bytes.byteLength)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const places = [...catalogue[error.code].sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
    expect(Object.keys(error.data)).toEqual(expect.arrayContaining(places))
  }
  const read = readBytes()
  if (sound) await roundTrip(sound)
  expect(read).toBeLessThanOrEqual(200 * bytes.byteLength + 1000)
}

const model = fc.constantFrom(...whole)

test('any bytes changed', async () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(model, changes, async (bytes, edits) => {
      const damaged = Uint8Array.from(bytes)
      for (const [at, byte] of edits) damaged[at % damaged.length] = byte
      await importDamaged(damaged)
    }),
    { numRuns: 1500, seed: 1 },
  )
})

test('any single bit changed in the structure', async () => {
  await fc.assert(
    fc.asyncProperty(model, fc.nat(), fc.nat(7), async (bytes, at, bit) => {
      const damaged = Uint8Array.from(bytes)
      damaged[at % damaged.length]! ^= 1 << bit
      await importDamaged(damaged)
    }),
    { numRuns: 1500, seed: 2 },
  )
})

test('cut anywhere', async () => {
  for (const bytes of whole)
    for (let length = 0; length < bytes.length; length += 3) await importDamaged(bytes.subarray(0, length))
})

test('a piece taken out or repeated', async () => {
  await fc.assert(
    fc.asyncProperty(model, fc.nat(), fc.nat(40), fc.boolean(), async (bytes, from, length, repeat) => {
      const at = from % bytes.length
      const piece = bytes.subarray(at, at + length)
      const parts = repeat
        ? [bytes.subarray(0, at), piece, bytes.subarray(at)]
        : [bytes.subarray(0, at), bytes.subarray(at + length)]
      await importDamaged(Buffer.concat(parts))
    }),
    { numRuns: 1000, seed: 3 },
  )
})

test('a megabyte of empty messages is refused early', async () => {
  const [head, empty] = [Buffer.from([0x3a, 0x80, 0x80, 0x40]), Buffer.from([0x5a, 0x00])]
  await importDamaged(Buffer.concat([head, Buffer.alloc(1 << 20, empty)]))
  await expect(
    importModel(memorySource('m', Buffer.concat([head, Buffer.alloc(1 << 20, empty)])), () => null),
  ).rejects.toMatchObject({
    code: 'model.malformed',
  })
})

test('bytes from nowhere', async () => {
  const start = Uint8Array.of(0x08, 0x08, 0x42, 0x04, 0x0a, 0x00, 0x10, 0x0d)
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, plausible) => {
      await importDamaged(plausible ? Buffer.concat([start, bytes]) : bytes)
    }),
    { numRuns: 1000, seed: 4 },
  )
})
