import { describe, expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import { roundHalfEven } from '../../../src-main/base/round.ts'
import { graphMacs, layerTable } from '../../../src-main/ir/cost.ts'
import type { Graph, Quantization } from '../../../src-main/ir/graph.ts'
import { inferShapes } from '../../../src-main/ir/infer.ts'
import { printGraph } from '../../../src-main/ir/print.ts'
import { dequantizeTensor, quantizeTensor } from '../../../src-main/ir/quantize.ts'
import {
  bindBatch,
  redirect,
  removeDead,
  renameValue,
  replaceNodes,
  withConstants,
  withValue,
} from '../../../src-main/ir/rewrite.ts'
import { f32Tensor, i64Tensor, readNumbers, tensor } from '../../../src-main/ir/tensor.ts'
import { verify } from '../../../src-main/ir/verify.ts'
import { graphOf, randomTensor } from '../../fixtures/onnx-graph.ts'

const small = () =>
  inferShapes(
    graphOf({
      inputs: { x: ['N', 3, 8, 8] },
      constants: {
        w: randomTensor([4, 3, 3, 3], 1),
        b: randomTensor([4], 2),
        unused: f32Tensor([1], [1]),
        shape: i64Tensor([2], [0, -1]),
      },
      nodes: [
        { op: 'Conv', in: ['x', 'w', 'b'], out: ['c'], name: 'conv' },
        { op: 'Relu', in: ['c'], out: ['r'], name: 'relu' },
        { op: 'Neg', in: ['c'], out: ['dead'], name: 'dead' },
        { op: 'Reshape', in: ['r', 'shape'], out: ['y'], name: 'flat' },
      ],
      outputs: ['y'],
    }),
  )

describe('edits', () => {
  test('removeDead drops nodes, constants and values nobody needs', () => {
    const graph = removeDead(small())
    expect(printGraph(graph)).toMatchSnapshot()
    expect([...graph.values.keys()].sort()).toEqual(['b', 'c', 'r', 'shape', 'w', 'x', 'y'])
    verify(graph)
  })

  test('bindBatch makes the batch a number everywhere', () => {
    const shapes = [...bindBatch(small(), 4).values.values()].map(({ name, shape }) => `${name} ${shape}`)
    expect(shapes.sort()).toEqual([
      'b 4',
      'c 4,4,6,6',
      'dead 4,4,6,6',
      'r 4,4,6,6',
      'shape 2',
      'unused 1',
      'w 4,3,3,3',
      'x 4,3,8,8',
      'y 4,144',
    ])
  })

  test('a node gives way to others, in any order', () => {
    const graph = small()
    const relu = graph.nodes[1]!
    const clip = { ...relu, name: 'clip', op: 'Abs', inputs: ['t'] }
    const before = { ...relu, name: 'before', op: 'Neg', outputs: ['t'] }
    const changed = inferShapes(replaceNodes(graph, new Map([[relu, [clip, before]]])))
    expect(changed.nodes.map((node) => node.name)).toEqual(['conv', 'before', 'clip', 'dead', 'flat'])
    verify(changed)
    expect(graph.nodes).toHaveLength(4)
  })

  test('redirect and renameValue', () => {
    const graph = removeDead(redirect(small(), 'r', 'c'))
    expect(graph.nodes.map((node) => node.name)).toEqual(['conv', 'flat'])
    const renamed = renameValue(renameValue(graph, 'y', 'out'), 'w', 'weights')
    verify(renamed)
    expect([renamed.outputs, renamed.nodes[0]!.inputs]).toEqual([['out'], ['x', 'weights', 'b']])
  })

  test('withConstants keeps the quantisation of integers and drops it for floats', () => {
    const quant: Quantization = { dtype: 'i8', bits: 8, min: -127, max: 127, scale: [0.5], zeroPoint: [0], axis: null }
    const integers = tensor('i8', [1], Int8Array.of(3))
    const graph = withValue(small(), { name: 'unused', dtype: 'f32', shape: [1], quant })
    const quantized = withConstants(graph, [['unused', integers]])
    verify(quantized)
    expect(quantized.values.get('unused')!.quant).toBe(quant)
    expect(withConstants(quantized, [['unused', f32Tensor([1], [2])]]).values.get('unused')).toEqual({
      name: 'unused',
      dtype: 'f32',
      shape: [1],
    })
  })
})

test('cost: multiply-accumulates and parameters by node, once for a shared weight', () => {
  expect(layerTable(small())).toEqual([
    { node: 'conv', op: 'Conv', outputShape: ['N', 4, 6, 6], parameters: 112, weightBytes: 448, macs: 36 * 4 * 27 },
    { node: 'relu', op: 'Relu', outputShape: ['N', 4, 6, 6], parameters: 0, weightBytes: 0, macs: 0 },
    { node: 'dead', op: 'Neg', outputShape: ['N', 4, 6, 6], parameters: 0, weightBytes: 0, macs: 0 },
    { node: 'flat', op: 'Reshape', outputShape: ['N', 144], parameters: 0, weightBytes: 0, macs: 0 },
  ])
  expect([1, 5].map((size) => graphMacs(bindBatch(small(), size)))).toEqual([3888, 3888])
})

test('cost of grouped, transposed and matrix products', () => {
  const macs = (op: string, x: number[], w: number[], attrs = {}) =>
    graphMacs(
      inferShapes(
        graphOf({
          inputs: { x },
          constants: { w: randomTensor(w, 1) },
          nodes: [{ op, in: ['x', 'w'], out: ['y'], attrs }],
          outputs: ['y'],
        }),
      ),
    )
  expect([
    macs('Conv', [1, 8, 5, 5], [8, 1, 3, 3], { group: 8 }),
    macs('Conv', [1, 8, 10], [4, 8, 3], { strides: [2] }),
    macs('ConvTranspose', [1, 8, 5, 5], [8, 4, 2, 2], { strides: [2, 2] }),
    macs('Gemm', [1, 20], [20, 7]),
    macs('MatMul', [1, 6, 20], [20, 7]),
  ]).toEqual([9 * 8 * 9, 4 * 4 * 24, 25 * 8 * 16, 140, 840])
})

describe('verify names the fault', () => {
  const quant = (change: Partial<Quantization>): Quantization => ({
    ...{ dtype: 'i8', bits: 8, min: -128, max: 127, scale: [0.5], zeroPoint: [0], axis: null },
    ...change,
  })
  const withQuant = (change: Partial<Quantization>) =>
    withValue(small(), { ...small().values.get('c')!, quant: quant(change) })
  const faults: Record<string, Graph> = {
    'nodes in disorder': { ...small(), nodes: small().nodes.toReversed() },
    'two nodes of one name': { ...small(), nodes: small().nodes.map((node) => ({ ...node, name: 'same' })) },
    'a value made twice': { ...small(), inputs: ['x', 'c'] },
    'a missing constant': { ...small(), constants: new Map() },
    'an output nobody makes': { ...small(), outputs: ['z'] },
    'a value without type': { ...small(), values: new Map() },
    'a constant of another shape': withValue(small(), { name: 'w', dtype: 'f32', shape: [1] }),
    'a constant of another type': withValue(small(), { name: 'w', dtype: 'i8', shape: [4, 3, 3, 3] }),
    'scales without axis': withQuant({ scale: [1, 2], zeroPoint: [0, 0] }),
    'scales that do not fit the axis': withQuant({ scale: [1, 2], zeroPoint: [0, 0], axis: 1 }),
    'a scale of 0': withQuant({ scale: [0] }),
    'a scale that float32 does not have': withQuant({ scale: [0.1] }),
    'a zero point outside the type': withQuant({ zeroPoint: [200] }),
    'a range outside the type': withQuant({ max: 255 }),
  }
  test.each(Object.keys(faults))('%s', (name) => {
    const check = () => verify(faults[name]!)
    expect(check).toThrow(AppError)
    expect(check).toThrowErrorMatchingSnapshot()
  })

  test('a sound graph passes', () => {
    verify(small())
    verify(withQuant({ scale: [1, 2, 3, 4], zeroPoint: [0, 0, 0, 0], axis: 1 }))
  })
})

test('constants to integers and back, along an axis, ties to even', () => {
  const quant: Quantization = { dtype: 'i8', bits: 8, min: -127, max: 127, scale: [0.5, 2], zeroPoint: [0, 1], axis: 1 }
  const integers = quantizeTensor(f32Tensor([2, 2], [0.25, 3, 0.75, -1000]), quant)
  expect(readNumbers(integers)).toEqual([0, 3, 2, -127])
  expect(readNumbers(dequantizeTensor(integers, quant))).toEqual([0, 4, 1, -256])
  expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4999].map(roundHalfEven).map((v) => v + 0)).toEqual(
    [-2, -2, -0, 0, 2, 2, 2].map((v) => v + 0),
  )
})

test('a chain that doubles its symbol stays small', () => {
  const nodes = Array.from({ length: 60 }, (_, i) => ({
    op: 'Concat',
    in: [`v${i}`, `v${i}`],
    out: [`v${i + 1}`],
    attrs: { axis: 0 },
  }))
  const graph = inferShapes(graphOf({ inputs: { v0: ['N'] }, nodes, outputs: ['v60'] }))
  expect(Math.max(...[...graph.values.values()].map(({ shape }) => String(shape).length))).toBeLessThan(210)
})
