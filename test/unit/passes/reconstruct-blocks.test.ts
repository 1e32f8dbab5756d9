// Blocks: where a graph is cut, what the optimisation gains, and what it must leave as it is.
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { textOf } from '../../../src-main/base/note.ts'
import { seededRandom } from '../../../src-main/base/random.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import { memorySamples } from '../../../src-main/engine/samples.ts'
import type { Graph } from '../../../src-main/ir/graph.ts'
import { readNumbers } from '../../../src-main/ir/tensor.ts'
import { referenceKernels } from '../../../src-main/kernels/reference/kernels.ts'
import { checkOrder, runRecipe } from '../../../src-main/passes/pipeline.ts'
import { readRecipe } from '../../../src-main/passes/recipe.ts'
import { blocksOf } from '../../../src-main/passes/reconstruct-blocks/blocks.ts'
import { LayerRounding } from '../../../src-main/passes/reconstruct-blocks/layer-rounding.ts'
import { type GraphRows, makeGraph, noise } from './graphs.ts'

const folding = ['fold-constants', 'canonical-activations', 'canonical-linear', 'fold-batch-norm']
const pads = { pads: [1, 1, 1, 1] }

/** A stem, a residual block, a pool and a dense layer. */
const residual: GraphRows = {
  inputs: { x: ['N', 3, 6, 6] },
  outputs: 'y',
  constants: {
    stem: noise([4, 3, 3, 3], 1, 0.3),
    stemBias: noise([4], 9, 0.3),
    first: noise([6, 4, 3, 3], 2, 0.2),
    second: noise([6, 6, 3, 3], 3, 0.2),
    around: noise([6, 4, 1, 1], 4, 0.4),
    dense: noise([5, 6], 5, 0.5),
    denseBias: noise([5], 6, 0.3),
  },
  nodes: [
    ['Conv', 'x stem stemBias', 'a', pads],
    ['Relu', 'a', 'b'],
    ['Conv', 'b first', 'c', pads],
    ['Relu', 'c', 'd'],
    ['Conv', 'd second', 'e', pads],
    ['Conv', 'b around', 'f'],
    ['Add', 'e f', 'g'],
    ['Relu', 'g', 'h'],
    ['GlobalAveragePool', 'h', 'i'],
    ['Flatten', 'i', 'j'],
    ['Gemm', 'j dense denseBias', 'k', { transB: 1 }],
    ['Softmax', 'k', 'y'],
  ],
}

const gemmOf = (inputs: string, output: string) => ['Gemm', inputs, output, { transB: 1 }] as const

const chain: GraphRows = {
  inputs: { x: ['N', 8] },
  outputs: 'y',
  constants: {
    u: noise([8, 8], 1, 0.4),
    v: noise([8, 8], 2, 0.4),
    w: noise([4, 8], 3, 0.4),
    ub: noise([8], 4, 0.3),
    vb: noise([8], 5, 0.3),
    wb: noise([4], 6, 0.3),
  },
  nodes: [
    ['Gemm', 'x u ub', 'a', { transB: 1 }],
    ['Tanh', 'a', 'b'],
    ['Gemm', 'b v vb', 'c', { transB: 1 }],
    ['Tanh', 'c', 'd'],
    ['Gemm', 'd w wb', 'y', { transB: 1 }],
  ],
}

/** The same with more to choose from. */
const wide: GraphRows = {
  ...chain,
  inputs: { x: ['N', 24] },
  constants: {
    u: noise([24, 24], 1, 0.25),
    v: noise([24, 24], 2, 0.25),
    w: noise([4, 24], 3, 0.4),
    ub: noise([24], 4, 0.3),
    vb: noise([24], 5, 0.3),
    wb: noise([4], 6, 0.3),
  },
}

