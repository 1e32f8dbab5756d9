import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../../../src-main/base/errors.ts'
import { fileSource, memorySource } from '../../../../src-main/base/source.ts'
import { readTflite } from '../../../../src-main/formats/tflite/read.ts'
import { builtinOperators } from '../../../../src-main/formats/tflite/schema.ts'
import { readNumbers, type Tensor } from '../../../../src-main/ir/tensor.ts'
import { type ModelSpec, writeTflite } from './write-tflite.ts'

const read = (model: ModelSpec) => readTflite(memorySource('case.tflite', writeTflite(model)))
const q = (scale: number, zeroPoint: number) => ({ scale: [scale], zeroPoint: [zeroPoint] })
const i8 = (name: string, shape: number[], scale: number, zeroPoint: number) => ({
  name,
  shape,
  type: 'INT8',
  quant: q(scale, zeroPoint),
})
const f32 = (name: string, shape: number[]) => ({ name, shape })
const errorOf = (run: () => unknown) => {
  try {
    run()
    return 'nothing thrown'
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
}

test('operator numbers are those of the schema', () => {
  const numbers = ['ADD', 'CUSTOM', 'MEAN', 'PADV2', 'SUM', 'QUANTIZE', 'HARD_SWISH', 'BATCH_MATMUL']
  expect(numbers.map((name) => builtinOperators.indexOf(name))).toEqual([0, 32, 40, 60, 74, 114, 117, 126])
})

const edged: ModelSpec = {
  tensors: [
    f32('in', [1, 2, 2, 2]),
    i8('in_q', [1, 2, 2, 2], 0.5, 3),
    {
      name: 'filter',
      shape: [2, 1, 1, 2],
      type: 'INT8',
      data: Int8Array.of(1, 2, 3, 4),
      quant: { scale: [0.25, 0.125], zeroPoint: [0, 0] },
    },
    {
      name: 'bias',
      shape: [2],
      type: 'INT32',
      data: Int32Array.of(10, -20),
      quant: { scale: [0.125, 0.0625], zeroPoint: [0, 0] },
    },
    i8('conv', [1, 2, 2, 2], 0.75, -5),
    f32('out', [1, 2, 2, 2]),
  ],
  operators: [
    { op: 'QUANTIZE', inputs: ['in'], outputs: ['in_q'] },
    {
      op: 'CONV_2D',
      inputs: ['in_q', 'filter', 'bias'],
      outputs: ['conv'],
      options: { padding: 1, strideH: 1, strideW: 1, fused: 1 },
    },
    { op: 'DEQUANTIZE', inputs: ['conv'], outputs: ['out'] },
  ],
  inputs: ['in'],
  outputs: ['out'],
}

test('QUANTIZE and DEQUANTIZE at the edges become properties of the values', () => {
  const graph = read(edged)
  const scales = [...graph.values.values()].map((v) => [v.name, v.quant?.scale, v.quant?.zeroPoint, v.quant?.axis])
  expect({ nodes: graph.nodes.map((n) => n.op), inputs: graph.inputs, outputs: graph.outputs, scales }).toEqual({
    nodes: ['Transpose', 'Conv', 'Relu', 'Transpose'],
    inputs: ['in'],
    outputs: ['out'],
    scales: [
      ['in', [0.5], [3], null],
      ['in/nchw', [0.5], [3], null],
      ['filter', [0.25, 0.125], [0, 0], 0],
      ['bias', [0.125, 0.0625], [0, 0], 0],
      ['out/linear', [0.75], [-5], null],
      ['out/nchw', [0.75], [-5], null],
      ['out', [0.75], [-5], null],
    ],
  })
})

test('constants keep their integers', () => {
  const graph = read(edged)
  const held = [...graph.constants].map(([name, t]) => [name, t.dtype, t.shape, readNumbers(t)])
  expect(held).toEqual([
    ['filter', 'i8', [2, 2, 1, 1], [1, 2, 3, 4]],
    ['bias', 'i32', [2], [10, -20]],
  ])
})

test('a depthwise filter is [C * multiplier, 1, h, w] and its channel axis 0', () => {
  const filter = Uint8Array.from({ length: 8 }, (_, i) => i)
  const graph = read({
    tensors: [
      { name: 'in', shape: [1, 2, 2, 2], type: 'UINT8', quant: q(1, 7) },
      {
        name: 'f',
        shape: [1, 2, 2, 2],
        type: 'UINT8',
        data: filter,
        quant: { scale: [1, 2], zeroPoint: [9, 9], axis: 3 },
      },
      { name: 'out', shape: [1, 1, 1, 2], type: 'UINT8', quant: q(2, 1) },
    ],
    operators: [
      {
        op: 'DEPTHWISE_CONV_2D',
        inputs: ['in', 'f', ''],
        outputs: ['out'],
        options: { padding: 1, strideH: 1, strideW: 1 },
      },
    ],
    inputs: ['in'],
    outputs: ['out'],
  })
  const t = graph.constants.get('f')!
  const { quant } = graph.values.get('f')!
  expect([t.dtype, t.shape, readNumbers(t), quant?.axis, quant?.zeroPoint, graph.nodes[1]?.attrs.group]).toEqual([
    'u8',
    [2, 1, 2, 2],
    [0, 2, 4, 6, 1, 3, 5, 7],
    0,
    [9, 9],
    2,
  ])
})

test('a float operator with int8 weights gets float weights', () => {
  const graph = read({
    tensors: [
      f32('in', [1, 2]),
      { name: 'w', shape: [1, 2], type: 'INT8', data: Int8Array.of(4, -6), quant: q(0.5, 0) },
      f32('out', [1, 1]),
    ],
    operators: [{ op: 'FULLY_CONNECTED', inputs: ['in', 'w', ''], outputs: ['out'] }],
    inputs: ['in'],
    outputs: ['out'],
  })
  expect([
    graph.values.get('w')?.quant,
    graph.constants.get('w')?.dtype,
    readNumbers(graph.constants.get('w')!),
  ]).toEqual([undefined, 'f32', [2, -3]])
})

test('half-float weights behind a DEQUANTIZE are float weights, and the batch stays free', () => {
  const graph = read({
    tensors: [
      f32('in', [1, 2]),
      { name: 'w16', shape: [1, 2], type: 'FLOAT16', data: Uint8Array.of(0, 0x3c, 0, 0xc1) },
      f32('w', [1, 2]),
      f32('out', [1, 1]),
    ],
    operators: [
      { op: 'DEQUANTIZE', inputs: ['w16'], outputs: ['w'] },
      { op: 'FULLY_CONNECTED', inputs: ['in', 'w', ''], outputs: ['out'] },
    ],
    inputs: ['in'],
    outputs: ['out'],
  })
  const [[name, t]] = [...graph.constants] as [[string, Tensor]]
  expect([graph.nodes.map((n) => n.op), name, t.dtype, readNumbers(t), graph.values.get('in')?.shape]).toEqual([
    ['Gemm'],
    'w16',
    'f32',
    [1, -2.5],
    ['N', 2],
  ])
})

test('a change of scale stays as Identity between two quantised values', () => {
  const graph = read({
    tensors: [i8('in', [1, 4], 0.5, 0), i8('out', [1, 4], 0.25, 1)],
    operators: [{ op: 'QUANTIZE', inputs: ['in'], outputs: ['out'] }],
    inputs: ['in'],
    outputs: ['out'],
  })
  const quants = ['in', 'out'].map((name) => graph.values.get(name)?.quant?.scale)
  expect([graph.nodes.map((n) => n.op), quants]).toEqual([['Identity'], [[0.5], [0.25]]])
})

test('an unknown operator is kept by name and the batch stays 1', () => {
  const graph = read({
    tensors: [f32('in', [1, 2, 2, 1]), f32('out', [1, 4])],
    operators: [{ op: 'Mystery', inputs: ['in'], outputs: ['out'] }],
    inputs: ['in'],
    outputs: ['out'],
  })
  expect([graph.nodes.map((n) => [n.domain, n.op, n.inputs]), graph.values.get('in')?.shape]).toEqual([
    [['tflite', 'Mystery', ['in']]],
    [1, 2, 2, 1],
  ])
})

test('a shape computed at run time for a RESHAPE goes away', () => {
  const graph = read({
    tensors: [f32('in', [1, 2, 3]), { name: 'size', shape: [3], type: 'INT32' }, f32('out', [1, 6])],
    operators: [
      { op: 'SHAPE', inputs: ['in'], outputs: ['size'] },
      { op: 'RESHAPE', inputs: ['in', 'size'], outputs: ['out'] },
    ],
    inputs: ['in'],
    outputs: ['out'],
  })
  expect([graph.nodes.map((n) => n.op), graph.values.get('out')?.shape]).toEqual([['Reshape'], ['N', 6]])
})

describe('damaged models', () => {
  const relu = (inputs: string[], outputs: string[]) => ({ op: 'RELU', inputs, outputs })
  const base = { tensors: [f32('a', [1, 2]), f32('b', [1, 2]), f32('c', [1, 2])], inputs: ['a'], outputs: ['b'] }
  const sliced = writeTflite({ ...base, operators: [relu(['a'], ['b'])] })
  test.each([
    ['a cycle', () => read({ ...base, operators: [relu(['c'], ['b']), relu(['b'], ['c'])] }), 'model.missingValue'],
    [
      'made twice',
      () => read({ ...base, operators: [relu(['a'], ['b']), relu(['a'], ['b'])] }),
      'model.duplicateValue',
    ],
    ['nothing makes the output', () => read({ ...base, operators: [] }), 'model.missingValue'],
    ['no input', () => read({ ...base, operators: [relu([], ['b'])] }), 'model.shape'],
    ['cut short', () => readTflite(memorySource('t', sliced.subarray(0, 100))), 'model.truncated'],
    ['empty', () => readTflite(memorySource('t', new Uint8Array(0))), 'model.malformed'],
    [
      'a constant of the wrong size',
      () =>
        read({
          ...base,
          tensors: [f32('a', [1, 2]), { name: 'b', shape: [1, 9], data: Float32Array.of(1) }],
          operators: [],
        }),
      'model.malformed',
    ],
    [
      'shapes that disagree',
      () =>
        read({
          ...base,
          tensors: [f32('a', [1, 2]), f32('b', [1, 3])],
          operators: [{ op: 'RESHAPE', inputs: ['a'], outputs: ['b'] }],
        }),
      'model.shape',
    ],
  ] as const)('%s', (_name, run, code) => expect(errorOf(run)).toBe(code))
})

const shared = fileURLToPath(new URL('../../../../../shared/models/', import.meta.url))
const present = existsSync(shared)
if (!present) console.info(`skipped: there is no ${shared}`)

test.skipIf(!present).each([
  [
    'kws_ref_model.tflite',
    'Transpose Conv Relu Conv Relu Conv Relu Conv Relu Conv Relu Conv Relu Conv Relu Conv Relu Conv Relu AveragePool Reshape Gemm Softmax',
    true,
  ],
  [
    'kws_ref_model_float32.tflite',
    'Transpose Conv Relu Conv Relu Conv Relu Conv Relu Conv Relu Conv Relu Conv Relu Conv Relu Conv Relu AveragePool Reshape Gemm Softmax',
    false,
  ],
  [
    'pretrainedResnet.tflite',
    'Transpose Conv Relu Conv Relu Conv Add Relu Conv Relu Conv Conv Add Relu Conv Relu Conv Conv Add Relu AveragePool Reshape Gemm Softmax',
    false,
  ],
  [
    'pretrainedResnet_quant.tflite',
    'Transpose Conv Relu Conv Relu Conv Add Relu Conv Relu Conv Conv Add Relu Conv Relu Conv Conv Add Relu AveragePool Reshape Gemm Softmax',
    true,
  ],
])('%s: one transpose, symbolic batch, all values quantised or none', (name, ops, quantised) => {
  const source = fileSource(`${shared}${name}`)
  const graph = readTflite(source)
  const made = graph.nodes.flatMap((n) => n.outputs).map((v) => graph.values.get(v)!)
  source.close()
  expect({
    ops: graph.nodes.map((n) => n.op).join(' '),
    batch: graph.values.get(graph.inputs[0]!)?.shape?.[0],
    quantised: made.every((v) => (v.quant !== undefined) === quantised),
  }).toEqual({ ops, batch: 'N', quantised: true })
})
