import { describe, expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import { castElements } from '../../../src-main/engine/host-tensor.ts'
import { memorySamples } from '../../../src-main/engine/samples.ts'
import type { Graph, Shape } from '../../../src-main/ir/graph.ts'
import { floatToHalf, halfToFloat } from '../../../src-main/ir/tensor.ts'
import { fixedGrid } from '../../../src-main/passes/quantize/grid.ts'
import { ints, makeGraph, scalar } from '../passes/graphs.ts'

const counting = (count: number, ...shape: number[]) => {
  const size = shape.reduce((product, dim) => product * dim, count)
  return { data: Float32Array.from({ length: size }, (_, i) => i), shape: [count, ...shape] }
}

const doubling = (batch: string | number): Graph =>
  makeGraph({
    inputs: { x: [batch, 2] },
    outputs: 'y',
    constants: { two: scalar(2), one: scalar(1) },
    nodes: [
      ['Add', 'x one', 'a'],
      ['Mul', 'a two', 'y'],
    ],
  })

test('runs a graph, and gives values inside it when asked', async () => {
  await using model = await openHostModel(doubling('N'), { extraOutputs: ['a'] })
  expect(model.outputs.map((value) => value.name)).toEqual(['y', 'a'])
  const { y, a } = await model.run({ x: counting(2, 2) })
  expect(y).toEqual({ data: Float32Array.of(2, 4, 6, 8), shape: [2, 2] })
  expect(a).toEqual({ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] })
})

