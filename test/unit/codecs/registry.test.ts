import { expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import { seededRandom } from '../../../src-main/base/random.ts'
import { codecNames } from '../../../src-main/codecs/codec.ts'
import { bestCodec, codecOf, codecs, decode, type IntTensor } from '../../../src-main/codecs/registry.ts'

const row = (values: Iterable<number>): IntTensor => {
  const data = Int8Array.from(values)
  return { data, rows: 1, rowElements: data.length, inner: Math.max(1, data.length) }
}

test('ids are those of codec.h', () => {
  for (const codec of codecs) expect(codecNames[codec.id]).toBe(codec.name)
})

test('the best codec, all sizes, and why some cannot', () => {
  const random = seededRandom(3)
  const tensor = row(Array.from({ length: 5000 }, () => (random.next() < 0.02 ? 1 + random.below(3) : 0)))
  const choice = bestCodec(tensor)
  const smallest = Math.min(...choice.sizes.map((size) => size.payloadBytes + size.tableBytes))
  expect(choice.best.payload.length + choice.best.table.length).toBe(smallest)
  expect(decode(choice.best)).toEqual(tensor.data)
  expect(choice.sizes.find((size) => size.codec === 'int8')).toEqual({
    codec: 'int8',
    payloadBytes: 5000,
    tableBytes: 0,
    stateBytes: 12,
  })
  expect(choice.refusals).toEqual([
    { codec: 'ternary', reason: expect.stringMatching(/^It has the value [23]; only -1 to 1 can be stored\.$/) },
    { codec: 'binary', reason: 'It has 4 distinct values; only two can be stored.' },
  ])
})

test('only the codecs named are tried', () => {
  const choice = bestCodec(row([1, 2, 3]), ['int8', 'int4'])
  expect(choice.sizes.map((size) => size.codec)).toEqual(['int8', 'int4'])
  expect(choice.best.codec).toBe('int4')
})

test('damaged bytes are an error that names the codec', () => {
  const coded = codecOf('huffman').encode(row([1, 2, 3, 4, 5, 5, 5, 5]))
  const cut = { ...coded, payload: coded.payload.subarray(0, 1) }
  expect(() => decode(cut)).toThrow(AppError)
  expect(() => decode(cut)).toThrow('The huffman data are damaged: they end too early.')
})

test('a size that no memory holds is refused', () => {
  const coded = codecOf('rans').encode(row([7, 7, 7]))
  expect(() => decode({ ...coded, rows: 65_536, rowElements: 65_535, inner: 1 })).toThrow(
    expect.objectContaining({ code: 'pack.tensorTooLarge' }),
  )
  expect(() => decode({ ...coded, rows: 65_536, rowElements: 65_536, inner: 1 })).toThrow(AppError)
})
