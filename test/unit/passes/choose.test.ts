import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { textOf } from '../../../src-main/base/note.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import { memorySamples } from '../../../src-main/engine/samples.ts'
import type { Graph } from '../../../src-main/ir/graph.ts'
import { f32Tensor, readFloats } from '../../../src-main/ir/tensor.ts'
import { referenceKernels } from '../../../src-main/kernels/reference/kernels.ts'
import { runRecipe } from '../../../src-main/passes/pipeline.ts'
import { outputError } from '../../../src-main/passes/quantize/choose.ts'
import { fixedGrid } from '../../../src-main/passes/quantize/grid.ts'
import { presetRecipe, readRecipe } from '../../../src-main/passes/recipe.ts'
import { makeGraph, noise } from './graphs.ts'

const network = () =>
  makeGraph({
    inputs: { x: ['N', 6] },
    outputs: 'y',
    constants: { w: noise([6, 8]), b: noise([8], 2), v: noise([8, 3], 3) },
    nodes: [
      ['MatMul', 'x w', 'm'],
      ['Add', 'm b', 'a'],
      ['Relu', 'a', 'r'],
      ['MatMul', 'r v', 'y'],
    ],
  })

/** Normal samples; `outliers` of them far out. */
function samples(count: number, outliers = 0) {
  const data = readFloats(noise([count, 6], 8)).slice()
  for (let i = 0; i < outliers; i++) data[i * 6] = 60
  return memorySamples({ x: { data, shape: [count, 6] } })
}

const compress = (graph: Graph, method: string, calibration: ReturnType<typeof samples>, signal?: AbortSignal) =>
  runRecipe(
    graph,
    readRecipe({
      ...presetRecipe('int8')!,
      passes: presetRecipe('int8')!.passes.map((step) =>
        step.pass === 'quantize-int8' ? { pass: step.pass, params: { method } } : step,
      ),
    }),
    {
      calibration,
      engine: { open: openHostModel },
      kernels: referenceKernels,
      clock: systemClock,
      signal,
    },
  )

async function errorAgainstFloat(graph: Graph, int8: Graph, calibration: ReturnType<typeof samples>): Promise<number> {
  await using a = await openHostModel(graph)
  await using b = await openHostModel(int8)
  const inputs = await calibration.read(0, calibration.count)
  return outputError(false, (await a.run(inputs)).y!.data, (await b.run(inputs)).y!.data)
}

describe('auto', () => {
  test('is at least as good as every single method', async () => {
    const graph = network()
    const calibration = samples(128, 1)
    const errors = new Map<string, number>()
    for (const method of ['auto', 'min-max', 'percentile', 'mse', 'kl'])
      errors.set(
        method,
        await errorAgainstFloat(graph, (await compress(graph, method, calibration)).graph, calibration),
      )
    const { auto, ...single } = Object.fromEntries(errors)
    expect(auto).toBeLessThanOrEqual(Math.min(...Object.values(single)))
    expect(auto).toBeLessThan(0.01)
  })

  test('says what it tried', async () => {
    const { steps } = await compress(network(), 'auto', samples(64))
    expect(steps.at(-1)!.notes.map((note) => textOf(note).split(':')[0])).toEqual([
      '3 grids for activations, 0 of them given, from 64 samples',
      'min-max',
      'percentile',
      'mse',
      'kl',
      expect.stringMatching(/^output error \S+ after \d+ trials, \d+ values with a method of their own$/),
    ])
    expect(steps.at(-1)!.warnings).toEqual([])
  })

  test('stops when cancelled', async () => {
    await expect(compress(network(), 'auto', samples(64), AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    })
  })
})

describe('warnings', () => {
  const warningsOf = async (graph: Graph, calibration: ReturnType<typeof samples>) =>
    (await compress(graph, 'min-max', calibration)).steps.at(-1)!.warnings.map(textOf)

  test('few samples', async () => {
    expect(await warningsOf(network(), samples(10))).toEqual([
      'only 10 calibration samples; at least 32 make ranges reliable',
    ])
  })
  test('outliers', async () => {
    expect(await warningsOf(network(), samples(2000, 1))).toContainEqual(
      expect.stringMatching(/^a few outliers set the range of x/),
    )
  })
  test('nothing changes', async () => {
    const zeros = memorySamples({ x: { data: new Float32Array(64 * 6), shape: [64, 6] } })
    expect(await warningsOf(network(), zeros)).toEqual([
      'never changed during calibration: x',
      'every sample gets the same class at y',
    ])
  })
  test('numbers that are none', async () => {
    const graph = makeGraph({
      inputs: { x: ['N', 6] },
      outputs: 'y',
      nodes: [
        ['Sqrt', 'x', 's'],
        ['Relu', 's', 'y'],
      ],
    })
    const { graph: int8, steps } = await compress(graph, 'min-max', samples(64))
    expect(steps.at(-1)!.warnings.map(textOf)).toContainEqual('not a finite number now and then during calibration: s')
    expect(Number.isFinite(int8.values.get('s')!.quant!.scale[0]!)).toBe(true)
  })
})

test('a model that is quantised in part keeps what it has and gets the rest', async () => {
  const grid = fixedGrid(0.03125, 4)
  const graph = makeGraph({
    inputs: { x: ['N', 6] },
    outputs: 'y',
    constants: { w: noise([8, 6]), v: f32Tensor([3, 8], readFloats(noise([3, 8], 3))) },
    nodes: [
      ['Gemm', 'x w', 'm', { transB: 1 }],
      ['Relu', 'm', 'r'],
      ['Gemm', 'r v', 'y', { transB: 1 }],
    ],
    quants: { x: grid, m: grid },
  })
  const { graph: int8 } = await compress(graph, 'min-max', samples(64))
  const gridOf = (name: string) => int8.values.get(name)?.quant
  expect([gridOf('x'), gridOf('m'), gridOf('r')]).toEqual([grid, grid, grid])
  expect(gridOf('y')).toMatchObject({ dtype: 'i8' })
  expect(int8.constants.get('w')!.dtype).toBe('i8')
})

test.each([
  ['equal', false, [1, -2], [1, -2], 0],
  ['energy of the error over that of the output', false, [3, 4], [3, 3], 1 / 25],
  ['probabilities that agree', true, [0.25, 0.75], [0.25, 0.75], 0],
  ['Kullback-Leibler divergence', true, [0.5, 0.5], [0.25, 0.75], 0.5 * Math.log(2) + 0.5 * Math.log(2 / 3)],
  ['an output of zeros', false, [0, 0], [1, 0], 1],
] as const)('outputError: %s', (_, probabilities, expected, found, error) => {
  expect(outputError(probabilities, Float32Array.from(expected), Float32Array.from(found))).toBeCloseTo(error, 6)
})
