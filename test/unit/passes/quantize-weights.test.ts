// Weights of few bits: scales that are best of all, integers that go into the graph as they were found, methods that beat
// rounding to the nearest, and grids that a device can hold.
import * as ort from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { textOf } from '../../../src-main/base/note.ts'
import { seededRandom } from '../../../src-main/base/random.ts'
import { memorySource } from '../../../src-main/base/source.ts'
import { openTwin } from '../../../src-main/device/twin.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import { memorySamples } from '../../../src-main/engine/samples.ts'
import { writeOnnx } from '../../../src-main/formats/onnx/write.ts'
import { importModel } from '../../../src-main/formats/registry.ts'
import { writeShoe } from '../../../src-main/formats/shoe/index.ts'
import type { Graph } from '../../../src-main/ir/graph.ts'
import { dequantizeTensor } from '../../../src-main/ir/quantize.ts'
import { f32Tensor, readFloats, readNumbers } from '../../../src-main/ir/tensor.ts'
import { referenceKernels } from '../../../src-main/kernels/reference/kernels.ts'
import { runRecipe } from '../../../src-main/passes/pipeline.ts'
import { largestMultiple } from '../../../src-main/passes/quantize-weights/group-scales.ts'
import { binaryScales, ternaryScales } from '../../../src-main/passes/quantize-weights/low-bits.ts'
import { readRecipe } from '../../../src-main/passes/recipe.ts'
import { lower } from '../../../src-main/targets/lowering/lower.ts'
import { planMemory } from '../../../src-main/targets/memory-plan.ts'
import { type GraphRows, makeGraph, noise, scalar } from './graphs.ts'

const folding = ['fold-constants', 'canonical-activations', 'canonical-linear', 'fold-batch-norm']

async function run(graph: Graph, data: Float32Array, steps: readonly unknown[]) {
  const [input] = graph.inputs
  const shape = graph.values.get(input!)!.shape!.slice(1).map(Number)
  const count = data.length / shape.reduce((a, b) => a * b, 1)
  const calibration = memorySamples({ [input!]: { data, shape: [count, ...shape] } })
  const recipe = readRecipe({ passes: [...folding, ...steps] })
  return runRecipe(graph, recipe, {
    calibration,
    engine: { open: openHostModel },
    kernels: referenceKernels,
    clock: systemClock,
  })
}

const quantize = (params: Record<string, unknown>) => ({ pass: 'quantize-weights', params })

/** Inputs that depend on each other, as activations do. */
function correlated(samples: number, features: number, seed = 3): Float32Array {
  const random = seededRandom(seed)
  const mix = Array.from({ length: features * 4 }, () => random.normal())
  return Float32Array.from({ length: samples * features }, () => 0).map((_, i) => {
    if (i % features === 0) for (let k = 0; k < 4; k++) mix[k] = random.normal()
    const f = i % features
    return mix[0]! * Math.sin(f) + mix[1]! * Math.cos(2 * f) + mix[2]! * Math.sin(3 * f + 1) + 0.3 * random.normal()
  })
}

describe('scales of least squared error', () => {
  const errorOf = (row: Float32Array, scale: number, levels: readonly number[]) =>
    row.reduce((sum, w) => sum + Math.min(...levels.map((q) => (w - q * scale) ** 2)), 0)

  test.each([
    ['ternary', ternaryScales, [-1, 0, 1]],
    ['binary', binaryScales, [-1, 1]],
  ] as const)('%s: no other scale does better', (_name, scalesOf, levels) => {
    const data = readFloats(noise([6, 40], 5))
    const { scale } = scalesOf({ rows: 6, columns: 40, data }, null, false)
    for (let r = 0; r < 6; r++) {
      const row = data.subarray(r * 40, (r + 1) * 40)
      const tried = Array.from({ length: 400 }, (_, i) => errorOf(row, (i + 1) / 100, levels))
      expect(errorOf(row, scale[r]!, levels)).toBeLessThanOrEqual(Math.min(...tried) + 1e-4)
    }
  })

  test('a column of weight zero does not count, and powers of two are', () => {
    const x = { rows: 1, columns: 3, data: Float32Array.of(1, 1, 100) }
    expect(ternaryScales(x, Float32Array.of(1, 1, 0), false).scale[0]).toBe(1)
    expect(binaryScales({ ...x, data: Float32Array.of(0.3, 0.3, 0.3) }, null, true).scale[0]).toBe(0.25)
  })
})

