import { describe, expect, test } from 'vitest'
import { Bug } from '../../../src-main/base/errors.ts'
import { seededRandom } from '../../../src-main/base/random.ts'
import { openTwin } from '../../../src-main/device/twin.ts'
import { packSizes, readShoe, writeShoe } from '../../../src-main/formats/shoe/index.ts'
import { nearestIndices } from '../../../src-main/formats/shoe/resize-table.ts'
import type { Plan } from '../../../src-main/targets/plan.ts'
import { kindNames, origin, randomCase } from '../../runtime/cases.ts'
import { reseal } from '../../runtime/damage.ts'

const packOf = (seed = 1) => writeShoe(randomCase('conv2d', seededRandom(seed)).plan, origin)

describe('round trip', () => {
  test.each(kindNames)('%s', (kind) => {
    for (let seed = 0; seed < 20; seed++) {
      const { plan } = randomCase(kind, seededRandom(seed))
      const pack = writeShoe(plan, origin)
      const read = readShoe(pack)
      expect({ plan: read.plan, origin: read.origin }, `seed ${seed}`).toEqual({ plan, origin })
      expect(writeShoe(read.plan, read.origin)).toEqual(pack)
    }
  })

  test('the same plan gives the same bytes', () => {
    expect(packOf()).toEqual(packOf())
  })

  test('without names the pack is smaller and runs the same', async () => {
    const { plan, inputs } = randomCase('conv2d', seededRandom(3))
    const bare = writeShoe(plan, origin, { names: false })
    using twin = await openTwin(bare)
    using named = await openTwin(writeShoe(plan, origin))
    expect(twin.run(inputs)).toEqual(named.run(inputs))
    expect(bare.byteLength).toBeLessThan(writeShoe(plan, origin).byteLength)
    expect(readShoe(bare).plan.ops[0]!.node).toBe('op0')
    expect(readShoe(bare).plan.inputs).toEqual(plan.inputs)
  })

  test('names of any script survive', () => {
    const { plan } = randomCase('copy', seededRandom(3))
    const named: Plan = {
      ...plan,
      tensors: plan.tensors.map((t, i) => ({ ...t, name: `слой ${i} 层 ${'x'.repeat(300)}` })),
    }
    expect(readShoe(writeShoe(named, origin)).plan).toEqual(named)
  })
})

test('the parts of the size add up', () => {
  const pack = packOf()
  const sizes = packSizes(pack)
  const { weightsBytes, planBytes, tablesBytes, requantBytes, metaBytes } = sizes
  expect(weightsBytes + planBytes + tablesBytes + requantBytes + metaBytes).toBe(pack.byteLength)
  expect(sizes.totalBytes).toBe(pack.byteLength)
})

test('equal constants are stored once', () => {
  const { plan } = randomCase('conv2d', seededRandom(3))
  const twice: Plan = { ...plan, tensors: [...plan.tensors, plan.tensors.find((t) => t.place.kind === 'constant')!] }
  expect(packSizes(writeShoe(twice, origin)).weightsBytes).toBe(packSizes(writeShoe(plan, origin)).weightsBytes)
})

test('a plan without places is a bug of the caller', () => {
  const { plan } = randomCase('copy', seededRandom(3))
  const unplaced: Plan = {
    ...plan,
    tensors: plan.tensors.map((t) => ({ ...t, place: { kind: 'arena', offset: -1 } as const })),
  }
  expect(() => writeShoe(unplaced, origin)).toThrow(Bug)
})

describe('refusals say why', () => {
  const spoilt = (change: (view: DataView) => void) => {
    const pack = packOf()
    change(new DataView(pack.buffer))
    return pack
  }
  test.each([
    ['empty', new Uint8Array(0), 'the header ends too early'],
    ['other magic', spoilt((v) => v.setUint32(0, 1)), 'does not begin with SHOE'],
    ['newer version', spoilt((v) => v.setUint16(4, 3, true)), 'format version 3'],
    ['damaged header', spoilt((v) => v.setUint8(20, 99)), 'the header is damaged'],
    ['damaged section', spoilt((v) => v.setUint8(90, v.getUint8(90) ^ 1)), 'section META is damaged'],
    ['short', packOf().subarray(0, 300), 'it should have'],
    ['overlapping sections', reseal(spoilt((v) => v.setUint32(24, 88, true))), 'section PLAN is out of place'],
  ])('%s', async (_, bytes, problem) => {
    expect(() => readShoe(bytes)).toThrow(problem)
    await expect(openTwin(bytes)).rejects.toMatchObject({ code: 'pack.malformed' })
  })
})

test.each([
  [2, 4, false, false, [0, 0, 1, 1]],
  [4, 2, false, false, [0, 2]],
  [3, 5, true, false, [0, 1, 1, 2, 2]],
  [2, 5, false, true, [0, 0, 1, 1, 1]],
  [1, 3, true, false, [0, 0, 0]],
])('nearest neighbours of %i stretched to %i, corners %s, centres %s', (input, output, corners, centres, expected) => {
  expect([...nearestIndices(input, output, corners, centres)]).toEqual(expected)
})
