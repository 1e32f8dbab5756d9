// Equalisation keeps what a network computes, bias correction gives means back, half precision loses what it must.
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { textOf } from '../../../src-main/base/note.ts'
import { seededRandom } from '../../../src-main/base/random.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import { memorySamples } from '../../../src-main/engine/samples.ts'
import type { Graph } from '../../../src-main/ir/graph.ts'
import { f32Tensor, halfToFloat, readFloats } from '../../../src-main/ir/tensor.ts'
import { referenceKernels } from '../../../src-main/kernels/reference/kernels.ts'
import { clippedMean } from '../../../src-main/passes/bias-correct/analytic.ts'
import { floatToBrain } from '../../../src-main/passes/convert-floats/bfloat16.ts'
import { runRecipe } from '../../../src-main/passes/pipeline.ts'
import { readRecipe } from '../../../src-main/passes/recipe.ts'
import { batchNormConstants, batchNormInputs, type GraphRows, ints, makeGraph, noise, scalar } from './graphs.ts'

const folding = ['fold-constants', 'canonical-activations', 'canonical-linear', 'fold-batch-norm']
const image = { x: ['N', 3, 6, 6] } as const
const samples = 64
const data = readFloats(noise([samples, 3, 6, 6], 9))

async function run(graph: Graph, steps: readonly unknown[]) {
  const calibration = memorySamples({ x: { data, shape: [samples, 3, 6, 6] } })
  const context = { calibration, engine: { open: openHostModel }, kernels: referenceKernels, clock: systemClock }
  return runRecipe(graph, readRecipe({ passes: [...folding, ...steps] }), context)
}

async function outputOf(graph: Graph): Promise<Float32Array> {
  await using host = await openHostModel(graph)
  return (await host.run({ x: { data, shape: [samples, 3, 6, 6] } })).y!.data
}

/** Channels of very different size, as batch normalisation makes them. */
function uneven(shape: readonly number[], seed: number) {
  const each = shape.slice(1).reduce((a, b) => a * b, 1)
  const values = readFloats(noise(shape, seed, 0.3))
  return f32Tensor(
    shape,
    values.map((v, i) => v * 4 ** ((Math.floor(i / each) % 5) - 2)),
  )
}

const chain: Pick<GraphRows, 'inputs' | 'outputs' | 'constants'> = {
  inputs: image,
  outputs: 'y',
  constants: {
    w: uneven([10, 3, 3, 3], 1),
    b: noise([10], 2),
    d: uneven([10, 1, 3, 3], 3),
    e: noise([10], 4),
    v: noise([6, 10, 1, 1], 5),
    f: noise([4, 24], 6),
    zero: scalar(0),
    six: scalar(6),
    flat: ints(0, -1),
  },
}

describe('equalize', () => {
  const pool = { kernel_shape: [2, 2], strides: [2, 2] }
  const graphs: readonly (readonly [string, GraphRows, string])[] = [
    [
      'Conv, depthwise, Conv, pool and dense layer',
      {
        ...chain,
        nodes: [
          ['Conv', 'x w b', 'c'],
          ['Relu', 'c', 'r'],
          ['Conv', 'r d e', 'g', { group: 10, pads: [1, 1, 1, 1] }],
          ['Relu', 'g', 's'],
          ['Conv', 's v', 'h'],
          ['Relu', 'h', 't'],
          ['MaxPool', 't', 'p', pool],
          ['Reshape', 'p flat', 'q'],
          ['Gemm', 'q f', 'y', { transB: 1 }],
        ],
      },
      '3 pairs of layers equalised',
    ],
    [
      'a ReLU6 and a value with two readers stay',
      {
        ...chain,
        nodes: [
          ['Conv', 'x w b', 'c'],
          ['Clip', 'c zero six', 'r'],
          ['Conv', 'r d', 'g', { group: 10, pads: [1, 1, 1, 1] }],
          ['Add', 'g r', 'a'],
          ['Conv', 'a v', 'y'],
        ],
      },
      '',
    ],
  ]

  test.each(graphs)('%s', async (_name, rows, note) => {
    const graph = makeGraph(rows)
    const { graph: made, steps } = await run(graph, ['equalize'])
    const [before, after] = [await outputOf(graph), await outputOf(made)]
    const largest = before.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
    expect(Math.max(...before.map((v, i) => Math.abs(v - after[i]!))) / largest).toBeLessThan(1e-5)
    expect(steps.at(-1)!.notes.map(textOf).join()).toContain(note)
    expect([...made.values.keys()].some((name) => name.endsWith('.equalized'))).toBe(note !== '')
  })

  test('what uneven channels cost with one scale for all is won back', async () => {
    const factor = (channel: number) => 4 ** ((channel % 5) - 2)
    const [w, v] = [readFloats(noise([10, 3, 3, 3], 1)), readFloats(noise([6, 10, 1, 1], 5))]
    const graph = makeGraph({
      inputs: image,
      outputs: 'y',
      constants: {
        w: f32Tensor(
          [10, 3, 3, 3],
          w.map((x, i) => x * factor(Math.floor(i / 27))),
        ),
        v: f32Tensor(
          [6, 10, 1, 1],
          v.map((x, i) => x / factor(i % 10)),
        ),
      },
      nodes: [
        ['Conv', 'x w', 'c'],
        ['Relu', 'c', 'r'],
        ['Conv', 'r v', 'y'],
      ],
    })
    const coarse = { pass: 'quantize-weights', params: { bits: 6, granularity: 'tensor', method: 'nearest' } }
    const expected = await outputOf(graph)
    const errorOf = async (steps: readonly unknown[]) => {
      const found = await outputOf((await run(graph, steps)).graph)
      return expected.reduce((sum, v, i) => sum + (v - found[i]!) ** 2, 0)
    }
    expect(await errorOf(['equalize', coarse])).toBeLessThan(0.1 * (await errorOf([coarse])))
  })
})

