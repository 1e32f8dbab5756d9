// What each folding pass makes of small graphs: the printed graph as a golden file, and the same numbers out before and
// after on ONNX Runtime.
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src-main/base/clock.ts'
import { textOf } from '../../src-main/base/note.ts'
import { openHostModel } from '../../src-main/engine/host-model.ts'
import type { Graph } from '../../src-main/ir/graph.ts'
import { printGraph } from '../../src-main/ir/print.ts'
import { f32Tensor, readFloats } from '../../src-main/ir/tensor.ts'
import { referenceKernels } from '../../src-main/kernels/reference/kernels.ts'
import { runRecipe } from '../../src-main/passes/pipeline.ts'
import { fixedGrid } from '../../src-main/passes/quantize/grid.ts'
import { presetRecipe, readRecipe } from '../../src-main/passes/recipe.ts'
import {
  batchNormConstants,
  batchNormInputs,
  type GraphRows,
  ints,
  makeGraph,
  noise,
  positive,
  scalar,
} from '../unit/passes/graphs.ts'

interface Case extends GraphRows {
  readonly name: string
}

const image = { x: ['N', 3, 8, 8] }
const pool = { kernel_shape: [2, 2], strides: [2, 2] }

const cases: readonly Case[] = [
  {
    name: 'conv-batch-norm',
    inputs: image,
    outputs: 'y',
    constants: { w: noise([4, 3, 3, 3]), b: noise([4]), ...batchNormConstants(4) },
    nodes: [
      ['Conv', 'x w b', 'c', { pads: [1, 1, 1, 1] }],
      ['BatchNormalization', batchNormInputs('c'), 'n', { epsilon: 0.001 }],
      ['Relu', 'n', 'y'],
    ],
  },
  {
    name: 'depthwise-batch-norm',
    inputs: { x: ['N', 4, 8, 8] },
    outputs: 'y',
    constants: { w: noise([8, 1, 3, 3]), ...batchNormConstants(8) },
    nodes: [
      ['Conv', 'x w', 'c', { group: 4 }],
      ['BatchNormalization', batchNormInputs('c'), 'y'],
    ],
  },
  {
    name: 'transposed-conv-batch-norm',
    inputs: { x: ['N', 4, 5, 5] },
    outputs: 'y',
    constants: { w: noise([4, 3, 2, 2]), b: noise([6]), ...batchNormConstants(6) },
    nodes: [
      ['ConvTranspose', 'x w b', 'c', { group: 2, strides: [2, 2] }],
      ['BatchNormalization', batchNormInputs('c'), 'y'],
    ],
  },
  {
    name: 'batch-norm-before-conv',
    inputs: { x: ['N', 4, 6, 6] },
    outputs: 'y z',
    constants: { w: noise([6, 2, 3, 3]), b: noise([6]), ...batchNormConstants(4) },
    nodes: [
      ['BatchNormalization', batchNormInputs('x'), 'n'],
      ['Conv', 'n w b', 'y', { group: 2 }],
      ['BatchNormalization', batchNormInputs('x'), 'p'],
      ['Conv', 'p w b', 'z', { group: 2, pads: [1, 1, 1, 1] }],
    ],
  },
  {
    name: 'scale-before-conv',
    inputs: image,
    outputs: 'y z',
    constants: { w: noise([4, 3, 3, 3]), s: scalar(1 / 255), m: noise([1, 3, 1, 1], 7), v: positive([3, 1, 1]) },
    nodes: [
      ['Mul', 's x', 'a'],
      ['Sub', 'a m', 'b'],
      ['Div', 'b v', 'c'],
      ['Conv', 'c w', 'y'],
      ['Sub', 'm x', 'd'],
      ['Conv', 'd w', 'z', { pads: [1, 1, 1, 1] }],
    ],
  },
  {
    name: 'scale-after-conv',
    inputs: image,
    outputs: 'y',
    constants: { w: noise([4, 3, 1, 1]), k: noise([4, 1, 1]), s: noise([1, 4, 1, 1], 5), d: scalar(2) },
    nodes: [
      ['Conv', 'x w', 'c'],
      ['Mul', 'c k', 'm'],
      ['Sub', 's m', 't'],
      ['Div', 't d', 'y'],
    ],
  },
  {
    name: 'matmul-add',
    inputs: { x: ['N', 5] },
    outputs: 'y z',
    constants: { w: noise([5, 3]), b: noise([3]), v: noise([3, 4]), c: noise([1, 4], 9) },
    nodes: [
      ['MatMul', 'x w', 'p'],
      ['Add', 'b p', 'y'],
      ['Gemm', 'y v c', 'z', { alpha: 0.5, beta: 2 }],
    ],
  },
  {
    name: 'gemm-batch-norm',
    inputs: { x: ['N', 5] },
    outputs: 'y',
    constants: { w: noise([5, 3]), ...batchNormConstants(3) },
    nodes: [
      ['Gemm', 'x w', 'g'],
      ['BatchNormalization', batchNormInputs('g'), 'y'],
    ],
  },
  {
    name: 'pad-conv',
    inputs: image,
    outputs: 'y',
    constants: { w: noise([4, 3, 3, 3]), pads: ints(0, 0, 1, 0, 0, 0, 1, 2) },
    nodes: [
      ['Pad', 'x pads', 'p'],
      ['Conv', 'p w', 'y', { pads: [0, 1, 0, 0], strides: [2, 2] }],
    ],
  },
  {
    name: 'pad-pools',
    inputs: image,
    outputs: 'a m r k',
    constants: { pads: ints(0, 0, 1, 1, 0, 0, 1, 1), one: scalar(1) },
    nodes: [
      ['Pad', 'x pads', 'p'],
      ['AveragePool', 'p', 'a', pool],
      ['MaxPool', 'p', 'm', pool],
      ['Relu', 'x', 'x0'],
      ['Pad', 'x0 pads', 'q'],
      ['MaxPool', 'q', 'r', pool],
      ['Pad', 'x pads one', 's'],
      ['AveragePool', 's', 'k', pool],
    ],
  },
  {
    name: 'clamps',
    inputs: image,
    outputs: 'y r m',
    constants: { low: scalar(0), high: scalar(6), big: scalar(3.4028234663852886e38) },
    nodes: [
      ['Clip', 'x low big', 'r'],
      ['Relu', 'x', 'a'],
      ['Clip', 'a _ high', 'y'],
      ['Max', 'x low', 'b'],
      ['Min', 'b high', 'm'],
    ],
  },
  {
    name: 'hard-swish',
    inputs: image,
    outputs: 'a b c d',
    constants: { three: scalar(3), zero: scalar(0), six: scalar(6), sixth: scalar(1 / 6) },
    nodes: [
      ['Add', 'x three', 'p'],
      ['Clip', 'p zero six', 'q'],
      ['Mul', 'x q', 'r'],
      ['Div', 'r six', 'a'],
      ['Add', 'three x', 'p2'],
      ['Clip', 'p2 zero six', 'q2'],
      ['Mul', 'q2 sixth', 'r2'],
      ['Mul', 'r2 x', 'b'],
      ['HardSigmoid', 'x', 'h', { alpha: 1 / 6, beta: 0.5 }],
      ['Mul', 'x h', 'c'],
      ['HardSigmoid', 'x', 'h2', { alpha: 0.2, beta: 0.5 }],
      ['Mul', 'x h2', 'd'],
    ],
  },
  {
    name: 'shape-arithmetic',
    inputs: image,
    outputs: 'y',
    constants: { zero: ints(0), rest: ints(-1), axes: ints(0), half: scalar(0.5), quarter: scalar(0.25) },
    nodes: [
      ['Shape', 'x', 's'],
      ['Gather', 's zero', 'n'],
      ['Concat', 'n rest', 't', { axis: 0 }],
      ['Reshape', 'x t', 'f'],
      ['Add', 'half quarter', 'k'],
      ['Mul', 'f k', 'y'],
    ],
  },
  {
    name: 'identity-between',
    inputs: image,
    outputs: 'y',
    constants: { w: noise([4, 3, 1, 1]), ...batchNormConstants(4) },
    nodes: [
      ['Conv', 'x w', 'c'],
      ['Identity', 'c', 'i'],
      ['BatchNormalization', batchNormInputs('i'), 'n'],
      ['Dropout', 'n', 'y'],
    ],
  },
  {
    name: 'higher-rank-scalar',
    inputs: { x: ['N', 4] },
    outputs: 'y',
    constants: { low: f32Tensor([1, 1, 1], [0]) },
    nodes: [['Max', 'x low', 'y']],
  },
  {
    name: 'quantized-parts',
    inputs: image,
    outputs: 'y s',
    constants: {
      w: noise([4, 3, 3, 3]),
      low: scalar(0),
      pads: ints(0, 0, 1, 1, 0, 0, 1, 1),
      ...batchNormConstants(4),
    },
    quants: {
      x: fixedGrid(0.05, 3),
      p: fixedGrid(0.05, 3),
      i: fixedGrid(0.0731, 3),
      c: fixedGrid(0.25, 0),
      n: fixedGrid(0.25, 0),
    },
    nodes: [
      ['Pad', 'x pads', 'p'],
      ['Identity', 'p', 'i'],
      ['Conv', 'i w', 'c'],
      ['BatchNormalization', batchNormInputs('c'), 'n'],
      ['Clip', 'n low', 'y'],
      ['Conv', 'p w', 's'],
    ],
  },
  {
    name: 'dead-and-empty',
    inputs: image,
    outputs: 'y i',
    constants: {
      w: positive([4, 3, 1, 1]),
      flat: ints(0, -1),
      back: ints(-1, 4, 8, 8),
      none: ints(0, 0, 0, 0, 0, 0, 0, 0),
    },
    nodes: [
      ['Identity', 'x', 'i'],
      ['Conv', 'x w', 'c'],
      ['Dropout', 'c', 'd mask'],
      ['Transpose', 'd', 't', { perm: [0, 2, 3, 1] }],
      ['Transpose', 't', 'u', { perm: [0, 3, 1, 2] }],
      ['Reshape', 'u flat', 'f'],
      ['Reshape', 'f back', 'g'],
      ['Pad', 'g none', 'p'],
      ['Relu', 'p', 'r'],
      ['Relu', 'r', 'q'],
      ['Identity', 'q', 'y'],
      ['Sigmoid', 'c', 'unread'],
    ],
  },
]

