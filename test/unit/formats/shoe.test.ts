import { describe, expect, test } from 'vitest'
import { Bug } from '../../../src-main/base/errors.ts'
import { seededRandom } from '../../../src-main/base/random.ts'
import { openTwin } from '../../../src-main/device/twin.ts'
import { packSizes, readShoe, writeShoe } from '../../../src-main/formats/shoe/index.ts'
import { sectionTableAt, tensorBytes } from '../../../src-main/formats/shoe/layout.ts'
import { nearestIndices } from '../../../src-main/formats/shoe/resize-table.ts'
import type { Plan } from '../../../src-main/targets/plan.ts'
import { kindNames, origin, randomCase } from '../../runtime/cases.ts'
import { codedPlans, weightedCase } from '../../runtime/coded.ts'
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
  const { weightsBytes, biasBytes, codecTablesBytes, planBytes, tablesBytes, requantBytes, metaBytes } = sizes
  const parts = [weightsBytes, biasBytes, codecTablesBytes, planBytes, tablesBytes, requantBytes, metaBytes]
  expect(parts.reduce((sum, part) => sum + part, 0)).toBe(pack.byteLength)
  expect(sizes.totalBytes).toBe(pack.byteLength)
})

test('of coded weights, the payload, the table and the header are told apart', () => {
  const random = seededRandom(70_003)
  const { plan } = weightedCase('fullyConnected', random)!
  const plain = packSizes(writeShoe(plan, origin))
  const forms = codedPlans(plan, random, { modes: ['resident'] })
  expect(forms.length).toBeGreaterThan(3)
  for (const form of forms) {
    const pack = writeShoe(form.plan, origin)
    const sizes = packSizes(pack)
    const { storage } = form.plan.tensors.flatMap(({ place }) =>
      place.kind === 'constant' && place.storage ? [place] : [],
    )[0]!
    const { weightsBytes, biasBytes, codecTablesBytes, tablesBytes, planBytes, requantBytes, metaBytes } = sizes
    expect(pack[4]).toBe(2)
    expect([codecTablesBytes, tablesBytes, biasBytes]).toEqual([storage!.table.length, 0, plain.biasBytes])
    expect(planBytes - plain.planBytes - (codecTablesBytes > 0 ? 16 : 12)).toBeLessThan(8)
    expect(weightsBytes - storage!.payload.length).toBeLessThan(4)
    expect(weightsBytes + biasBytes + codecTablesBytes + tablesBytes + planBytes + requantBytes + metaBytes).toBe(
      pack.length,
    )
  }
})

describe('coded weights that cannot be', () => {
  const random = seededRandom(70_003)
  const { plan } = weightedCase('fullyConnected', random)!
  const form = codedPlans(plan, random, { modes: ['streamed'] }).find(({ codec }) => codec === 'int8')!
  const spoiltBlock = (change: (view: DataView, at: number) => void) => {
    const pack = writeShoe(form.plan, origin)
    const view = new DataView(pack.buffer)
    const weightsAt = view.getUint32(sectionTableAt + 4 * 12, true)
    const tensorsAt = view.getUint32(sectionTableAt + 2 * 12, true)
    const coded = form.plan.tensors.findIndex(({ place }) => place.kind === 'constant' && place.storage)
    change(view, weightsAt + view.getUint32(tensorsAt + coded * tensorBytes + 4, true))
    return reseal(pack)
  }
  test.each([
    ['an unknown codec', (view: DataView, at: number) => view.setUint8(at, 77), 'unknown codec'],
    ['more row dimensions than there are', (view: DataView, at: number) => view.setUint8(at + 1, 9), 'impossible rows'],
    ['a payload past the end', (view: DataView, at: number) => view.setUint32(at + 4, 1e6, true), 'WEIGHTS ends'],
    ['a payload too short', (view: DataView, at: number) => view.setUint32(at + 4, 1, true), 'cannot be decoded'],
    ['a table past the end', (view: DataView, at: number) => view.setUint16(at + 2, 999, true), 'ends too early'],
  ])('%s', async (_, change, problem) => {
    const pack = spoiltBlock(change)
    expect(() => readShoe(pack)).toThrow(problem)
    await expect(openTwin(pack)).rejects.toMatchObject({ code: 'pack.malformed', data: { status: -12 } })
  })
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
