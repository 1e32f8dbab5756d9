// Whatever the bytes, reading a TFLite file ends in a graph or in an error of the catalogue, soon and in little memory.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AppError } from '../../src-main/base/errors.ts'
import { memorySource } from '../../src-main/base/source.ts'
import { readTflite } from '../../src-main/formats/tflite/read.ts'
import { builtinOperators, optionFields } from '../../src-main/formats/tflite/schema.ts'
import { inferShapes } from '../../src-main/ir/infer.ts'
import { rawBytes } from '../../src-main/ir/tensor.ts'
import { verify } from '../../src-main/ir/verify.ts'
import { type TensorSpec, writeTflite } from '../unit/formats/tflite/write-tflite.ts'

const q = { scale: [0.5], zeroPoint: [0] }
const whole = writeTflite({
  tensors: [
    { name: 'in', shape: [1, 4, 4, 2], type: 'INT8', quant: q },
    { name: 'f', shape: [3, 3, 3, 2], type: 'INT8', data: new Int8Array(54).fill(3), quant: q },
    { name: 'b', shape: [3], type: 'INT32', data: Int32Array.of(1, 2, 3), quant: q },
    { name: 'conv', shape: [1, 4, 4, 3], type: 'INT8', quant: q },
    { name: 'axes', shape: [2], type: 'INT32', data: Int32Array.of(1, 2) },
    { name: 'mean', shape: [1, 3], type: 'INT8', quant: q },
    { name: 'out', shape: [1, 3], type: 'INT8', quant: q },
  ],
  operators: [
    {
      op: 'CONV_2D',
      inputs: ['in', 'f', 'b'],
      outputs: ['conv'],
      options: { padding: 0, strideH: 1, strideW: 1, fused: 3 },
    },
    { op: 'MEAN', inputs: ['conv', 'axes'], outputs: ['mean'], options: { keepDims: 0 } },
    { op: 'SOFTMAX', inputs: ['mean'], outputs: ['out'], options: { beta: 1 } },
  ],
  inputs: ['in'],
  outputs: ['out'],
})

function outcome(bytes: Uint8Array): string {
  try {
    const graph = inferShapes(readTflite(memorySource('hostile.tflite', bytes)), { declared: 'check' })
    verify(graph)
    for (const constant of graph.constants.values()) rawBytes(constant)
    return 'graph'
  } catch (error) {
    if (error instanceof AppError) return error.code.split('.')[0]!
    throw error
  }
}

test('the model itself is read', () => expect(outcome(whole)).toBe('graph'))

test('cut off at any place', () => {
  const outcomes = new Set(Array.from({ length: whole.length }, (_, end) => outcome(whole.subarray(0, end))))
  // the last bytes are padding
  expect([...outcomes].sort()).toEqual(['graph', 'model'])
})

test('any four bytes changed', () => {
  const change = fc.record({
    at: fc.nat(whole.length - 4),
    value: fc.oneof(fc.integer(), fc.constantFrom(-1, 0, 1, 0x7fffffff)),
  })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = whole.slice()
      const view = new DataView(bytes.buffer)
      for (const { at, value } of changes) view.setInt32(at, value, true)
      expect(['graph', 'model']).toContain(outcome(bytes))
    }),
    { numRuns: 5000, seed: 20261122 },
  )
})

test('any bytes behind the mark', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (tail) => {
      expect(outcome(Uint8Array.of(...whole.subarray(0, 8), ...tail))).toBe('model')
    }),
    { numRuns: 2000, seed: 20261122 },
  )
})

/** Files that are well formed, of operators that make no sense. */
const names = ['in', 'a', 'b', 'c', 'd', 'e', 'f', 'g', '']
const number = fc.integer({ min: -3, max: 5 })
const operator = fc.constantFrom(...builtinOperators).chain((op) =>
  fc.record({
    op: fc.constant(op),
    inputs: fc.array(fc.constantFrom(...names), { maxLength: 4 }),
    outputs: fc.array(fc.constantFrom(...names.slice(0, -1)), { minLength: 1, maxLength: 2 }),
    options: fc.record(
      Object.fromEntries(
        Object.entries(optionFields[op] ?? {}).map(([name, [, kind]]) => [
          name,
          kind === 'ints' ? fc.array(number) : number,
        ]),
      ),
    ),
  }),
)
const shape = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 6 }),
  fc.constantFrom([1, 4, 4, 2], [1, 4], [1, 2, 3]),
)
const tensors = fc.tuple(...names.slice(0, -1).map((name) => fc.tuple(fc.constant(name), shape, fc.nat(4), number)))

function spec([name, dims, kind, value]: [string, readonly number[], number, number]): TensorSpec {
  const count = dims.reduce((p, d) => p * d, 1)
  if (kind === 0 || name === 'in') return { name, shape: dims }
  if (kind === 1) return { name, shape: dims, type: 'INT8', quant: { scale: [0.5], zeroPoint: [value] } }
  if (kind === 2) return { name, shape: dims, type: 'INT32', data: new Int32Array(count).fill(value) }
  if (kind === 3) return { name, shape: dims, data: new Float32Array(count).fill(value) }
  return { name, shape: dims, type: 'INT8', data: new Int8Array(count), quant: { scale: [0.5], zeroPoint: [value] } }
}

test('any operators on any tensors', () => {
  fc.assert(
    fc.property(tensors, fc.array(operator, { minLength: 1, maxLength: 5 }), (list, operators) => {
      const outputs = [operators.at(-1)!.outputs[0]!]
      const bytes = writeTflite({ tensors: list.map(spec), operators, inputs: ['in'], outputs })
      expect(['graph', 'model']).toContain(outcome(bytes))
    }),
    { numRuns: 2000, seed: 20261122 },
  )
})

test('operators that share one long vector do not take time beyond what the file holds', () => {
  const inputs = Array<string>(20000).fill('in')
  const operators = Array.from({ length: 4 }, () => ({ op: 'CONCATENATION', inputs, outputs: ['out'] }))
  const bytes = writeTflite({
    tensors: [
      { name: 'in', shape: [1, 1] },
      { name: 'out', shape: [1, 1] },
    ],
    operators,
    inputs: ['in'],
    outputs: ['out'],
  })
  const start = performance.now()
  expect([outcome(bytes), performance.now() - start < 2000]).toEqual(['model', true])
})
