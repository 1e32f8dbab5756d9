import { expect, test } from 'vitest'
import { chooseSampleCount, latencyOf } from '../../../src-main/device/measure.ts'

test('latency in microseconds from counts', () => {
  expect(latencyOf([300, 100, 200, 400], 1e6)).toEqual({
    ...{ min: 100, median: 250, mean: 250, max: 400, n: 4, cyclesMedian: 250 },
    std: Math.sqrt(50_000 / 3),
  })
  expect(latencyOf([125], 125e6)).toEqual({ min: 1, median: 1, mean: 1, max: 1, std: 0, n: 1, cyclesMedian: 125 })
})

test.each([
  [{ perRunMs: 10, budgetMs: 1000, total: 5000 }, 100],
  [{ perRunMs: 10, budgetMs: 1000, total: 50 }, 50],
  [{ perRunMs: 5000, budgetMs: 1000, total: 50 }, 1],
  [{ perRunMs: 0, budgetMs: 1000, total: 50 }, 50],
])('samples that fit %o', (budget, expected) => {
  expect(chooseSampleCount(budget)).toBe(expected)
})
