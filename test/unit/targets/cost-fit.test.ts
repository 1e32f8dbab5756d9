import { expect, test } from 'vitest'
import { fitCost, worstError } from '../../bench/cost-fit.ts'

const points = (of: (entropyBits: number, density: number) => number) =>
  [0.1, 0.3, 0.5, 1].map((density) => ({ density, entropyBits: 4 * density, instructions: of(4 * density, density) }))

test.each([
  ['relative', points((_, density) => 2 + 80 * density), { base: 2, perNonzero: 80 }],
  ['rans', points((bits) => 49 + 1.8 * bits), { base: 49, perBit: 1.8 }],
  ['int8', points(() => 1.25), { base: 1.25 }],
  // A line through the origin, and one that falls, which no decoder does.
  ['bitmap', points((_, density) => 60 * density ** 1.2), { base: 0, perNonzero: 46.6 }],
  ['huffman', points((bits) => 40 - bits), { base: 37.9 }],
] as const)('%s', (codec, counts, line) => {
  const found = fitCost(codec, counts)
  expect(Object.keys(found)).toEqual(Object.keys(line))
  for (const [key, value] of Object.entries(line)) expect(found).toHaveProperty(key, expect.closeTo(value, -0.5))
})

test('the distance of a line from its counts is relative', () => {
  expect(worstError({ base: 10 }, [{ entropyBits: 0, density: 0, instructions: 8 }])).toBeCloseTo(0.25)
})