const dense: GraphRows = {
  inputs: { x: ['N', 24] },
  outputs: 'y',
  constants: { w: noise([10, 24], 7, 0.3), b: noise([10], 8) },
  nodes: [['Gemm', 'x w b', 'y', { transB: 1 }]],
}

const image = { x: ['N', 4, 6, 6] }
const layers: readonly (readonly [string, GraphRows])[] = [
  ['Gemm', dense],
  ['Conv', { inputs: image, outputs: 'y', constants: { w: noise([5, 4, 3, 3], 2) }, nodes: [['Conv', 'x w', 'y']] }],
  [
    'depthwise',
    {
      inputs: image,
      outputs: 'y',
      constants: { w: noise([8, 1, 3, 3], 2) },
      nodes: [['Conv', 'x w', 'y', { group: 4 }]],
    },
  ],
  [
    'ConvTranspose',
    { inputs: image, outputs: 'y', constants: { w: noise([4, 3, 2, 2], 2) }, nodes: [['ConvTranspose', 'x w', 'y']] },
  ],
  [
    'MatMul of rank 3',
    { inputs: { x: ['N', 5, 8] }, outputs: 'y', constants: { w: noise([8, 6], 2) }, nodes: [['MatMul', 'x w', 'y']] },
  ],
]

describe.each(layers)('%s', (_name, rows) => {
  const graph = makeGraph(rows)
  const size = graph.values
    .get('x')!
    .shape!.slice(1)
    .reduce<number>((a, b) => a * Number(b), 1)
  const data = correlated(64, size)

  test.each([
    [{ bits: 4, method: 'nearest' }],
    [{ bits: 4, method: 'gptq' }],
    [{ bits: 3, method: 'adaround', iterations: 50 }],
    [{ bits: 4, scheme: 'affine', method: 'gptq' }],
    [{ bits: 4, granularity: 'tensor' }],
    [{ bits: 4, granularity: 'group', groupSize: 3 }],
    [{ bits: 5, powerOfTwo: true }],
    [{ bits: 'ternary' }],
    [{ bits: 'binary' }],
  ])('%j stays within its grid and near the weights', async (params) => {
    const { graph: made } = await run(graph, data, [quantize(params)])
    const [name] = [...made.constants.keys()].filter((each) => made.values.get(each)!.quant)
    const quant = made.values.get(name!)!.quant!
    const integers = readNumbers(made.constants.get(name!)!)
    expect(integers.every((q) => q >= quant.min && q <= quant.max)).toBe(true)
    if (params.bits === 'binary') expect(integers.every((q) => q !== 0)).toBe(true)
    if ('powerOfTwo' in params) expect(quant.scale.every((s) => Number.isInteger(Math.log2(s)))).toBe(true)
    const [old, now] = await Promise.all([outputOf(graph, data), outputOf(made, data)])
    const noise = old.reduce((sum, v, i) => sum + (v - now[i]!) ** 2, 0)
    const signal = old.reduce((sum, v) => sum + v * v, 0)
    expect(noise / signal).toBeLessThan(params.bits === 'binary' ? 0.6 : params.bits === 'ternary' ? 0.35 : 0.12)
  })
})

async function outputOf(graph: Graph, data: Float32Array): Promise<Float32Array> {
  const shape = graph.values.get('x')!.shape!.slice(1).map(Number)
  await using host = await openHostModel(graph)
  const count = data.length / shape.reduce((a, b) => a * b, 1)
  return (await host.run({ x: { data, shape: [count, ...shape] } })).y!.data
}

test.each([[{ method: 'gptq' }], [{ method: 'adaround', iterations: 300 }]])(
  '%j beats rounding to the nearest on the outputs',
  async (params) => {
    const graph = makeGraph(dense)
    const data = correlated(200, 24)
    const old = await outputOf(graph, data)
    const errorOf = async (options: Record<string, unknown>) => {
      const { graph: made } = await run(graph, data, [quantize({ bits: 3, ...options })])
      const now = await outputOf(made, data)
      return old.reduce((sum, v, i) => sum + (v - now[i]!) ** 2, 0)
    }
    expect(await errorOf({ ...params, sweeps: 0 })).toBeLessThan(0.8 * (await errorOf({ method: 'nearest' })))
  },
)