describe('bias-correct', () => {
  const graph = makeGraph({
    ...chain,
    constants: { ...chain.constants, ...batchNormConstants(10), u: noise([4, 10, 1, 1], 8) },
    nodes: [
      ['Conv', 'x w', 'c'],
      ['BatchNormalization', batchNormInputs('c'), 'n'],
      ['Relu', 'n', 'r'],
      ['Conv', 'r u', 'y'],
    ],
  })
  const coarse = { pass: 'quantize-weights', params: { bits: 2, method: 'nearest' } }

  /** Largest difference of a channel's mean from the float model. */
  async function shiftOf(steps: readonly unknown[]) {
    const [before, after] = [await outputOf(graph), await outputOf((await run(graph, steps)).graph)]
    const means = (values: Float32Array) => {
      const sums = new Array<number>(4).fill(0)
      values.forEach((v, i) => {
        sums[Math.floor(i / 16) % 4]! += v / (values.length / 4)
      })
      return sums
    }
    const [a, b] = [means(before), means(after)]
    return Math.max(...a.map((v, c) => Math.abs(v - b[c]!)))
  }

  test('empirical: the means are those of the float model', async () => {
    expect(await shiftOf([coarse])).toBeGreaterThan(0.05)
    expect(await shiftOf([coarse, 'bias-correct'])).toBeLessThan(1e-4)
  })

  test('it corrects integer biases in their own unit', async () => {
    const int8 = { pass: 'quantize-int8', params: { method: 'min-max' } }
    expect(await shiftOf([coarse, int8, 'bias-correct'])).toBeLessThan(0.2 * (await shiftOf([coarse, int8])))
  })

  test('with nothing to correct it says so', async () => {
    expect((await run(graph, ['bias-correct'])).steps.at(-1)!.warnings.map(textOf)).toEqual([
      'no pass before it has changed weights; it has nothing to correct',
    ])
  })

  test.each([
    [0, 1, 0, Number.POSITIVE_INFINITY],
    [1.5, 2, 0, 6],
    [-1, 0.5, 0, 6],
    [2, 0, 0, 1],
    [0.3, 1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])('mean of a normal with mean %d and deviation %d between %d and %d', (mean, deviation, low, high) => {
    const random = seededRandom(4)
    let sum = 0
    const count = 200_000
    for (let i = 0; i < count; i++) sum += Math.min(high, Math.max(low, mean + deviation * random.normal()))
    expect(clippedMean({ mean, deviation }, low, high)).toBeCloseTo(sum / count, 2)
  })

  test('analytic: the shift follows from the statistics of the batch normalisation', async () => {
    const { steps } = await run(graph, [coarse, { pass: 'bias-correct', params: { method: 'analytic' } }])
    expect(textOf(steps.at(-1)!.notes.at(-1)!)).toBe(
      '1 layers corrected from the statistics of the batch normalisation before them',
    )
  })
})

describe('convert-floats', () => {
  test.each([
    [1, 0x3f80],
    [-2.5, 0xc020],
    [1 + 2 ** -8, 0x3f80],
    [1 + 3 * 2 ** -8, 0x3f82],
    [3.4e38, 0x7f80],
    [Number.POSITIVE_INFINITY, 0x7f80],
  ])('%d as bfloat16', (value, bits) => {
    expect(floatToBrain(value)).toBe(bits)
  })

  test.each([
    ['float16', 11],
    ['bfloat16', 8],
  ])('%s: weights keep their first significant bits, arithmetic is float32', async (type, bits) => {
    const graph = makeGraph({ ...chain, nodes: [['Conv', 'x w b', 'y']] })
    const { graph: made } = await run(graph, [{ pass: 'convert-floats', params: { type } }])
    const narrow = [...made.constants.values()].filter((held) => held.dtype !== 'f32')
    expect(narrow.map(({ shape }) => shape)).toEqual([[10, 3, 3, 3]])
    const [before, after] = [readFloats(graph.constants.get('w')!), readFloats(narrow[0]!)]
    for (const [i, v] of before.entries()) expect(Math.abs(v - after[i]!)).toBeLessThanOrEqual(Math.abs(v) * 2 ** -bits)
    const rounded = makeGraph({
      ...chain,
      constants: { ...chain.constants, w: f32Tensor([10, 3, 3, 3], after) },
      nodes: [['Conv', 'x w b', 'y']],
    })
    expect(await outputOf(made)).toEqual(await outputOf(rounded))
  })

  test('what is out of range is told', async () => {
    const w = f32Tensor([3, 3, 6, 6], new Float32Array(324).fill(70_000))
    const graph = makeGraph({ ...chain, constants: { w }, nodes: [['Conv', 'x w', 'y']] })
    const { steps } = await run(graph, ['convert-floats'])
    expect(steps.at(-1)!.warnings.map(textOf)).toEqual(['w: 324 of 324 values are beyond the range of float16'])
    expect(halfToFloat(0x7c00)).toBe(Number.POSITIVE_INFINITY)
  })
})