describe('runBatches', () => {
  test.each([
    [
      'a free batch',
      'N',
      [
        [0, 3],
        [3, 3],
        [6, 1],
      ],
    ],
    ['one sample at a time', 1, [0, 1, 2, 3, 4, 5, 6].map((i) => [i, 1])],
    [
      'a fixed batch, the last one filled up',
      4,
      [
        [0, 4],
        [4, 3],
      ],
    ],
  ] as const)('%s', async (_, batch, expected) => {
    await using model = await openHostModel(doubling(batch))
    const done: number[] = []
    const samples = memorySamples({ x: counting(7, 2) })
    const seen: (readonly [number, number])[] = []
    const results: number[] = []
    for await (const part of model.runBatches(samples, { batchSize: 3, progress: (n) => done.push(n) })) {
      seen.push([part.from, part.count])
      expect(part.outputs.y!.shape).toEqual([part.count, 2])
      results.push(...part.outputs.y!.data)
    }
    expect(seen).toEqual(expected)
    expect(done).toEqual(expected.map(([from, count]) => from + count))
    expect(results).toEqual(Array.from({ length: 14 }, (_, i) => 2 * (i + 1)))
  })

  test('stops when cancelled', async () => {
    await using model = await openHostModel(doubling('N'))
    const stop = new AbortController()
    const run = async () => {
      for await (const { from } of model.runBatches(memorySamples({ x: counting(9, 2) }), {
        batchSize: 2,
        signal: stop.signal,
      }))
        if (from === 2) stop.abort()
    }
    await expect(run()).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('samples of another size are refused, of another shape are fitted', async () => {
    await using model = await openHostModel(doubling('N'))
    const run = async (shape: number[]) => {
      for await (const { outputs } of model.runBatches(memorySamples({ x: counting(2, ...shape) })))
        return outputs.y!.shape
    }
    expect(await run([2, 1, 1])).toEqual([2, 2])
    await expect(run([3])).rejects.toMatchObject({ code: 'data.shape', data: { found: '3', expected: '2' } })
  })
})

test('rounds quantised values like the device, or leaves them out', async () => {
  const quants = { x: fixedGrid(0.5, 0), y: fixedGrid(1, -128) }
  const graph = makeGraph({ inputs: { x: ['N', 4] }, outputs: 'y', nodes: [['Relu', 'x', 'y']], quants })
  const x = { data: Float32Array.of(0.7, -3, 100, 2.6), shape: [1, 4] }
  const outputs = async (quantization: 'fake' | 'drop') => {
    await using model = await openHostModel(graph, { quantization })
    return [...(await model.run({ x })).y!.data]
  }
  expect(await outputs('fake')).toEqual([0, 0, 64, 2])
  expect(await outputs('drop')).toEqual([...x.data].map((v) => Math.max(0, v)))
})

test('rounds twice where a value changes its grid', async () => {
  const quants = { x: fixedGrid(1, 0), y: fixedGrid(1.5, 0) }
  const graph = makeGraph({ inputs: { x: ['N', 3] }, outputs: 'y', nodes: [['Identity', 'x', 'y']], quants })
  await using model = await openHostModel(graph)
  const { y } = await model.run({ x: { data: Float32Array.of(2.4, 3.6, 0.6), shape: [1, 3] } })
  // 2.4 is 2 on the first grid, 1.33 steps of the second; in one step it would be 1.6 of them.
  expect([...y!.data]).toEqual([1.5, 4.5, 1.5])
})

test('casts the input to what the graph takes, and outputs to float', async () => {
  const graph = makeGraph({
    inputs: { x: ['N', 2] },
    outputs: 'h s',
    nodes: [
      ['Add', 'x x', 'h'],
      ['Shape', 'x', 's'],
    ],
  })
  const half = (name: string) => [name, { name, dtype: 'f16', shape: ['N', 2] as Shape }] as const
  const typed: Graph = { ...graph, values: new Map([...graph.values, half('x'), half('h')]) }
  await using model = await openHostModel(typed)
  const { h, s } = await model.run({ x: { data: Float32Array.of(0.25, 3), shape: [1, 2] } })
  expect(h!.data).toEqual(Float32Array.of(0.5, 6))
  expect(s!.data).toEqual(Float32Array.of(1, 2))
})

test('what ONNX Runtime refuses is an error that says so', async () => {
  const graph = makeGraph({ inputs: { x: ['N', 2] }, outputs: 'y', nodes: [['NoSuchOperator', 'x', 'y']] })
  const error = await openHostModel(graph).catch((e: unknown) => e)
  expect(error).toBeInstanceOf(AppError)
  expect(error).toMatchObject({ code: 'model.unsupportedOnHost', message: expect.stringContaining('NoSuchOperator') })
})

test('zero padding before maximum pooling stays zero padding', async () => {
  const graph = makeGraph({
    inputs: { x: [1, 1, 2, 2] },
    outputs: 'y',
    constants: { pads: ints(0, 0, 1, 1, 0, 0, 1, 1) },
    nodes: [
      ['Pad', 'x pads', 'p'],
      ['MaxPool', 'p', 'y', { kernel_shape: [2, 2], strides: [2, 2] }],
    ],
  })
  await using model = await openHostModel(graph)
  const { y } = await model.run({ x: { data: Float32Array.of(-1, -2, -3, 4), shape: [1, 1, 2, 2] } })
  expect([...y!.data]).toEqual([0, 0, 0, 4])
})

test.each([
  [0, 0],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [65504, 0x7bff],
  [65520, 0x7c00],
  [2 ** -24, 1],
  [2 ** -25, 0],
  [3 * 2 ** -25, 2],
  [2 ** -14, 0x0400],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
  [Number.NEGATIVE_INFINITY, 0xfc00],
  [2047.5, 0x6800],
])('floatToHalf(%d)', (value, bits) => {
  expect(floatToHalf(value)).toBe(bits)
})

test('every half goes to float and back', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    if ((bits & 0x7c00) === 0x7c00 && bits & 0x3ff) continue
    if (bits === 0x8000) continue
    if (floatToHalf(halfToFloat(bits)) !== bits)
      expect({ bits, back: floatToHalf(halfToFloat(bits)) }).toEqual({ bits, back: bits })
  }
})

test.each([
  ['i8', Float32Array.of(-200, 1.6, 300), Int8Array.of(-128, 2, 127)],
  ['u8', Int8Array.of(-3, 5), Uint8Array.of(0, 5)],
  ['i64', Float32Array.of(1.4, -2), BigInt64Array.of(1n, -2n)],
  ['f32', BigInt64Array.of(3n), Float32Array.of(3)],
  ['bool', Float32Array.of(0, 0.5), Uint8Array.of(0, 1)],
] as const)('castElements to %s', (dtype, from, to) => {
  expect(castElements(from, dtype)).toEqual(to)
})

test('a batch that is open in name only runs one sample at a time', async () => {
  const graph = makeGraph({
    inputs: { x: ['N', 4] },
    outputs: 'y',
    constants: { shape: ints(1, 4) },
    nodes: [['Reshape', 'x shape', 'y']],
  })
  await using model = await openHostModel(graph)
  const rows: number[] = []
  for await (const batch of model.runBatches(memorySamples({ x: counting(3, 4) }), { batchSize: 2 }))
    rows.push(batch.from, batch.count, ...batch.outputs.y!.data)
  expect(rows).toEqual([0, 1, 0, 1, 2, 3, 1, 1, 4, 5, 6, 7, 2, 1, 8, 9, 10, 11])
})
