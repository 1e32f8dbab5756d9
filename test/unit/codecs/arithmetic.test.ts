import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Random, seededRandom } from '../../../src-main/base/random.ts'
import { arithmetic } from '../../../src-main/codecs/arithmetic.ts'
import type { Coded, IntTensor } from '../../../src-main/codecs/codec.ts'
import { decodeInPieces, encodeNative } from '../../../src-main/codecs/native.ts'
import { countValues, entropyBits } from '../../../src-main/codecs/sharing.ts'
import { readNpz } from '../../../src-main/data/npz.ts'
import { sharedData } from '../../support/shared.ts'

const tensorOf = (rows: number, values: ArrayLike<number>): IntTensor => {
  const rowElements = values.length / rows
  return { data: Int8Array.from(values), rows, rowElements, inner: rowElements }
}

const bytesOf = (coded: Coded) => coded.payload.length + coded.table.length

/** Of the exponential distribution on both sides; clipped to int8. */
function laplace(random: Random, scale: number): number {
  const magnitude = Math.round(-Math.log(1 - random.next()) * scale)
  return Math.min(127, magnitude) * (random.next() < 0.5 ? -1 : 1)
}

/** What a value of laplace() tells to one who knows the scale, bits. */
function laplaceBits(value: number, scale: number): number {
  const tail = (from: number) => Math.exp(-Math.max(0, from - 0.5) / scale)
  const magnitude = Math.abs(value)
  const above = magnitude === 127 ? 0 : tail(magnitude + 1)
  return -Math.log2(tail(magnitude) - above) + (magnitude === 0 ? 0 : 1)
}

/** Rows and columns of different spread, as channels and inputs of a layer have. */
function layer(random: Random, rows: number, rowElements: number): IntTensor & { readonly bits: number } {
  const rowScales = Array.from({ length: rows }, () => 2 ** (1 + 4 * random.next()))
  const columnScales = Array.from({ length: rowElements }, () => 0.2 + random.next())
  const scales = rowScales.flatMap((row) => columnScales.map((column) => row * column))
  const values = scales.map((scale) => laplace(random, scale))
  const bits = values.reduce((sum, value, i) => sum + laplaceBits(value, scales[i]!), 0)
  return { ...tensorOf(rows, values), bits }
}

describe('format', () => {
  const values = [3, -1, 0, 127, -4, 9, 0, 0, 2, -127, 1, 5, -6, 0, 127, 1]
  test.each([
    ['dense', Uint8Array.of(127, 0x3e, 0x59, 1, 1, 0), 'f4875c2b9a47ef4af67c0444'],
    ['dense, mixed', Uint8Array.of(127, 0x6e, 0x59, 1, 1, 0), 'a8d0c2786b86864373e3cc2e'],
    ['sparse, mixed', Uint8Array.of(127, 0x5d, 0x59, 1, 2, 0), '644fd5d55efdda8852eb487128'],
    ['without columns, zeros last', Uint8Array.of(128, 0xb2, 0x9a, 2, 1, 0), 'fbfa9e6b792b83b58fffc5e411b206151540'],
  ] as const)('%s', (_, parameters, payload) => {
    const coded = encodeNative(arithmetic.id, tensorOf(2, values), parameters)
    expect(coded && Buffer.from(coded.payload).toString('hex')).toBe(payload)
    expect(coded && [...arithmetic.decode(coded)]).toEqual(values)
  })

  test('zeros alone are one byte', () => {
    const coded = arithmetic.encode(tensorOf(10, new Int8Array(1000)))
    expect([coded.table, coded.payload]).toEqual([Uint8Array.of(0), new Uint8Array(0)])
    expect(arithmetic.decode(coded)).toEqual(new Int8Array(1000))
  })
})

describe('values', () => {
  const random = seededRandom(1)
  const cases: [string, IntTensor][] = [
    ['none', { data: new Int8Array(0), rows: 0, rowElements: 5, inner: 5 }],
    ['one', tensorOf(1, [-128])],
    [
      'all of int8',
      tensorOf(
        4,
        Array.from({ length: 256 }, (_, i) => i - 128),
      ),
    ],
    [
      'the extremes in turn',
      tensorOf(
        8,
        Array.from({ length: 4096 }, (_, i) => (i % 2 ? 127 : -128)),
      ),
    ],
    ['a step after a long run', tensorOf(1, [...Array<number>(20_000).fill(0), ...Array<number>(50).fill(-128)])],
    [
      'rows too long for columns',
      tensorOf(
        2,
        Array.from({ length: 40_000 }, () => laplace(random, 3)),
      ),
    ],
    [
      'rows of one',
      tensorOf(
        300,
        Array.from({ length: 300 }, () => laplace(random, 40)),
      ),
    ],
  ]
  test.each(cases)('%s', (_, tensor) => {
    expect(arithmetic.decode(arithmetic.encode(tensor))).toEqual(tensor.data)
  })
})