const float = presetRecipe('float')!
const context = { calibration: null, engine: { open: openHostModel }, kernels: referenceKernels, clock: systemClock }

describe.each(cases)('$name', ({ name, ...rows }) => {
  const graph = makeGraph(rows)

  test('printed', async () => {
    const folded = await runRecipe(graph, float, context)
    const notes = folded.steps.flatMap((step) => step.notes.map((note) => `# ${step.pass}: ${textOf(note)}\n`)).join('')
    await expect(notes + printGraph(folded.graph)).toMatchFileSnapshot(`passes/${name}.txt`)
  })

  test('same numbers', async () => {
    const folded = await runRecipe(graph, float, context)
    expect(await largestDifference(graph, folded.graph)).toBeLessThan(1e-5)
  })

  test('a second time changes nothing', async () => {
    const once = await runRecipe(graph, float, context)
    const twice = await runRecipe(once.graph, readRecipe(float), context)
    expect(printGraph(twice.graph)).toBe(printGraph(once.graph))
  })
})

/** Largest difference of any output, over the largest element of that output. */
async function largestDifference(a: Graph, b: Graph): Promise<number> {
  const inputs = Object.fromEntries(
    a.inputs.map((name, i) => {
      const shape = a.values.get(name)!.shape!.map((dim) => (typeof dim === 'number' ? dim : 2))
      return [name, { data: readFloats(noise(shape, 100 + i, 3)), shape }]
    }),
  )
  await using before = await openHostModel(a)
  await using after = await openHostModel(b)
  const [expected, found] = [await before.run(inputs), await after.run(inputs)]
  const ratios = a.outputs.map((name) => {
    const [x, y] = [expected[name]!, found[name]!]
    expect(y.shape).toEqual(x.shape)
    const size = x.data.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-6)
    return x.data.reduce((most, v, i) => Math.max(most, Math.abs(v - y.data[i]!)), 0) / size
  })
  return Math.max(...ratios)
}
