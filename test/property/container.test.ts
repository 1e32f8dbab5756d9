// Whatever the file: it comes back; and whatever the container: an AppError, or the file whose SHA-256 it names.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesOf, equalBytes } from '../../src-main/base/bytes.ts'
import { AppError } from '../../src-main/base/errors.ts'
import { sha256 } from '../../src-main/base/hash.ts'
import { seededRandom } from '../../src-main/base/random.ts'
import { memorySource } from '../../src-main/base/source.ts'
import { decodeContainer } from '../../src-main/formats/container/decode.ts'
import { encodeContainer } from '../../src-main/formats/container/encode.ts'
import { writeNpzFile } from '../../src-main/formats/container/npz-write.ts'
import type { NamedTensor } from '../../src-main/formats/container/tensors.ts'
import { type DType, dtypes } from '../../src-main/ir/dtype.ts'
import { elementsOf } from '../../src-main/ir/tensor.ts'
import { chunkOffsets, reseal } from '../unit/container/seal.ts'

const quiet = { progress: () => undefined }

async function encoded(bytes: Uint8Array): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  await encodeContainer(memorySource('file', bytes), (part) => void parts.push(new Uint8Array(part)), quiet)
  return Buffer.concat(parts)
}

async function decoded(container: Uint8Array): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  await decodeContainer(memorySource('container', container), (part) => void parts.push(new Uint8Array(part)), quiet)
  return Buffer.concat(parts)
}

function npzOf(tensors: readonly NamedTensor[]): Uint8Array {
  const parts: Uint8Array[] = []
  writeNpzFile(tensors, (part) => void parts.push(new Uint8Array(part)))
  return Buffer.concat(parts)
}

const tensorCase = fc.record({
  dtype: fc.constantFrom(...(Object.keys(dtypes) as DType[])),
  shape: fc.array(fc.integer({ min: 0, max: 24 }), { maxLength: 4 }),
  values: fc.constantFrom('any', 'weights', 'few', 'zeros'),
  seed: fc.nat(),
})
type TensorCase = typeof tensorCase extends fc.Arbitrary<infer T> ? T : never

function tensorOf({ dtype, shape, values, seed }: TensorCase, index: number): NamedTensor {
  const random = seededRandom(seed)
  const data = new dtypes[dtype].array(elementsOf(shape))
  const bytes = bytesOf(data)
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = values === 'any' ? random.below(256) : values === 'few' ? random.below(3) : 0
  const scale = data instanceof Float32Array ? 0.1 : data instanceof Int8Array ? 20 : null
  if (values === 'weights' && scale !== null) for (let i = 0; i < data.length; i++) data[i] = scale * random.normal()
  const name = `tensor${index}`
  return { name, dtype, shape, bytes: bytes.length, read: (at, count) => bytes.subarray(at, at + count) }
}

test('npz files of any element types and shapes come back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(tensorCase, { maxLength: 12 }), async (cases) => {
      const npz = npzOf(cases.map(tensorOf))
      expect(equalBytes(await decoded(await encoded(npz)), npz)).toBe(true)
    }),
    { seed: 1, numRuns: 150 },
  )
})

test('a damaged container is refused, or gives exactly the file that was encoded', async () => {
  const cases = fc.sample(tensorCase, { seed: 2, numRuns: 30 })
  const npz = npzOf(cases.map(tensorOf))
  const container = await encoded(npz)
  const hash = sha256(npz)
  const counts = { same: 0, refused: 0 }
  const change = fc.tuple(fc.nat({ max: container.length - 1 }), fc.integer({ min: 1, max: 255 }))
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 3 }),
      fc.nat({ max: 2 * container.length }),
      fc.boolean(),
      async (changes, cut, sealed) => {
        const bytes = Uint8Array.from(container)
        for (const [at, value] of changes) bytes[at]! ^= value
        // with the checksums made right again, so that what is behind them is reached
        if (sealed) reseal(bytes)
        const found = await outcome(bytes.subarray(0, Math.max(cut, 1) > container.length ? container.length : cut))
        counts[found === hash ? 'same' : 'refused']++
        expect(found === hash || found === 'refused').toBe(true)
      },
    ),
    { seed: 4, numRuns: 2000 },
  )
  expect(counts.refused).toBeGreaterThan(1000)
})

/** SHA-256 of what came out, or that it was refused; anything but an AppError goes through. */
async function outcome(container: Uint8Array): Promise<string> {
  try {
    return sha256(await decoded(container))
  } catch (error) {
    if (error instanceof AppError && ['pack.container', 'pack.malformed', 'pack.coded'].includes(error.code))
      return 'refused'
    throw error
  }
}

test('every truncation and every single flipped bit of a small container is refused', async () => {
  const npz = npzOf([tensorOf({ dtype: 'f32', shape: [8, 9], values: 'weights', seed: 1 }, 0)])
  const container = await encoded(npz)
  expect(chunkOffsets(container).length).toBe(1)
  for (let length = 0; length < container.length; length++)
    expect(await outcome(container.subarray(0, length))).toBe('refused')
  for (let bit = 0; bit < 8 * container.length; bit++) {
    const bytes = Uint8Array.from(container)
    bytes[bit >> 3]! ^= 1 << (bit & 7)
    // byte 7 of the header is reserved, and covered by the checksum as all others are
    expect(await outcome(bytes)).toBe('refused')
  }
})
