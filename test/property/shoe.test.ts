// Whatever the bytes: the reader says AppError, the runtime says no, and what the runtime accepts runs without leaving its
// buffers. A trap in WebAssembly (or any other error) fails the test.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AppError } from '../../src-main/base/errors.ts'
import { seededRandom } from '../../src-main/base/random.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { readShoe, writeShoe } from '../../src-main/formats/shoe/index.ts'
import { kindNames, origin, randomCase } from '../runtime/cases.ts'
import { codedPlans, storageModes, weightedCase, weightedKinds } from '../runtime/coded.ts'
import { damaged, reseal } from '../runtime/damage.ts'

const plainPacks = kindNames.map((kind, i) => writeShoe(randomCase(kind, seededRandom(i + 500)).plan, origin))
const codedPacks = weightedKinds.flatMap((kind, i) => {
  const random = seededRandom(i + 900)
  const plan = weightedCase(kind, random)?.plan
  return plan ? codedPlans(plan, random, { modes: storageModes }).map((one) => writeShoe(one.plan, origin)) : []
})
const packs = [...plainPacks, ...codedPacks]

const interesting = [0, 1, 2, 3, 7, 127, 128, 255, 256, 0x7fff, 0xffff, 0x10000, 0x3fffffff, 0x40000000, 0x7fffffff]
const edges = fc.constantFrom(...interesting, ...interesting.map((v) => (0xffffffff - v) >>> 0))

const damage = fc.record({
  place: fc.noBias(fc.integer({ min: 0, max: 9999 })).map((n) => n / 9999),
  width: fc.constantFrom<1 | 2 | 4>(1, 2, 4),
  value: fc.oneof(edges, fc.integer({ min: -3, max: 3 }), fc.integer()),
  relative: fc.boolean(),
})

/** Whether it was accepted; anything but AppError goes through. */
function accepted(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'pack.malformed') return false
    throw error
  }
}

/** Enough for every honest case; a pack may claim more, and running it would take long without proving anything. */
const arenaLimit = 1 << 20

async function survives(pack: Uint8Array): Promise<'refused' | 'ran'> {
  accepted(() => readShoe(pack))
  try {
    using twin = await openTwin(pack)
    if (twin.arenaBytes <= arenaLimit) twin.run(twin.inputs.map((port) => new Int8Array(port.bytes).fill(77)))
    return 'ran'
  } catch (error) {
    if (error instanceof AppError && error.code === 'pack.malformed') return 'refused'
    throw error
  }
}

test('damage past the checksums never traps', async () => {
  const outcomes = { refused: 0, ran: 0 }
  const anyPack = fc.constantFrom(...packs)
  await fc.assert(
    fc.asyncProperty(anyPack, fc.array(damage, { minLength: 1, maxLength: 3 }), async (pack, damages) => {
      outcomes[await survives(reseal(damaged(pack, damages)))]++
    }),
    { seed: 1, numRuns: 10000 },
  )
  // Both happen often, or the test would prove little.
  expect(Math.min(outcomes.refused, outcomes.ran)).toBeGreaterThan(1000)
})

test('bit flips are caught by the checksums', async () => {
  for (const pack of packs.slice(0, 4))
    for (let bit = 0; bit < pack.byteLength * 8; bit += 37) {
      const copy = pack.slice()
      copy[bit >> 3]! ^= 1 << (bit & 7)
      const same = await survives(copy)
      // The bytes between sections are padding, which no checksum covers.
      if (same === 'ran') expect(readShoe(copy).plan).toEqual(readShoe(pack).plan)
    }
})

test('truncation at every length is refused', async () => {
  const pack = packs[0]!
  for (let length = 0; length < pack.byteLength; length += length < 200 ? 1 : 13) {
    expect(accepted(() => readShoe(pack.subarray(0, length)))).toBe(false)
    expect(await survives(pack.slice(0, length))).toBe('refused')
  }
})

test('noise is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
      expect(await survives(bytes)).toBe('refused')
    }),
    { seed: 2, numRuns: 500 },
  )
})
