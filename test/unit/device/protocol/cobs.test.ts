import { expect, test } from 'vitest'
import { cobsDecode, cobsEncode, cobsLength } from '../../../../src-main/device/protocol/cobs.ts'

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => (from + i) & 0xff)

// The first rows are those of Cheshire and Baker and of the Wikipedia article, which every implementation agrees on.
const vectors: readonly [string, number[], number[]][] = [
  ['nothing', [], [1]],
  ['a zero', [0], [1, 1]],
  ['two zeros', [0, 0], [1, 1, 1]],
  ['zeros around', [0, 0x11, 0], [1, 2, 0x11, 1]],
  ['zero within', [0x11, 0x22, 0, 0x33], [3, 0x11, 0x22, 2, 0x33]],
  ['no zero', [0x11, 0x22, 0x33, 0x44], [5, 0x11, 0x22, 0x33, 0x44]],
  ['254 bytes', range(1, 254), [0xff, ...range(1, 254)]],
  ['a zero and 254 bytes', [0, ...range(1, 254)], [1, 0xff, ...range(1, 254)]],
  ['255 bytes', range(1, 255), [0xff, ...range(1, 254), 2, 0xff]],
  ['254 bytes and a zero', [...range(2, 255), 0], [0xff, ...range(2, 255), 1, 1]],
  ['253 bytes, a zero, one more', [...range(3, 255), 0, 1], [0xfe, ...range(3, 255), 2, 1]],
]

test.each(vectors)('%s', (_, plain, encoded) => {
  expect([...cobsEncode(Uint8Array.from(plain))]).toEqual(encoded)
  expect([...(cobsDecode(Uint8Array.from(encoded)) ?? [])]).toEqual(plain)
  expect(encoded.length).toBeLessThanOrEqual(cobsLength(plain.length))
})

test.each([
  ['empty', []],
  ['a zero inside', [3, 1, 0]],
  ['a block past the end', [5, 1, 2]],
])('no encoding: %s', (_, bytes) => {
  expect(cobsDecode(Uint8Array.from(bytes))).toBeNull()
})