test('a tensor in pieces is the tensor', () => {
  const tensor = layer(seededRandom(2), 24, 60)
  const coded = arithmetic.encode(tensor)
  for (const piece of [1, 7, 60, 601]) {
    const counts = Array.from({ length: Math.ceil(1440 / piece) }, (_, i) => Math.min(piece, 1440 - i * piece))
    expect(decodeInPieces(arithmetic.id, coded, counts)).toEqual(tensor.data)
  }
})

test('scales of rows and columns are found: few bytes more than to one who knows them', () => {
  const tensor = layer(seededRandom(3), 100, 200)
  const bytes = bytesOf(arithmetic.encode(tensor))
  expect(bytes).toBeGreaterThan(tensor.bits / 8)
  expect(bytes).toBeLessThan((1.035 * tensor.bits) / 8)
  expect(bytes).toBeLessThan((0.95 * entropyBits(countValues(tensor.data))) / 8)
})

test('the table of another tensor will do, if the magnitudes fit', () => {
  const [one, other] = [layer(seededRandom(4), 40, 50), layer(seededRandom(5), 40, 50)]
  const { table } = arithmetic.encode(one)
  const coded = encodeNative(arithmetic.id, other, table)
  expect(coded && arithmetic.decode(coded)).toEqual(other.data)
  expect(encodeNative(arithmetic.id, other, Uint8Array.of(3, ...table.subarray(1)))).toBeNull()
})

test('the decoder needs at most 3600 bytes and two a column', () => {
  for (const rowElements of [9, 144, 784, 4608]) {
    const tensor = layer(seededRandom(6), 6, rowElements)
    expect(arithmetic.stateBytes(arithmetic.encode(tensor))).toBeLessThanOrEqual(3600 + 2 * rowElements)
  }
})

describe('damage', () => {
  const tensor = layer(seededRandom(7), 20, 50)
  const coded = arithmetic.encode(tensor)

  test.each([
    ['no table', []],
    ['a longer table', [...coded.table, 0]],
    ['no magnitude', [0, ...coded.table.subarray(1)]],
    ['a magnitude beyond int8', [129, ...coded.table.subarray(1)]],
    ['sparse, yet zeros last', [coded.table[0]!, 0x81, ...coded.table.subarray(2)]],
    ['a reserved bit', [...coded.table.subarray(0, 3), 4, ...coded.table.subarray(4)]],
    ['no distance', [...coded.table.subarray(0, 4), 0, 0]],
  ])('%s', (_, table) => {
    expect(() => arithmetic.decode({ ...coded, table: Uint8Array.from(table) })).toThrow('arithmetic')
  })

  test('a payload cut off is noticed', () => {
    for (const left of [0, 1, 100, coded.payload.length - 20]) {
      const payload = coded.payload.subarray(0, left)
      expect(() => arithmetic.decode({ ...coded, payload })).toThrow('arithmetic')
    }
  })
})

const folder = sharedData('codec')
const missing = !existsSync(folder)
if (missing) console.info('skipped: ../shared/data/codec is not there')

describe.skipIf(missing)('sets of real weights', () => {
  interface Rivals {
    readonly dc_tuned: { readonly bytes: number }
    readonly on_bytes: Readonly<Record<string, number>>
  }
  const rivals = missing ? {} : (JSON.parse(readFileSync(`${folder}/results.json`, 'utf8')) as Record<string, Rivals>)

  test.each(['kws-int8', 'resnet8-int4', 'lenet-300-100-p2.6-L17'])('%s: fewer bytes than the others', async (set) => {
    const arrays = await readNpz(`${folder}/${set}.npz`)
    const coded = [...arrays.values()].map(({ shape, data }) => {
      const rows = shape[0] ?? 1
      return arithmetic.encode({ ...tensorOf(rows, Array.from(data, Number)), inner: shape.at(-1) ?? 1 })
    })
    const { dc_tuned, on_bytes } = rivals[set]!
    const bytes = coded.reduce((sum, one) => sum + bytesOf(one), 0)
    expect(bytes).toBeLessThan(Math.min(dc_tuned.bytes, ...Object.values(on_bytes)))
  })
})
