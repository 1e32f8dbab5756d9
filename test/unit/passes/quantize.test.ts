import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src-main/base/random.ts'
import { f32Tensor, readFloats, readNumbers } from '../../../src-main/ir/tensor.ts'
import { affineGrid, fixedGrid, toGrid } from '../../../src-main/passes/quantize/grid.ts'
import { Extremes, Histogram } from '../../../src-main/passes/quantize/histogram.ts'
import { chooseRange, rangeMethods, squaredError } from '../../../src-main/passes/quantize/ranges.ts'
import { gridGroups } from '../../../src-main/passes/quantize/sharing.ts'
import { floatWeights, separateConstants, weightsOnGrid } from '../../../src-main/passes/quantize/weights.ts'
import { ints, makeGraph, noise, scalar } from './graphs.ts'

describe('affineGrid', () => {
  test.each([
    [{ low: 0, high: 255 }, 1, -128],
    [{ low: -1, high: 1 }, Math.fround(2 / 255), -1],
    [{ low: 2, high: 51 }, Math.fround(51 / 255), -128],
    [{ low: -25.5, high: -1 }, Math.fround(25.5 / 255), 127],
    [{ low: 0, high: 0 }, 1 / 128, -128],
  ])('%j', (range, scale, zeroPoint) => {
    expect(affineGrid(range)).toMatchObject({ scale: [scale], zeroPoint: [zeroPoint] })
  })

  test('real zero is on every grid, scales are float32, and the range is covered to half a step', () => {
    const random = seededRandom(3)
    for (let i = 0; i < 1000; i++) {
      const range = { low: -Math.abs(random.normal()) * 10 ** (i % 7), high: Math.abs(random.normal()) * 10 ** (i % 5) }
      const grid = affineGrid(range)
      const [scale, zeroPoint] = [grid.scale[0]!, grid.zeroPoint[0]!]
      expect(Math.fround(scale)).toBe(scale)
      expect(toGrid(0, grid)).toBe(zeroPoint)
      for (const v of [range.low, range.high])
        expect(Math.abs((toGrid(v, grid) - zeroPoint) * scale - v)).toBeLessThanOrEqual(scale * 0.5001)
    }
  })
})

/** Standard normal with one outlier in 10000 ten times as large. */
function outlierHistogram(oneSided: boolean) {
  const random = seededRandom(5)
  const data = Float32Array.from({ length: 100_000 }, (_, i) => {
    const v = random.normal() * (i % 10_000 === 0 ? 10 : 1)
    return oneSided ? Math.max(0, v) : v
  })
  const extremes = new Extremes()
  extremes.add(data)
  const histogram = new Histogram(extremes)
  histogram.add(data)
  return { data, histogram }
}

describe.each([true, false])('ranges, one-sided %s', (oneSided) => {
  const { data, histogram } = outlierHistogram(oneSided)
  const range = (method: (typeof rangeMethods)[number]) => chooseRange(method, histogram, { percentile: 99.99 })

  test.each(rangeMethods)('%s lies within what was seen and holds zero', (method) => {
    const { low, high } = range(method)
    expect(low).toBeGreaterThanOrEqual(histogram.low)
    expect(high).toBeLessThanOrEqual(histogram.high)
    expect(low).toBeLessThanOrEqual(0)
    expect(high).toBeGreaterThan(0)
  })

  test('percentile leaves out at most its share', () => {
    const { low, high } = range('percentile')
    const outside = data.filter((v) => v < low || v > high).length
    expect(outside).toBeLessThanOrEqual(data.length * 0.0002)
    expect(high).toBeLessThan(histogram.high)
  })

  test('mse has the least error of all methods, and the error of the histogram is that of the data', () => {
    const errors = rangeMethods.map((method) => squaredError(histogram, range(method)))
    expect(squaredError(histogram, range('mse'))).toBe(Math.min(...errors))
    const { scale, zeroPoint } = affineGrid(range('mse'))
    const grid = fixedGrid(scale[0]!, zeroPoint[0]!)
    const exact = data.reduce((sum, v) => sum + (v - (toGrid(v, grid) - zeroPoint[0]!) * scale[0]!) ** 2, 0)
    expect(squaredError(histogram, range('mse')) / exact).toBeCloseTo(1, 0)
  })

  test('kl cuts outliers', () => {
    expect(range('kl').high).toBeLessThan(0.8 * histogram.high)
    expect(range('kl').high).toBeGreaterThan(2)
  })
})

test('kl keeps a uniform distribution whole', () => {
  const histogram = new Histogram({ low: 0, high: 1 })
  histogram.add(Float32Array.from({ length: 200_000 }, (_, i) => (i + 1) / 200_000))
  expect(chooseRange('kl', histogram, { percentile: 99.99 }).high).toBeGreaterThan(0.95)
})

