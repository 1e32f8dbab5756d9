import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src-main/base/random.ts'
import type { CodecName } from '../../../src-main/codecs/codec.ts'
import {
  type EncodingOption,
  keepsLimits,
  type PackingLimits,
  type TensorOptions,
  totalsOf,
  unlimited,
} from '../../../src-main/targets/packer/option.ts'
import { solve, undominated } from '../../../src-main/targets/packer/solve.ts'

const option = (codec: CodecName, figures: Partial<EncodingOption>): EncodingOption => ({
  codec,
  mode: 'streamed',
  flashBytes: 100,
  tableBytes: 0,
  scratchBytes: 0,
  residentBytes: 0,
  extraCycles: 0,
  ...figures,
})

const int8 = option('int8', { mode: 'direct' })
const rans = option('rans', { flashBytes: 70, extraCycles: 50 })
const huffman = option('huffman', { flashBytes: 75, extraCycles: 30 })
const resident = option('rans', { mode: 'resident', flashBytes: 70, residentBytes: 100 })
const two: readonly TensorOptions[] = [
  { name: 'a', options: [int8, rans, huffman] },
  { name: 'b', options: [int8, rans, huffman, resident] },
]

const codecs = (limits: Partial<PackingLimits>, objective: 'time' | 'flash') =>
  solve(two, { ...unlimited, ...limits }, objective).map(({ codec, mode }) => `${codec} ${mode}`)

describe('two tensors', () => {
  const cases = [
    { name: 'no limit, time', limits: { residentBytes: 0 }, objective: 'time', is: ['int8 direct', 'int8 direct'] },
    {
      name: 'no limit, flash',
      limits: { residentBytes: 0 },
      objective: 'flash',
      is: ['rans streamed', 'rans streamed'],
    },
    { name: 'RAM to spare', limits: { residentBytes: 100 }, objective: 'time', is: ['int8 direct', 'rans resident'] },
    {
      name: 'flash short by 20',
      limits: { residentBytes: 0, flashBytes: 180 },
      objective: 'time',
      is: ['huffman streamed', 'int8 direct'],
    },
    {
      name: 'flash short by 55',
      limits: { residentBytes: 0, flashBytes: 145 },
      objective: 'time',
      is: ['rans streamed', 'huffman streamed'],
    },
    {
      name: 'time for one',
      limits: { residentBytes: 0, extraCycles: 60 },
      objective: 'flash',
      is: ['huffman streamed', 'huffman streamed'],
    },
    {
      name: 'impossible: the fewest bytes over',
      limits: { residentBytes: 0, flashBytes: 10 },
      objective: 'time',
      is: ['rans streamed', 'rans streamed'],
    },
  ] as const
  test.each(cases)('$name', ({ limits, objective, is }) => {
    const found = codecs(limits, objective)
    expect([...found].sort()).toEqual([...is].sort())
  })
})

test('what another option beats in everything is not offered', () => {
  const worse = option('bitmap', { flashBytes: 101, extraCycles: 10 })
  expect(undominated([int8, worse, { ...int8, codec: 'int4' }, rans]).map((o) => o.codec)).toEqual(['int8', 'rans'])
})

/** Instances of the shape that networks give; `tensors` decides whether the search is exact. */
function instance(seed: number, tensors: number) {
  const random = seededRandom(seed)
  const list = Array.from({ length: tensors }, (_, i): TensorOptions => {
    const bytes = 50 + Math.floor(random.next() * 5000)
    const coded = Array.from({ length: 5 }, (_, c) =>
      option('rans', {
        flashBytes: Math.ceil(bytes * (0.4 + 0.6 * random.next())),
        extraCycles: Math.ceil(bytes * 40 * random.next()),
        residentBytes: c === 4 ? bytes : 0,
      }),
    )
    return { name: `t${i}`, options: [option('int8', { mode: 'direct', flashBytes: bytes }), ...coded] }
  })
  const total = totalsOf(list.map(({ options }) => options[0])).flashBytes
  return { list, limits: { flashBytes: Math.ceil(total * 0.75), residentBytes: 3000, extraCycles: null } }
}

describe('larger cases', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('seed %i: six tensors exactly, and greedily within 5 %% of that', (seed) => {
    const { list, limits } = instance(seed, 6)
    const exact = solve(list, limits, 'time')
    // Equal copies of one option make the number of combinations exceed what is searched one by one.
    const padded = list.map(({ name, options }) => ({ name, options: [...options] as typeof options }))
    const greedy = solve([...padded, ...fillers(8)], limits, 'time').slice(0, list.length)
    expect(keepsLimits(totalsOf(exact), limits)).toBe(true)
    expect(keepsLimits(totalsOf(greedy), limits)).toBe(true)
    expect(totalsOf(greedy).extraCycles).toBeLessThanOrEqual(totalsOf(exact).extraCycles * 1.05)
  })

  test('forty tensors keep the limits', () => {
    const { list, limits } = instance(99, 40)
    const choice = solve(list, limits, 'time')
    expect(keepsLimits(totalsOf(choice), limits)).toBe(true)
    expect(totalsOf(choice).extraCycles).toBeGreaterThan(0)
  })
})

/** Tensors of no bytes with options that cost something: they change nothing but the size of the search. */
function fillers(count: number): TensorOptions[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `f${i}`,
    options: [
      option('int8', { mode: 'direct', flashBytes: 0 }),
      ...[1, 2, 3, 4].map((c) => option('rans', { flashBytes: 0, scratchBytes: -c, extraCycles: c })),
    ],
  }))
}
