import { describe, expect, test } from 'vitest'
import { align, compareValues, type TracedValue } from '../../../src-main/search/divergence.ts'
import { divergence, ErrorSum } from '../../../src-main/search/measures.ts'

const value = (
  name: string,
  op: string,
  data: number[],
  layout: TracedValue['layout'] = 'channels-first',
): TracedValue => ({
  ...{ name, op, layout, shape: [data.length], data: Float32Array.from(data) },
})

describe('alignment', () => {
  test('by name first; what is left by operator, size and order', () => {
    const first = [
      value('a', 'Conv', [1, 2]),
      value('b', 'Relu', [1, 2]),
      value('c', 'Conv', [1, 2]),
      value('y', 'Gemm', [1]),
    ]
    const second = [
      value('p', 'Conv', [1, 2]),
      value('q', 'Conv', [1, 2]),
      value('y', 'Gemm', [1]),
      value('z', 'Gemm', [1, 2, 3]),
    ]
    const { pairs, unmatched } = align(first, second)
    expect(pairs.map((pair) => [pair.first.name, pair.second.name, pair.alignedBy])).toEqual([
      ['a', 'p', 'position'],
      ['c', 'q', 'position'],
      ['y', 'y', 'name'],
    ])
    expect(unmatched).toEqual({ first: ['b'], second: ['z'] })
  })

  test('the same name with another size is another value', () => {
    const { pairs } = align([value('a', 'Conv', [1])], [value('a', 'Conv', [1, 2])])
    expect(pairs).toEqual([])
  })
})

describe('comparison', () => {
  test('the first value below the threshold, not the worst', () => {
    const exact = [1, -2, 3, 4]
    const off = (by: number) => exact.map((x) => x * (1 + by))
    const pairs = [0, 0.01, 0.2, 0.5].map((by, i) => ({
      ...{ first: value(`v${i}`, 'Conv', exact), second: value(`v${i}`, 'Conv', off(by)), alignedBy: 'name' as const },
    }))
    const { rows, firstBelow } = compareValues(pairs, 20)
    expect(rows.map(({ figures }) => figures.sqnrDb && Math.round(figures.sqnrDb))).toEqual([null, 40, 14, 6])
    expect(firstBelow).toBe(2)
    expect(compareValues(pairs.slice(0, 2), 20).firstBelow).toBe(null)
  })

  test('channels last and channels first are the same value', () => {
    // Two samples of 2 channels, 1 x 3.
    const first = { ...value('a', 'Conv', [1, 2, 3, 10, 20, 30, 4, 5, 6, 40, 50, 60]), shape: [2, 1, 3] }
    const last = value('a', 'Conv', [1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60], 'channels-last')
    const second = { ...last, shape: [1, 3, 2] }
    const { rows } = compareValues([{ first, second, alignedBy: 'name' }], 20)
    expect(rows[0]!.figures).toEqual({ sqnrDb: null, cosine: 1, maxAbs: 0 })
  })
})

describe('measures', () => {
  test('in parts as in one', () => {
    const parts = new ErrorSum().add([1, 2], [1, 3]).add([0], [4]).figures()
    expect(parts).toEqual(new ErrorSum().add([1, 2, 0], [1, 3, 4]).figures())
    expect(parts.sqnrDb).toBeCloseTo(10 * Math.log10(26 / 17))
    expect(parts.maxAbs).toBe(4)
  })

  test('divergence of probabilities and of logits, by hand', () => {
    const found = Float32Array.of(0.5, 0.5)
    const reference = Float32Array.of(0.75, 0.25)
    const expected = 0.75 * Math.log(0.75 / 0.5) + 0.25 * Math.log(0.25 / 0.5)
    expect(divergence(found, reference, 2, false)).toBeCloseTo(expected, 6)
    expect(divergence(found.map(Math.log), reference.map(Math.log), 2, true)).toBeCloseTo(expected, 6)
    expect(divergence(reference, reference, 2, false)).toBe(0)
  })
})