describe('gridGroups', () => {
  const image = { x: ['N', 2, 4, 4] }
  const conv = { w: noise([2, 2, 1, 1]) }
  const pool = { kernel_shape: [2, 2], strides: [2, 2] }
  const small = fixedGrid(0.5, 3)

  test.each([
    [
      'Relu takes its producer in',
      {
        constants: conv,
        nodes: [
          ['Conv', 'x w', 'c'],
          ['Relu', 'c', 'y'],
        ],
      },
      ['x', 'y'],
    ],
    [
      'a value with two readers has a grid, and what clamps it shares it',
      {
        constants: conv,
        nodes: [
          ['Conv', 'x w', 'c'],
          ['Relu', 'c', 'r'],
          ['Add', 'c r', 'y'],
        ],
      },
      ['x', 'c r', 'y'],
    ],
    [
      'pools and reshapes stay on the grid of their input',
      {
        constants: { s: ints(0, -1) },
        nodes: [
          ['MaxPool', 'x', 'p', pool],
          ['AveragePool', 'p', 'q', pool],
          ['Reshape', 'q s', 'y'],
        ],
      },
      ['x p q y'],
    ],
    [
      'Softmax has its own',
      {
        nodes: [
          ['Flatten', 'x', 'f'],
          ['Softmax', 'f', 'y'],
        ],
      },
      ['x f', 'y = 0.00390625, -128'],
    ],
    [
      'Concat joins parts nobody else reads',
      {
        constants: conv,
        nodes: [
          ['Conv', 'x w', 'a'],
          ['Conv', 'x w', 'b'],
          ['Concat', 'a b x', 'y', { axis: 1 }],
        ],
      },
      ['x', 'a b y'],
    ],
    [
      'Concat leaves fixed grids alone',
      {
        nodes: [
          ['Sigmoid', 'x', 'a'],
          ['Tanh', 'x', 'b'],
          ['Concat', 'a b', 'y', { axis: 1 }],
        ],
      },
      ['x', 'a = 0.00390625, -128', 'b = 0.0078125, 0', 'y'],
    ],
    [
      'what came quantised stays',
      {
        quants: { x: small },
        nodes: [
          ['MaxPool', 'x', 'p', pool],
          ['Relu', 'p', 'y'],
        ],
      },
      ['x p y = 0.5, 3'],
    ],
    [
      'the mean may rescale',
      {
        nodes: [
          ['GlobalAveragePool', 'x', 'g'],
          ['Flatten', 'g', 'y'],
        ],
      },
      ['x', 'g y'],
    ],
  ] as const)('%s', (_, rows, expected) => {
    const groups = gridGroups(makeGraph({ inputs: image, outputs: 'y', ...rows }))
    const printed = groups.map(
      ({ members, fixed }) => members.join(' ') + (fixed ? ` = ${fixed.scale[0]}, ${fixed.zeroPoint[0]}` : ''),
    )
    expect(printed).toEqual(expected)
  })
})

describe('weightsOnGrid', () => {
  const graph = (weights: number[], bias: number[]) =>
    makeGraph({
      inputs: { x: ['N', 2] },
      outputs: 'y',
      constants: { w: f32Tensor([2, 2], weights), b: f32Tensor([2], bias) },
      nodes: [['Gemm', 'x w b', 'y', { transB: 1 }]],
    })
  const onGrid = (g: ReturnType<typeof graph>, granularity: 'per-channel' | 'per-tensor', scale: number) =>
    weightsOnGrid(g, floatWeights(g, granularity)[0]!, scale).map(({ tensor, quant }) => [
      readNumbers(tensor),
      quant.scale,
      quant.axis,
    ])

  test('per channel', () => {
    expect(onGrid(graph([127, -63.6, 0.5, 1.27], [10, -0.1]), 'per-channel', 0.5)).toEqual([
      [[127, -64, 50, 127], [1, Math.fround(0.01)], 0],
      [[20, -20], [0.5, Math.fround(0.5 * Math.fround(0.01))], 0],
    ])
  })
  test('per tensor', () => {
    expect(onGrid(graph([127, -63.6, 0.5, 1.27], [10, -0.1]), 'per-tensor', 0.5)).toEqual([
      [[127, -64, 1, 1], [1], null],
      [[20, 0], [0.5], null],
    ])
  })
  test('a channel of zeros, and a bias that would not fit', () => {
    const [, [bias, scales]] = onGrid(graph([0, 0, 1e-9, 1e-9], [3, 2]), 'per-channel', 0.01) as [
      unknown,
      [number[], number[]],
    ]
    bias.forEach((q, c) => {
      expect(Math.abs(q)).toBeLessThanOrEqual(2 ** 30 * 1.001)
      expect((q * scales[c]!) / [3, 2][c]!).toBeCloseTo(1, 6)
    })
  })
})

test('constants with several readers are copied before they get different grids', () => {
  const graph = makeGraph({
    inputs: { x: ['N', 2, 3, 3] },
    outputs: 'y z',
    constants: { w: noise([2, 2, 1, 1]), k: scalar(2) },
    nodes: [
      ['Conv', 'x w', 'a'],
      ['Conv', 'a w', 'b'],
      ['Mul', 'b k', 'y'],
      ['Clip', 'y k', 'z'],
    ],
  })
  const separated = separateConstants(graph)
  expect(separated.nodes.map((node) => node.inputs)).toEqual([
    ['x', 'conv0.1'],
    ['a', 'conv1.1'],
    ['b', 'mul2.1'],
    ['y', 'k'],
  ])
  expect(readFloats(separated.constants.get('conv1.1')!)).toEqual(readFloats(graph.constants.get('w')!))
})