describe('blocks', () => {
  const cut = (rows: GraphRows, layers: number) =>
    blocksOf(makeGraph(rows), layers).map(({ inputs, outputs, layers: own }) => [
      inputs.join(' '),
      own.map(({ name }) => name).join(' '),
      outputs.join(' '),
    ])

  test('from a fork to its join, activations with the layer before, the pool with the layer after', () => {
    expect(cut(residual, 3)).toEqual([
      ['x', 'conv0', 'b'],
      ['b', 'conv2 conv4 conv5', 'h'],
      ['h', 'gemm10', 'k'],
      ['k', '', 'y'],
    ])
  })

  test.each([
    [
      1,
      [
        ['x', 'gemm0', 'b'],
        ['b', 'gemm2', 'd'],
        ['d', 'gemm4', 'y'],
      ],
    ],
    [
      2,
      [
        ['x', 'gemm0 gemm2', 'd'],
        ['d', 'gemm4', 'y'],
      ],
    ],
    [9, [['x', 'gemm0 gemm2 gemm4', 'y']]],
  ])('a chain, up to %i layers', (layers, expected) => {
    expect(cut(chain, layers)).toEqual(expected)
  })

  test('values that go around a block keep it open', () => {
    const rows: GraphRows = {
      ...chain,
      nodes: [...chain.nodes.slice(0, 4), ['Add', 'd x', 'e'], ['Gemm', 'e w wb', 'y', { transB: 1 }]],
    }
    expect(cut(rows, 1)).toEqual([
      ['x', 'gemm0 gemm2', 'e'],
      ['e', 'gemm5', 'y'],
    ])
  })
})

/** Inputs that depend on each other, as activations do. */
function samplesFor(graph: Graph, count: number, seed: number) {
  const [name] = graph.inputs
  const shape = graph.values.get(name!)!.shape!.slice(1).map(Number)
  const size = shape.reduce((product, dim) => product * dim, 1)
  const random = seededRandom(seed)
  const data = new Float32Array(count * size)
  for (let s = 0; s < count; s++) {
    const mix = Array.from({ length: 6 }, () => random.normal())
    for (let i = 0; i < size; i++)
      data[s * size + i] =
        mix.reduce((sum, m, k) => sum + m * Math.sin((k + 1) * i * 0.37 + k), 0) + 0.2 * random.normal()
  }
  return { [name!]: { data, shape: [count, ...shape] } }
}

async function run(rows: GraphRows, pass: string, params: Record<string, unknown>, signal?: AbortSignal) {
  const graph = makeGraph(rows)
  const notes: number[] = []
  const recipe = readRecipe({ seed: 5, passes: [...folding, { pass, params }] })
  const result = await runRecipe(graph, recipe, {
    calibration: memorySamples(samplesFor(graph, 400, 3)),
    engine: { open: openHostModel },
    kernels: referenceKernels,
    clock: systemClock,
    progress: (fraction) => void notes.push(fraction),
    ...(signal && { signal }),
  })
  return { ...result, step: result.steps.at(-1)!, notes }
}

/** Squared error of a value on samples that were not used. */
async function testError(rows: GraphRows, quantized: Graph, name: string): Promise<number> {
  const graph = makeGraph(rows)
  const inputs = samplesFor(graph, 200, 4)
  await using float = await openHostModel(graph, { extraOutputs: [name] })
  await using other = await openHostModel(quantized, { extraOutputs: [name] })
  const [wanted, found] = [await float.run(inputs), await other.run(inputs)]
  return wanted[name]!.data.reduce((sum, v, i) => sum + (v - found[name]!.data[i]!) ** 2, 0)
}

const fast = { steps: 300, learningRate: 0.03, regularization: 3, samples: 400 }

test.each([
  ['residual block', residual, 'h', { bits: 3 }, {}],
  ['residual block, by importance', residual, 'h', { bits: 2 }, { importance: true }],
  ['chain', wide, 'y', { bits: 2 }, { blockLayers: 2 }],
  ['chain, affine', wide, 'y', { bits: 2, scheme: 'affine' }, { blockLayers: 2 }],
] as const)('%s: nearer to the float network than layer by layer', async (_, rows, value, params, own) => {
  const layerwise = await run(rows, 'quantize-weights', params)
  const blockwise = await run(rows, 'reconstruct-blocks', { ...params, ...own, ...fast })
  expect(await testError(rows, blockwise.graph, value)).toBeLessThan(await testError(rows, layerwise.graph, value))
  expect(blockwise.step.notes.filter((note) => textOf(note).includes('squared error')).length).toBeGreaterThan(1)
  expect(blockwise.notes).toEqual(blockwise.notes.toSorted((a, b) => a - b))
})

test('the same seed gives the same integers, on the same grids; all are within their limits', async () => {
  const both = [
    await run(chain, 'reconstruct-blocks', { bits: 2, ...fast }),
    await run(chain, 'reconstruct-blocks', { bits: 2, ...fast }),
  ]
  const told = both.map(({ graph }) =>
    ['u', 'v', 'w'].map((name) => [graph.values.get(name)!.quant, readNumbers(graph.constants.get(name)!)]),
  )
  expect(told[0]).toEqual(told[1])
  for (const name of ['u', 'v', 'w']) {
    const { graph } = both[0]!
    const quant = graph.values.get(name)!.quant!
    expect([quant.bits, quant.min, quant.max, quant.scale.length]).toEqual([2, -2, 1, name === 'w' ? 4 : 8])
    expect(quant.scale).toEqual(quant.scale.map(Math.fround))
    for (const q of readNumbers(graph.constants.get(name)!)) expect(Math.min(1, Math.max(-2, q))).toBe(q)
  }
})

