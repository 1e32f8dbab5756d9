import { expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { textOf } from '../../../src-main/base/note.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import { memorySamples, type Samples } from '../../../src-main/engine/samples.ts'
import type { Graph } from '../../../src-main/ir/graph.ts'
import { f32Tensor, type Tensor } from '../../../src-main/ir/tensor.ts'
import { verify } from '../../../src-main/ir/verify.ts'
import { referenceKernels } from '../../../src-main/kernels/reference/kernels.ts'
import { runRecipe } from '../../../src-main/passes/pipeline.ts'
import { readRecipe } from '../../../src-main/passes/recipe.ts'
import { type GraphRows, makeGraph, noise } from './graphs.ts'

const before = ['fold-constants', 'canonical-linear', 'fold-batch-norm']

async function prune(graph: Graph, samples: Samples, params: object) {
  const recipe = readRecipe({ passes: [...before, { pass: 'prune-channels', params }] })
  const context = { engine: { open: openHostModel }, kernels: referenceKernels, clock: systemClock }
  const { graph: pruned, steps } = await runRecipe(graph, recipe, { ...context, calibration: samples })
  verify(pruned)
  return { pruned, notes: steps.at(-1)!.notes.map(textOf) }
}

const images = (count: number, seed: number) => {
  const held = noise([count, 3, 6, 6], seed)
  return memorySamples({ x: { shape: held.shape, data: held.read() } })
}

async function outputsOf(graph: Graph, samples: Samples): Promise<Float32Array> {
  await using host = await openHostModel(graph)
  const outputs = await host.run(await samples.read(0, samples.count))
  return outputs[graph.outputs[0]!]!.data
}

/** Each channel twice, the second time with another factor: half of the channels can be made up for exactly. */
function doubled(shape: readonly number[], seed: number): Tensor {
  const data = noise(shape, seed).read() as Float32Array
  const row = data.length / shape[0]!
  return f32Tensor(
    shape,
    data.map((_, i) => {
      const channel = Math.floor(i / row)
      const source = (channel >> 1) * 2 * row + (i % row)
      return channel % 2 === 0 ? data[source]! : 0.5 * data[source]!
    }),
  )
}

/** Two convolutions, the first with redundant channels, and what lies between. */
const chain = (between: GraphRows['nodes'], constants: Record<string, Tensor>, channels = 8): GraphRows => ({
  inputs: { x: ['N', 3, 6, 6] },
  outputs: 'y',
  constants: { w: doubled([channels, 3, 3, 3], 1), v: noise([4, channels, 3, 3], 2, 0.1), ...constants },
  nodes: [['Conv', 'x w', 'a', { pads: [1, 1, 1, 1] }], ...between, ['Conv', 'b v', 'y', {}]],
})

const addBoth: GraphRows = {
  inputs: { x: ['N', 3, 6, 6] },
  outputs: 'y',
  constants: { w: doubled([8, 3, 3, 3], 1), u: doubled([8, 3, 3, 3], 4), v: noise([4, 8, 1, 1], 2, 0.1) },
  nodes: [
    ['Conv', 'x w', 'a', { pads: [1, 1, 1, 1] }],
    ['Relu', 'a', 'b'],
    ['Conv', 'x u', 'c', { pads: [1, 1, 1, 1] }],
    ['Relu', 'c', 'd'],
    ['Concat', 'b d', 'e', { axis: 1 }],
    ['Conv', 'e k', 'y', {}],
  ],
}

const cases: readonly [string, GraphRows, readonly number[]][] = [
  ['an activation between', chain([['Relu', 'a', 'b']], {}), [4, 3, 3, 3]],
  [
    'pooling between',
    chain(
      [
        ['Relu', 'a', 'r'],
        ['MaxPool', 'r', 'b', { kernel_shape: [2, 2] }],
      ],
      {},
    ),
    [4, 3, 3, 3],
  ],
  [
    'a factor for each channel',
    chain(
      [
        ['Mul', 'a f', 'm'],
        ['Relu', 'm', 'b'],
      ],
      { f: f32Tensor([8, 1, 1], new Float32Array(8).fill(2)) },
    ),
    [4, 3, 3, 3],
  ],
  [
    'a depthwise convolution',
    chain(
      [
        ['Relu', 'a', 'r'],
        ['Conv', 'r d', 'b', { group: 8, pads: [1, 1, 1, 1] }],
      ],
      {
        d: f32Tensor(
          [8, 1, 3, 3],
          Float32Array.from({ length: 72 }, (_, i) => Math.sin(1 + (i % 9))),
        ),
      },
    ),
    [4, 3, 3, 3],
  ],
  ['concatenation', { ...addBoth, constants: { ...addBoth.constants, k: noise([4, 16, 1, 1], 5, 0.1) } }, [4, 3, 3, 3]],
  [
    'flattened into a dense layer',
    {
      inputs: { x: ['N', 3, 6, 6] },
      outputs: 'y',
      constants: { w: doubled([8, 3, 3, 3], 1), v: noise([5, 32], 2, 0.1), bias: noise([5], 3) },
      nodes: [
        ['Conv', 'x w', 'a', {}],
        ['Relu', 'a', 'b'],
        ['AveragePool', 'b', 'c', { kernel_shape: [2, 2], strides: [2, 2] }],
        ['Flatten', 'c', 'd', { axis: 1 }],
        ['Gemm', 'd v bias', 'y', { transB: 1 }],
      ],
    },
    [4, 3, 3, 3],
  ],
]

test.each(cases)('channels that others can make up for go without a trace: %s', async (_, rows, expected) => {
  const graph = makeGraph(rows)
  const samples = images(24, 7)
  const { pruned } = await prune(graph, samples, { share: 0.5, minChannels: 1, damping: 1e-6 })
  const first = pruned.nodes.find(({ inputs }) => inputs[0] === 'x')!
  expect(pruned.constants.get(first.inputs[1]!)!.shape).toEqual(expected)
  const fresh = images(5, 8)
  const [found, wanted] = [await outputsOf(pruned, fresh), await outputsOf(graph, fresh)]
  expect(Math.max(...found.map((value, i) => Math.abs(value - wanted[i]!)))).toBeLessThan(5e-3)
})

test('both sides of a sum lose the same channels, and what leaves the network keeps its own', async () => {
  const graph = makeGraph({
    inputs: { x: ['N', 3, 6, 6] },
    outputs: 'y',
    constants: { w: noise([8, 3, 1, 1], 1), u: noise([8, 8, 3, 3], 2), v: noise([6, 8, 1, 1], 3) },
    nodes: [
      ['Conv', 'x w', 'a'],
      ['Relu', 'a', 'r'],
      ['Conv', 'r u', 'b', { pads: [1, 1, 1, 1] }],
      ['Add', 'r b', 's'],
      ['Conv', 's v', 'y'],
    ],
  })
  const { pruned, notes } = await prune(graph, images(8, 7), { share: 0.25 })
  expect(
    pruned.nodes.filter(({ op }) => op === 'Conv').map(({ inputs }) => pruned.constants.get(inputs[1]!)!.shape),
  ).toEqual([
    [6, 3, 1, 1],
    [6, 6, 3, 3],
    [6, 6, 1, 1],
  ])
  expect(notes).toEqual(['conv0, conv2: 2 of 8 channels removed'])
})

test('channels that an operator without a rule sees stay', async () => {
  const graph = makeGraph({
    inputs: { x: ['N', 3, 6, 6] },
    outputs: 'y',
    constants: { w: noise([8, 3, 1, 1], 1), v: noise([6, 6, 1, 1], 3) },
    nodes: [
      ['Conv', 'x w', 'a'],
      ['Transpose', 'a', 't', { perm: [0, 2, 1, 3] }],
      ['Conv', 't v', 'y'],
    ],
  })
  const { pruned } = await prune(graph, images(8, 7), { share: 0.5 })
  expect(pruned.constants.get('w')!.shape).toEqual([8, 3, 1, 1])
})
