// Bytes of small tensors under every codec, so that a change of a format is seen: packs that are out there must stay readable,
// by the firmware that is out there.
import { expect, test } from 'vitest'
import { type CodecName, type Coded, codecOf } from '../../../src-main/codecs/registry.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

const dense = Array.from({ length: 48 }, (_, i) => ((i * 7) % 11) - ((i * 5) % 9) + (i % 3))
const ternary = Array.from({ length: 30 }, (_, i) => ((i * i) % 3) - ((i * 7) % 5 === 0 ? 1 : 0))
const sparse = Array.from({ length: 60 }, (_, i) => (i % 9 === 4 ? (i % 4) - 2 : 0))
const signs = Array.from({ length: 21 }, (_, i) => (i % 3 === 0 ? -5 : 9))
const large = Array.from({ length: 5000 }, (_, i) => (((i * i) >> 3) % 41) - (((i * 13) >> 2) % 29))

interface Golden {
  readonly codec: CodecName
  readonly values: readonly number[]
  readonly payload: string
  readonly table: string
}

const goldens: readonly Golden[] = [
  { codec: 'int8', values: signs, payload: 'fb0909fb0909fb0909fb0909fb0909fb0909fb0909', table: '' },
  { codec: 'int4', values: ternary, payload: '1f010110011010f111100011000111', table: '' },
  { codec: 'ternary', values: ternary, payload: '174141d445501005', table: '' },
  { codec: 'binary', values: signs, payload: 'b66d1b', table: 'fb09' },
  { codec: 'bitmap', values: sparse, payload: '10200080000102008e03', table: '02' },
  { codec: 'relative', values: sparse, payload: '24fe028a2b', table: '0402' },
  {
    codec: 'codebook',
    values: dense,
    payload: '05a5a4c41aa415638e428029e1063905a5a316604414f30e422928311881',
    table: 'fbfcfdfeff000102030405060708090a0b',
  },
  {
    codec: 'huffman',
    values: dense,
    payload: '715452d5b8f11246b0a755a5c549bd6323c7a40ad945c6f8',
    table: '7b104a409a2a00',
  },
  { codec: 'huffman', values: ternary, payload: '8de7b2379ec0', table: '7f024400' },
  {
    codec: 'rans',
    values: dense,
    payload: '00bac60000c6a9eee309ce21b8e8bdb854baa9270c2925c7988f60805d',
    table: '7b1000158000',
  },
  { codec: 'rans', values: sparse, payload: '00a1b3000008da801f', table: '7e03009d7f' },
]

const tensorOf = (values: readonly number[]) => ({
  data: Int8Array.from(values),
  rows: 1,
  rowElements: values.length,
  inner: values.length,
})

test.each(goldens)('$codec', ({ codec, values, payload, table }) => {
  const coded: Coded = codecOf(codec).encode(tensorOf(values))
  expect({ payload: hex(coded.payload), table: hex(coded.table) }).toEqual({ payload, table })
})

test('a long tensor has more states, and its length is as it was', () => {
  const { payload } = codecOf('rans').encode(tensorOf(large))
  expect({ states: 1 << payload[0]!, bytes: payload.length }).toEqual({ states: 4, bytes: 3701 })
})

test.each(goldens)('$codec decodes from the bytes alone', ({ codec, values, payload, table }) => {
  const coded: Coded = {
    codec,
    payload: Buffer.from(payload, 'hex'),
    table: Buffer.from(table, 'hex'),
    rows: 1,
    rowElements: values.length,
    inner: values.length,
  }
  expect([...codecOf(codec).decode(coded)]).toEqual(values)
})