describe('layers', () => {
  const two = makeGraph({
    inputs: { x: ['N', 12] },
    outputs: 'y',
    constants: { a: noise([8, 12], 1), b: noise([6, 8], 2), c: noise([4, 6], 3) },
    nodes: [
      ['Gemm', 'x a', 'p', { transB: 1 }],
      ['Gemm', 'p b', 'q', { transB: 1 }],
      ['Gemm', 'q c', 'y', { transB: 1 }],
    ],
  })
  const data = correlated(32, 12)
  const bitsOf = (graph: Graph) => ['a', 'b', 'c'].map((name) => graph.values.get(name)!.quant?.bits ?? 'float')

  test.each([
    [{ bits: 4 }, [4, 4, 4]],
    [{ bits: 4, ends: 8 }, [8, 4, 8]],
    [{ bits: 4, layers: { gemm1: 'float' } }, [4, 'float', 4]],
    [{ bits: 4, ends: 8, layers: { a: 2, gemm1: { bits: 6, method: 'nearest' } } }, [2, 6, 8]],
  ])('%j', async (params, expected) => {
    expect(bitsOf((await run(two, data, [quantize(params)])).graph)).toEqual(expected)
  })

  test('a name that is not there is refused', async () => {
    await expect(run(two, data, [quantize({ layers: { nowhere: 4 } })])).rejects.toMatchObject({
      code: 'recipe.invalid',
    })
  })

  test('weights that have as few bits already keep their integers', async () => {
    const { graph, steps } = await run(two, data, [quantize({ bits: 3 }), quantize({ bits: 4 })])
    const { graph: once } = await run(two, data, [quantize({ bits: 3 })])
    expect(graph.constants.get('b')!.read()).toEqual(once.constants.get('b')!.read())
    expect(textOf(steps.at(-1)!.notes[1]!)).toContain('has 3 bits already and keeps them')
  })

  test('zeros stay, or their loss is told', async () => {
    const pruned = { pass: 'prune-magnitude', params: { sparsity: 0.5, minElements: 1 } }
    const zerosOf = (graph: Graph) =>
      [...graph.constants].flatMap(([name, held]) => {
        const quant = graph.values.get(name)!.quant
        return quant
          ? [readFloats(dequantizeTensor(held, quant)).filter((w) => w === 0).length / held.read().length]
          : []
      })
    const kept = await run(two, data, [pruned, quantize({ bits: 4 })])
    expect(Math.min(...zerosOf(kept.graph))).toBeGreaterThanOrEqual(0.5)
    const lost = await run(two, data, [pruned, quantize({ bits: 4, keepZeros: false })])
    expect(textOf(lost.steps.at(-1)!.warnings[0]!)).toContain('zeros are lost')
  })
})

describe('groups', () => {
  const limits = { min: -8, max: 7, symmetric: true, powerOfTwo: false }
  const data = correlated(64, 24)
  const groups = (groupScales: string) => [
    quantize({ bits: 4, granularity: 'group', groupSize: 6, groupScales }),
    { pass: 'quantize-int8', params: { method: 'min-max' } },
  ]

  test('multiples stay within int8', () => {
    expect(largestMultiple(limits)).toBe(15)
    expect(largestMultiple({ ...limits, symmetric: false })).toBe(8)
  })

  test('whole multiples reach the device with exactly the same real weights', async () => {
    const { graph } = await run(makeGraph(dense), data, groups('integer'))
    const { scale, blockSize } = graph.values.get('w')!.quant!
    expect([scale.length, blockSize]).toEqual([40, 6])
    const expected = readFloats(dequantizeTensor(graph.constants.get('w')!, graph.values.get('w')!.quant!))
    const plan = lower(graph)
    const weights = plan.tensors.find((t) => t.name === 'w')!
    const held = weights.place.kind === 'constant' ? Array.from(weights.place.data) : []
    // Rows of equal ratios: the integers are the real weights over one scale each.
    for (let r = 0; r < 10; r++) {
      const at = Array.from({ length: 24 }, (_, c) => r * 24 + c).filter((i) => held[i] !== 0)
      const ratios = new Set(at.map((i) => expected[i]! / held[i]!))
      expect(ratios.size).toBe(1)
    }
  })

  test('other scales are refused with what helps', async () => {
    const { graph } = await run(makeGraph(dense), data, groups('free'))
    expect(() => lower(graph)).toThrow(expect.objectContaining({ code: 'model.operator' }))
    await expect(outputOf(graph, data)).resolves.toHaveLength(640)
  })
})

