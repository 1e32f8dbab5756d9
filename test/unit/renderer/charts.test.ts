import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryBoxes } from '../../../src-renderer/charts/memory-map.ts'
import { paretoFront } from '../../../src-renderer/charts/pareto.ts'
import { linePoints, viewSample } from '../../../src-renderer/charts/sample-picture.ts'
import { linearScale } from '../../../src-renderer/charts/scale.ts'

describe('scale', () => {
  test.each([
    [[0.95, 0.96], {}, [0.95, 0.952, 0.954, 0.956, 0.958, 0.96]],
    [[0, 3071], { zero: true }, [0, 1000, 2000, 3000, 4000]],
    [[], {}, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [[7, 7], { zero: true }, [0, 2, 4, 6, 8]],
  ])('ticks of %j with %j', (values, options, ticks) => {
    expect(linearScale(values, 0, 100, options).ticks).toEqual(ticks)
  })

  test('every value lies between the ends', () => {
    const value = fc.double({ noNaN: true, min: -1e9, max: 1e9 })
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
        const scale = linearScale(values, 0, 100)
        const outside = values.map(scale.at).filter((pixel) => !(pixel >= -1e-6 && pixel <= 100 + 1e-6))
        expect(outside).toEqual([])
      }),
    )
  })
})

test('the Pareto front leaves out what another run beats', () => {
  const point = (id: string, cost: number, gain: number) => ({ id, label: id, cost, gain })
  const points = [point('small', 1, 0.8), point('beaten', 3, 0.7), point('best', 4, 0.9), point('same', 4, 0.85)]
  expect(paretoFront(points).map(({ id }) => id)).toEqual(['small', 'best'])
})

test('a tensor that lives on is one box, and one that comes back is another', () => {
  const a = { name: 'a', offset: 0, bytes: 64 }
  const b = { name: 'b', offset: 64, bytes: 32 }
  const steps = [
    { operator: '1', tensors: [a, b] },
    { operator: '2', tensors: [a, a] },
    { operator: '3', tensors: [b] },
  ]
  expect(memoryBoxes(steps)).toEqual({
    peakBytes: 96,
    boxes: [
      { ...a, first: 0, last: 1, order: 0 },
      { ...b, first: 0, last: 0, order: 1 },
      { ...b, first: 2, last: 2, order: 1 },
    ],
  })
})

describe('a sample is drawn by its shape', () => {
  const kindOf = (shape: number[]) => {
    const view = viewSample(
      shape,
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
    )
    return view.kind === 'image' ? `${view.width}x${view.height}` : `${view.channels.length} lines`
  }
  test.each([
    [[28, 28], '28x28'],
    [[1, 28, 20], '20x28'],
    [[3, 32, 30], '30x32'],
    [[32, 30, 3], '30x32'],
    // Frames over frequencies: time runs to the right.
    [[49, 10, 1], '49x10'],
    [[3, 128], '3 lines'],
    [[128, 3], '3 lines'],
    [[640], '1 lines'],
  ])('%j as %s', (shape, expected) => {
    expect(kindOf(shape)).toBe(expected)
  })

  test('channels first and channels last give the same picture', () => {
    const first = viewSample([3, 2, 2], [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110])
    const last = viewSample([2, 2, 3], [0, 40, 80, 10, 50, 90, 20, 60, 100, 30, 70, 110])
    expect(first).toEqual(last)
  })

  test('lines reach from the lowest to the highest value', () => {
    expect(linePoints([[0, 5, 10]], 100, 50)).toEqual(['0.0,50.0 50.0,25.0 100.0,0.0'])
  })
})
