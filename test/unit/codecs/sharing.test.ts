import { expect, test } from 'vitest'
import { seededRandom } from '../../../src-main/base/random.ts'
import { decode, type IntTensor } from '../../../src-main/codecs/registry.ts'
import { entropyBits, shareTables } from '../../../src-main/codecs/sharing.ts'

function bell(count: number, deviation: number, seed: number): IntTensor {
  const random = seededRandom(seed)
  const data = Int8Array.from({ length: count }, () =>
    Math.max(-128, Math.min(127, Math.round(random.normal() * deviation))),
  )
  return { data, rows: 1, rowElements: count, inner: count }
}

for (const codec of ['huffman', 'rans'] as const) {
  test(`${codec}: small tensors of one kind share a table, another kind has its own`, () => {
    const tensors = [bell(900, 20, 1), bell(900, 20, 2), bell(30_000, 2, 3), bell(900, 20, 4)]
    const coded = shareTables(codec, tensors)
    expect(coded.map((one) => decode(one))).toEqual(tensors.map((tensor) => tensor.data))
    const [a, b, other, d] = coded.map((one) => one.table)
    expect([a === b, a === d, a === other]).toEqual([true, true, false])
  })
}

test('a table is shared even with a tensor that lacks some of its values', () => {
  const few = { data: Int8Array.of(3, 3, 5), rows: 1, rowElements: 3, inner: 3 }
  const [, coded] = shareTables('rans', [bell(500, 6, 7), few])
  expect(decode(coded!)).toEqual(few.data)
})

test('entropy of counts', () => {
  expect(entropyBits(new Uint32Array(256))).toBe(0)
  expect(entropyBits(Uint32Array.from({ length: 256 }, () => 2))).toBe(512 * 8)
})