test('the twin computes what the host does with weights of few bits', async () => {
  const graph = makeGraph({
    inputs: image,
    outputs: 'y',
    constants: {
      w: noise([8, 4, 3, 3], 2, 0.2),
      b: noise([8], 4),
      v: noise([3, 8, 1, 1], 5, 0.3),
      six: scalar(6),
      zero: scalar(0),
    },
    nodes: [
      ['Conv', 'x w b', 'c', { pads: [1, 1, 1, 1] }],
      ['Clip', 'c zero six', 'r'],
      ['Conv', 'r v', 'y'],
    ],
  })
  const data = correlated(32, 144)
  const { graph: made } = await run(graph, data, [
    quantize({ bits: 4, layers: { conv2: 'ternary' } }),
    'bias-correct',
    { pass: 'quantize-int8', params: { method: 'min-max' } },
  ])
  const none = '0'.repeat(64)
  const origin = { modelName: 'm', modelSha256: none, recipeSha256: none, dataSha256: none, producer: 'test' }
  using twin = await openTwin(writeShoe(planMemory(lower(made)), origin))
  const { scale, zeroPoint } = twin.inputs[0]!
  const integers = Int8Array.from(data, (v) => Math.min(127, Math.max(-128, Math.round(v / scale) + zeroPoint)))
  const [found] = twin.runBatch([integers], 32)
  const expected = await outputOf(made, data)
  // A step for each of the two layers.
  const step = twin.outputs[0]!.scale
  const differences = Array.from(
    found!,
    (q, i) => Math.abs((q - twin.outputs[0]!.zeroPoint) * step - expected[i]!) / step,
  )
  expect(Math.max(...differences)).toBeLessThan(2.01)
})

test.each([
  [['quantize-int8', 'quantize-weights'], 'quantize-int8'],
  [['quantize-weights', 'bias-correct', 'equalize'], 'quantize-weights'],
  [['convert-floats', 'quantize-int8'], 'convert-floats'],
])('the order %j is refused', async (steps, pass) => {
  const graph = makeGraph(dense)
  await expect(run(graph, correlated(4, 24), steps)).rejects.toMatchObject({ code: 'recipe.order', data: { pass } })
})

test('a matrix held by columns gets its integers in that order', async () => {
  const w = f32Tensor([2, 3], [1, -2, 3, 4, -5, 7])
  const graph = makeGraph({
    inputs: { x: ['N', 4, 2] },
    outputs: 'y',
    constants: { w },
    nodes: [['MatMul', 'x w', 'y']],
  })
  const params = { bits: 8, method: 'nearest', range: 'max' }
  const { graph: made } = await run(graph, correlated(4, 8), [quantize(params)])
  const { quant } = made.values.get('w')!
  expect(quant!.scale).toEqual([4 / 127, 5 / 127, 7 / 127].map(Math.fround))
  expect(readNumbers(made.constants.get('w')!)).toEqual([32, -51, 54, 127, -127, 127])
})

test('export: 4-bit integers in groups come back from the file as they were', async () => {
  const { graph } = await run(makeGraph(dense), correlated(64, 24), [
    quantize({ bits: 4, granularity: 'group', groupSize: 6, groupScales: 'free' }),
  ])
  const file = writeOnnx(graph, { quantization: 'keep' })
  const { graph: back } = await importModel(memorySource('model.onnx', file), () => null)
  const [held, read] = [graph.values.get('w')!.quant!, back.values.get('w')!.quant!]
  expect({ scale: read.scale, zeroPoint: read.zeroPoint, axis: read.axis, blockSize: read.blockSize }).toEqual({
    scale: held.scale,
    zeroPoint: held.zeroPoint,
    axis: 1,
    blockSize: 6,
  })
  expect(readNumbers(back.constants.get('w')!)).toEqual(readNumbers(graph.constants.get('w')!))
  const data = correlated(8, 24, 9)
  const feeds = { x: new ort.Tensor('float32', data, [8, 24]) }
  const session = await ort.InferenceSession.create(file)
  const exported = (await session.run(feeds)).y!.data as Float32Array
  const own = await outputOf(graph, data)
  expect(Math.max(...own.map((v, i) => Math.abs(v - exported[i]!)))).toBeLessThan(1e-5)
})