test('zeros of pruned layers stay', async () => {
  const pruned = noise([8, 8], 2, 0.4)
  const held = (pruned.read() as Float32Array).map((w, i) => (i % 2 === 0 ? 0 : w))
  const constants = { ...chain.constants, v: { ...pruned, read: () => held } }
  const { graph } = await run({ ...chain, constants }, 'reconstruct-blocks', { bits: 4, ...fast })
  readNumbers(graph.constants.get('v')!).forEach((q, i) => {
    if (i % 2 === 0) expect(q).toBe(0)
  })
})

test('powers of two stay powers of two', async () => {
  const { graph } = await run(chain, 'reconstruct-blocks', { bits: 4, powerOfTwo: true, ...fast })
  for (const name of ['u', 'v', 'w'])
    for (const scale of graph.values.get(name)!.quant!.scale) expect(Number.isInteger(Math.log2(scale))).toBe(true)
})

test('a block that cannot be differentiated keeps its integers, and the user is told which operator it was', async () => {
  const rows: GraphRows = { ...chain, nodes: chain.nodes.map((row, i) => (i === 1 ? ['Erf', 'a', 'b'] : row)) }
  const params = { bits: 3, blockLayers: 2, samples: 400 }
  const layerwise = await run(rows, 'quantize-weights', { bits: 3, samples: 400 })
  const { graph, step } = await run(rows, 'reconstruct-blocks', { ...params, ...fast })
  expect(step.warnings.filter((line) => textOf(line).includes('Erf'))).toHaveLength(1)
  for (const name of ['u', 'v'])
    expect(readNumbers(graph.constants.get(name)!)).toEqual(readNumbers(layerwise.graph.constants.get(name)!))
})

test('stops when it is cancelled', async () => {
  const abort = new AbortController()
  abort.abort(new Error('enough'))
  await expect(run(chain, 'reconstruct-blocks', { bits: 3, ...fast }, abort.signal)).rejects.toThrow('enough')
})

test.each([
  ['one sample at a time', { ...chain, inputs: { x: [1, 8] } }],
  ['two outputs, one of them early', { ...chain, outputs: 'b y' }],
  [
    'weights that two layers share',
    { ...chain, nodes: chain.nodes.map((row, i) => (i === 2 ? gemmOf('b u vb', 'c') : row)) },
  ],
] as readonly (readonly [string, GraphRows])[])('%s: every layer is optimised', async (_, rows) => {
  const { step, graph } = await run(rows, 'reconstruct-blocks', { bits: 2, ...fast, steps: 40, blockLayers: 2 })
  expect(step.warnings).toEqual([])
  expect(step.notes.filter((note) => textOf(note).includes('squared error'))).toHaveLength(2)
  for (const { op, inputs } of graph.nodes) if (op === 'Gemm') expect(graph.values.get(inputs[1]!)!.quant!.bits).toBe(2)
})

test('takes the place of quantize-weights, and says so', async () => {
  const both = ['quantize-weights', 'reconstruct-blocks'].map((pass) => ({ pass, params: {} }))
  const recipe = readRecipe({ passes: [...folding, ...both] })
  expect(() => checkOrder(recipe)).toThrow(expect.objectContaining({ code: 'recipe.order' }))
})

test('rounding variables: begin at the integers given, and follow the gradient', () => {
  const quant = { dtype: 'i8', bits: 3, min: -4, max: 3, scale: [0.5], zeroPoint: [0], axis: null } as const
  const weights = Float32Array.of(0.6, -0.9, 0, 9)
  const layer = new LayerRounding([4], weights, [1, -2, 0, 3], quant, true)
  expect([...layer.hard()]).toEqual([1, -2, 0, 3])
  const options = { learningRate: 0.1, scaleRate: 0, beta: null, regularization: 0 }
  for (let i = 0; i < 100; i++) {
    layer.soft()
    layer.step(Float32Array.of(-1, -1, -1, 1), options)
  }
  expect([...layer.hard()]).toEqual([2, -1, 0, 2])
  expect([...layer.soft()]).toEqual([1, -0.5, 0, 1])
  expect(layer.undecided()).toBe(0)
})
