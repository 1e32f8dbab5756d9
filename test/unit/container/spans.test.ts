import { expect, test } from 'vitest'
import { ByteWriter } from '../../../src-main/base/bytes.ts'
import { AppError } from '../../../src-main/base/errors.ts'
import { memorySource } from '../../../src-main/base/source.ts'
import { writeNpz } from '../../../src-main/data/npz.ts'
import { npyTensor } from '../../../src-main/formats/container/npz-spans.ts'
import { piecesOf, tensorPieces } from '../../../src-main/formats/container/pieces.ts'
import { scanFile } from '../../../src-main/formats/container/scan.ts'
import { inOrder } from '../../../src-main/formats/container/span.ts'
import { writeOnnx } from '../../../src-main/formats/onnx/write.ts'
import { f32Tensor } from '../../../src-main/ir/tensor.ts'
import { graphOf } from '../../fixtures/onnx-graph.ts'

const weights = Float32Array.from({ length: 600 }, (_, i) => Math.sin(i) / 10)

test('raw_data of an ONNX initialiser is found where it is', () => {
  const graph = graphOf({
    inputs: { x: [1, 20] },
    constants: { w: f32Tensor([20, 30], weights) },
    nodes: [{ op: 'MatMul', in: ['x', 'w'], out: ['y'] }],
    outputs: ['y'],
  })
  const model = writeOnnx(graph, { quantization: 'drop' })
  const { format, tensors } = scanFile(memorySource('m.onnx', model))
  expect({ format, tensors: tensors.map(({ offset: _, ...rest }) => rest) }).toEqual({
    format: 'onnx',
    tensors: [{ name: 'w', dtype: 'f32', shape: [20, 30], length: 2400 }],
  })
  const { offset } = tensors[0]!
  expect(new Float32Array(model.slice(offset, offset + 2400).buffer)).toEqual(weights)
})

test('members of an npz that are deflated are named apart', () => {
  const npz = writeNpz({ w: { dtype: 'f32', shape: [20, 30], data: weights } })
  const { format, tensors, deflated } = scanFile(memorySource('w.npz', npz))
  expect({ format, tensors, deflated }).toEqual({
    format: 'npz',
    tensors: [],
    deflated: [{ name: 'w.npy', offset: 35, length: deflated[0]!.length, inflatedBytes: 2528 }],
  })
})

test.each([
  ['<f4', 'f32', 4],
  ['|i1', 'i8', 1],
  ['<i8', 'i64', 8],
] as const)('a NumPy array of %s', (descr, dtype, width) => {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (3, 4), }`.padEnd(117)
  const head = new ByteWriter().raw(Buffer.from('\x93NUMPY\x01\x00', 'latin1')).u16(118).text(`${header}\n`).finish()
  expect(npyTensor(head, 128 + 12 * width)).toEqual({ offset: 128, length: 12 * width, dtype, shape: [3, 4] })
})

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a text', Buffer.from('{"weights": [1, 2, 3]}')],
])('%s is refused', (_, bytes) => {
  expect(() => scanFile(memorySource('file', bytes))).toThrow(expect.objectContaining({ code: 'model.noWeights' }))
})

test('a TFLite file that ends too early is refused', () => {
  const bytes = new ByteWriter().u32(4000).text('TFL3').finish()
  expect(() => scanFile(memorySource('m.tflite', bytes))).toThrow(AppError)
})

test('of spans that overlap the first is kept', () => {
  const spans = [
    { offset: 10, length: 10 },
    { offset: 0, length: 12 },
    { offset: 12, length: 3 },
    { offset: 40, length: 0 },
  ]
  expect(inOrder(spans)).toEqual([
    { offset: 0, length: 12 },
    { offset: 12, length: 3 },
  ])
})

test('pieces cover the file once, in order, whatever the spans', () => {
  const tensor = { name: 'w', dtype: 'f32' as const, shape: [3000, 1000], offset: 100, length: 12e6 }
  const zip = { name: 'm', offset: 13e6, length: 9e6, inflatedBytes: 1e7 }
  const size = 23e6
  for (const reopened of [true, false]) {
    const pieces = [...piecesOf({ tensors: [tensor], deflated: [zip] }, size, () => reopened)]
    let at = 0
    for (const { offset, length } of pieces) {
      expect(offset).toBe(at)
      at += length
    }
    expect(at).toBe(size)
  }
})

test.each([
  [[3000, 1000], 1000, 1000],
  [[64, 3, 3, 8], 72, 8],
  [[100000], 256, 256],
  [[700], 700, 700],
  [[7, 3], 100, 100],
] as const)('rows of %j', (shape, cols, inner) => {
  const length = 4 * (shape.join() === '7,3' ? 100 : (shape as readonly number[]).reduce((a, b) => a * b, 1))
  const [piece] = tensorPieces({ name: 'w', offset: 0, length, dtype: 'f32', shape })
  expect({ cols: piece!.cols, inner: piece!.inner }).toEqual({ cols, inner })
})
