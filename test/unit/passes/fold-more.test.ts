import { expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import type { Graph } from '../../../src-main/ir/graph.ts'
import { f32Tensor } from '../../../src-main/ir/tensor.ts'
import { referenceKernels } from '../../../src-main/kernels/reference/kernels.ts'
import { runRecipe } from '../../../src-main/passes/pipeline.ts'
import { readRecipe } from '../../../src-main/passes/recipe.ts'
import { type GraphRows, makeGraph, noise, scalar } from './graphs.ts'

const context = { calibration: null, engine: { open: openHostModel }, kernels: referenceKernels, clock: systemClock }

async function run(graph: Graph, ...passes: string[]): Promise<Graph> {
  return (await runRecipe(graph, readRecipe({ passes: ['fold-constants', ...passes] }), context)).graph
}

async function outputsOf(graph: Graph): Promise<number[]> {
  const inputs = Object.fromEntries(
    graph.inputs.map((name, i) => {
      const shape = graph.values.get(name)!.shape!.map((dim) => (typeof dim === 'number' ? dim : 3))
      return [name, { data: noise(shape, 20 + i).read(), shape }]
    }),
  )
  await using host = await openHostModel(graph)
  const outputs = await host.run(inputs)
  return graph.outputs.flatMap((name) => [...outputs[name]!.data])
}

const images = { x: ['N', 4, 5, 6] }
const swap = { perm: [0, 2, 3, 1] }
const back = { perm: [0, 3, 1, 2] }

const cases: readonly [string, readonly string[], GraphRows, readonly string[]][] = [
  [
    'transposes around activations and sums cancel',
    ['cancel-transposes'],
    {
      inputs: images,
      outputs: 'y',
      constants: { two: scalar(2) },
      nodes: [
        ['Transpose', 'x', 'a', swap],
        ['Relu', 'a', 'b'],
        ['Mul', 'b two', 'c'],
        ['Transpose', 'c', 'y', back],
      ],
    },
    ['Relu', 'Mul'],
  ],
  [
    'transposes of both sides of a sum become one, and that cancels',
    ['cancel-transposes'],
    {
      inputs: { ...images, z: ['N', 4, 5, 6] },
      outputs: 'y',
      nodes: [
        ['Transpose', 'x', 'a', swap],
        ['Transpose', 'z', 'b', swap],
        ['Add', 'a b', 'c'],
        ['Transpose', 'c', 'd', back],
        ['Sigmoid', 'd', 'y'],
      ],
    },
    ['Add', 'Sigmoid'],
  ],
  [
    'a transpose that finds no other stays where it is',
    ['cancel-transposes'],
    {
      inputs: images,
      outputs: 'y',
      nodes: [
        ['Transpose', 'x', 'a', swap],
        ['Relu', 'a', 'b'],
        ['Softmax', 'b', 'y'],
      ],
    },
    ['Transpose', 'Relu', 'Softmax'],
  ],
  [
    'a constant that has the layout keeps its transpose',
    ['cancel-transposes'],
    {
      inputs: images,
      outputs: 'y',
      constants: { c: noise([4], 3) },
      nodes: [
        ['Transpose', 'x', 'a', swap],
        ['Add', 'a c', 'b'],
        ['Transpose', 'b', 'y', back],
      ],
    },
    ['Transpose', 'Add', 'Transpose'],
  ],
  [
    'arithmetic without effect',
    ['remove-identities'],
    {
      inputs: images,
      outputs: 'y',
      constants: { zero: scalar(0), one: f32Tensor([4, 1, 1], new Float32Array(4).fill(1)) },
      nodes: [
        ['Add', 'x zero', 'a'],
        ['Mul', 'one a', 'b'],
        ['Sigmoid', 'b', 'c'],
        ['Relu', 'c', 'd'],
        ['MaxPool', 'd', 'e', { kernel_shape: [1, 1] }],
        ['Div', 'e one', 'y'],
      ],
    },
    ['Sigmoid'],
  ],
  [
    'a constant that widens the shape is not without effect',
    ['remove-identities'],
    {
      inputs: { x: ['N', 1, 5, 6] },
      outputs: 'y',
      constants: { one: f32Tensor([4, 1, 1], new Float32Array(4).fill(1)) },
      nodes: [['Mul', 'x one', 'y']],
    },
    ['Mul'],
  ],
  [
    'what is computed twice',
    ['remove-identities'],
    {
      inputs: images,
      outputs: 'y',
      nodes: [
        ['Relu', 'x', 'a'],
        ['Relu', 'x', 'b'],
        ['Tanh', 'a', 'c'],
        ['Tanh', 'b', 'd'],
        ['Add', 'c d', 'y'],
      ],
    },
    ['Relu', 'Tanh', 'Add'],
  ],
  [
    'dense after dense',
    ['canonical-linear', 'fuse-linear'],
    {
      inputs: { x: ['N', 12] },
      outputs: 'y',
      constants: { w: noise([20, 12], 1), b: noise([20], 2), v: noise([6, 20], 3), c: noise([6], 4) },
      nodes: [
        ['Gemm', 'x w b', 'a', { transB: 1 }],
        ['Gemm', 'a v c', 'y', { transB: 1 }],
      ],
    },
    ['Gemm'],
  ],
  [
    'a 1x1 convolution after one with padding',
    ['canonical-linear', 'fuse-linear'],
    {
      inputs: images,
      outputs: 'y',
      constants: { w: noise([9, 4, 3, 3], 1), b: noise([9], 2), v: noise([3, 9, 1, 1], 3) },
      nodes: [
        ['Conv', 'x w b', 'a', { pads: [1, 1, 1, 1], strides: [2, 2] }],
        ['Conv', 'a v', 'y'],
      ],
    },
    ['Conv'],
  ],
  [
    'a bottleneck is cheaper in two',
    ['canonical-linear', 'fuse-linear'],
    {
      inputs: { x: ['N', 12] },
      outputs: 'y',
      constants: { w: noise([2, 12], 1), v: noise([16, 2], 3) },
      nodes: [
        ['Gemm', 'x w', 'a', { transB: 1 }],
        ['Gemm', 'a v', 'y', { transB: 1 }],
      ],
    },
    ['Gemm', 'Gemm'],
  ],
]

test.each(cases)('%s', async (_, passes, rows, expected) => {
  const graph = makeGraph(rows)
  const changed = await run(graph, ...passes)
  expect(changed.nodes.map(({ op }) => op)).toEqual(expected)
  const [found, wanted] = [await outputsOf(changed), await outputsOf(graph)]
  expect(found.length).toBe(wanted.length)
  expect(Math.max(...found.map((value, i) => Math.abs(value - wanted[i]!)))).toBeLessThan(1e-4)
})
