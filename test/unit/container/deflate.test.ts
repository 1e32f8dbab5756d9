// What zlib 1.2.13 gives at levels 1 to 9 (raw, windowBits 15, memLevel 8): the first eight digits of the SHA-256 of each stream,
// from Python's zlib.compressobj(level, zlib.DEFLATED, -15).
import { inflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { equalBytes } from '../../../src-main/base/bytes.ts'
import { sha256 } from '../../../src-main/base/hash.ts'
import { deflateLevels, deflateLikeZlib } from '../../../src-main/formats/container/deflate.ts'
import { reopen } from '../../../src-main/formats/container/reopen.ts'
import { samples } from './deflate-samples.ts'

const expected: Readonly<Record<string, string>> = {
  empty: '9b4fb24e 9b4fb24e 9b4fb24e 9b4fb24e 9b4fb24e 9b4fb24e 9b4fb24e 9b4fb24e 9b4fb24e',
  one: '59fced9a 59fced9a 59fced9a 59fced9a 59fced9a 59fced9a 59fced9a 59fced9a 59fced9a',
  zeros: 'fe355929 fe355929 fe355929 4dfd593e 4dfd593e 4dfd593e 4dfd593e 4dfd593e 4dfd593e',
  noise: '99da2abf d1456166 d1456166 e1a4c3ed e1a4c3ed e1a4c3ed e1a4c3ed e1a4c3ed e1a4c3ed',
  weights: '0408e529 66814697 66814697 561c4656 561c4656 561c4656 561c4656 561c4656 561c4656',
  sparse: '7e941449 85ef001b 7d95b32b 2367c801 c93ab33f dee659d6 cdb85499 114ee1aa 94296272',
  skewed: 'b4fb4a34 78b17b80 5579013f b11570c1 b482474c 5537be02 4dd1da9c a8ae531f a8ae531f',
  words: 'fb312f08 2e21b226 6807367b fd672449 d0886ca4 0e186ef6 0d4921c3 3e0e2558 7e9621f9',
  edge: '29a54cce 29a54cce 29a54cce 57326287 57326287 57326287 57326287 57326287 57326287',
}
const inputs = samples()
const levels = [...deflateLevels].sort()

test.each(Object.keys(expected))('%s, as zlib deflates it', (name) => {
  const streams = levels.map((level) => deflateLikeZlib(inputs[name]!, level))
  expect(streams.map((stream) => sha256(stream).slice(0, 8)).join(' ')).toBe(expected[name])
  for (const stream of streams) expect(equalBytes(inflateRawSync(stream), inputs[name]!)).toBe(true)
})

test('a member is opened when a level gives its bytes, and only then', () => {
  const { sparse, weights } = inputs as { sparse: Uint8Array; weights: Uint8Array }
  for (const level of [6, 9, 1]) {
    const deflated = deflateLikeZlib(sparse, level)
    const opened = reopen(deflated, sparse.length)
    expect({ level: opened?.level, same: opened && equalBytes(opened.inflated, sparse) }).toEqual({ level, same: true })
    expect(reopen(deflated, sparse.length - 1)).toBeNull()
    expect(reopen(deflated.subarray(1), sparse.length)).toBeNull()
  }
  const other = deflateLikeZlib(weights, 6)
  // bytes behind the end of the stream belong to the member, and no level gives them
  expect(reopen(Uint8Array.from([...other, 0]), weights.length)).toBeNull()
})
