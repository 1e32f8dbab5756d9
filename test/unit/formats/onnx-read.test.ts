// Files that are unusual, and files that are wrong.
import * as ort from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import { type ByteSource, memorySource } from '../../../src-main/base/source.ts'
import { type Encodable, encodeModel } from '../../../src-main/formats/onnx/encode.ts'
import { readOnnx } from '../../../src-main/formats/onnx/read.ts'
import { writeOnnx } from '../../../src-main/formats/onnx/write.ts'
import { importModel } from '../../../src-main/formats/registry.ts'
import type { Graph, Quantization } from '../../../src-main/ir/graph.ts'
import { inferShapes } from '../../../src-main/ir/infer.ts'
import { printGraph } from '../../../src-main/ir/print.ts'
import { withValue } from '../../../src-main/ir/rewrite.ts'
import { floatToHalf, halfToFloat, readFloats, readNumbers, tensor } from '../../../src-main/ir/tensor.ts'
import { graphOf, randomTensor } from '../../fixtures/onnx-graph.ts'
import { runModel } from '../../fixtures/onnx-runtime.ts'

type GraphProto = Encodable<'GraphProto'>

const floats = (name: string, dims: number[], numbers: number[]) => ({
  name,
  dims,
  dataType: 1,
  rawData: new Uint8Array(Float32Array.from(numbers).buffer),
})
const info = (name: string, ...sizes: (number | string)[]) => ({
  name,
  type: {
    tensorType: {
      elemType: 1,
      shape: { dim: sizes.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size })) },
    },
  },
})
const node = (opType: string, input: string[], output: string[], name = '') => ({ opType, input, output, name })

const model = (graph: GraphProto, version = 13) =>
  encodeModel({ irVersion: 8, graph, opsetImport: [{ domain: '', version }] })
const read = (graph: GraphProto, siblings: (path: string) => ByteSource | null = () => null) =>
  readOnnx(memorySource('m.onnx', model(graph)), siblings)

function failure(act: () => unknown): { code: string; message: string } {
  try {
    act()
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('unusual files', () => {
  test('an initialiser that is an input too is a constant', () => {
    const graph = read({
      input: [info('x', 'N', 2), info('w', 2)],
      output: [info('y', 'N', 2)],
      initializer: [floats('w', [2], [1, 2])],
      node: [node('Mul', ['x', 'w'], ['y'])],
    })
    expect({ inputs: graph.inputs, constants: [...graph.constants.keys()] }).toEqual({
      inputs: ['x'],
      constants: ['w'],
    })
  })

  test('nodes without names or with the same get their own; nodes in disorder are sorted', () => {
    const graph = read({
      input: [info('x', 2)],
      output: [info('c', 2)],
      node: [node('Abs', ['b'], ['c'], 'n'), node('Relu', ['a'], ['b'], 'n'), node('Neg', ['x'], ['a'])],
    })
    expect(graph.nodes.map((n) => [n.name, n.op])).toEqual([
      ['a', 'Neg'],
      ['n_1', 'Relu'],
      ['n', 'Abs'],
    ])
  })

  test('every list of elements, packed or raw', () => {
    const typed = (dataType: number, bytes: number[], dims = [2]) => {
      // float_data, int32_data, int64_data, double_data and uint64_data are written here as bytes by hand.
      const field = { 1: 4, 3: 5, 6: 5, 7: 7, 10: 5, 11: 10, 13: 11 }[dataType]!
      return { dims, dataType, tail: [(field << 3) | 2, bytes.length, ...bytes] }
    }
    const f64 = [...new Uint8Array(Float64Array.of(1.5, -2).buffer)]
    const minusOne = [255, 255, 255, 255, 255, 255, 255, 255, 255, 1]
    const cases = [
      { ...typed(1, [...new Uint8Array(Float32Array.of(0.5, -4).buffer)]), expected: [0.5, -4] },
      { ...typed(3, [5, ...minusOne]), expected: [5, -1] },
      { ...typed(6, [0x80, 1, ...minusOne]), expected: [128, -1] },
      { ...typed(7, [7, ...minusOne]), expected: [7, -1] },
      { ...typed(10, [0x80, 0x78, 0x80, 0x80, 3]), expected: [1, -2] },
      { ...typed(11, f64), expected: [1.5, -2] },
      { ...typed(13, [1, 0xff, 0xff, 0xff, 0xff, 0x0f]), expected: [1, 2 ** 32 - 1] },
    ]
    for (const { dims, dataType, tail, expected } of cases) {
      // The tensor goes last in the graph and the graph last in the model, so that its bytes can be appended.
      const bytes = appendToTensor({ name: 't', dims, dataType }, tail)
      const graph = readOnnx(memorySource('m.onnx', bytes), () => null)
      expect({ dataType, numbers: readNumbers(graph.constants.get('t')!) }).toEqual({ dataType, numbers: expected })
    }
  })

  test('half floats stay half floats and are read as numbers', () => {
    const numbers = [1, -2, 0.000061, 65504, 1 / 3]
    const constant = tensor('f16', [5], Uint16Array.from(numbers, floatToHalf))
    const graph = graphOf({
      inputs: { x: ['f16', [5]] },
      constants: { w: constant },
      nodes: [{ op: 'Mul', in: ['x', 'w'], out: ['y'] }],
      outputs: ['y'],
    })
    const again = inferShapes(readOnnx(memorySource('m', writeOnnx(graph, { quantization: 'drop' })), () => null))
    expect(again.values.get('y')).toMatchObject({ dtype: 'f16', shape: [5] })
    expect([...readFloats(again.constants.get('w')!)]).toEqual(numbers.map((v) => halfToFloat(floatToHalf(v))))
    for (let bits = 0; bits < 0x7c00; bits += 7) expect(floatToHalf(halfToFloat(bits))).toBe(bits)
  })

  test('weights are not read before somebody asks', () => {
    const weights = randomTensor([512, 1024], 1)
    const sketch = graphOf({
      inputs: { x: ['N', 512] },
      constants: { w: weights },
      nodes: [{ op: 'MatMul', in: ['x', 'w'], out: ['y'] }],
      outputs: ['y'],
    })
    const inner = memorySource('m', writeOnnx(sketch, { quantization: 'drop' }))
    let readBytes = 0
    const read = (offset: number, length: number) => {
      readBytes += length
      return inner.read(offset, length)
    }
    const graph = inferShapes(readOnnx({ ...inner, read }, () => null))
    expect(readBytes).toBeLessThan(200_000)
    expect(graph.constants.get('w')!.read()).toEqual(weights.read())
    expect(readBytes).toBeGreaterThan(2_000_000)
  })

  test('a quantised half float model runs', async () => {
    const quant: Quantization = { dtype: 'i8', bits: 4, min: -8, max: 7, scale: [0.125], zeroPoint: [1], axis: null }
    const sketch = graphOf({
      inputs: { x: [6] },
      constants: { w: tensor('f16', [1], Uint16Array.of(floatToHalf(2))) },
      nodes: [
        { op: 'Cast', in: ['x'], out: ['h'], attrs: { to: 10 } },
        { op: 'Mul', in: ['h', 'w'], out: ['p'] },
        { op: 'Cast', in: ['p'], out: ['y'], attrs: { to: 1 } },
      ],
      outputs: ['y'],
    })
    const graph = withValue(inferShapes(sketch), { name: 'p', dtype: 'f16', shape: [6], quant })
    const x = new ort.Tensor('float32', Float32Array.of(-3, -0.3, 0, 0.1, 0.2, 3), [6])
    const { y } = await runModel(writeOnnx(graph, { quantization: 'fake' }), { x })
    const numbers = [...(y!.data as Float32Array)]
    // Integers -8 to 7 with zero point 1 stand for -1.125 to 0.75 in steps of an eighth; ties go to even.
    expect(numbers).toEqual([-1.125, -0.625, 0, 0.25, 0.375, 0.75])
  })

  test('sizes that PyTorch computes for a view are resolved', () => {
    const i64 = (...numbers: number[]) =>
      tensor('i64', numbers.length === 1 ? [] : [numbers.length], BigInt64Array.from(numbers, BigInt))
    const one = tensor('i64', [1], BigInt64Array.of(-1n))
    const axes = tensor('i64', [1], BigInt64Array.of(0n))
    const graph = graphOf({
      inputs: { x: ['N', 3, 8, 8] },
      constants: { zero: i64(0), minus: one, axes, two: i64(2) },
      nodes: [
        { op: 'Shape', in: ['x'], out: ['shape'] },
        { op: 'Gather', in: ['shape', 'zero'], out: ['n'] },
        { op: 'Gather', in: ['shape', 'two'], out: ['h'] },
        { op: 'Unsqueeze', in: ['n', 'axes'], out: ['n1'] },
        { op: 'Unsqueeze', in: ['h', 'axes'], out: ['h1'] },
        { op: 'Concat', in: ['n1', 'minus', 'h1'], out: ['target'], attrs: { axis: 0 } },
        { op: 'Reshape', in: ['x', 'target'], out: ['y'] },
      ],
      outputs: ['y'],
    })
    expect(inferShapes(graph).values.get('y')!.shape).toEqual(['N', 24, 8])
  })

  test('a branch keeps its subgraphs, and what they read is not dead', async () => {
    const branch = (op: string): Graph => ({
      ...graphOf({ inputs: {}, nodes: [{ op, in: ['x'], out: ['r'] }], outputs: ['r'] }),
      inputs: [],
    })
    const graph = graphOf({
      inputs: { c: ['bool', []], x: [3] },
      nodes: [{ op: 'If', in: ['c'], out: ['y'], attrs: { then_branch: branch('Neg'), else_branch: branch('Abs') } }],
      outputs: ['y'],
    })
    const file = writeOnnx(
      readOnnx(memorySource('m', writeOnnx(graph, { quantization: 'drop' })), () => null),
      { quantization: 'drop' },
    )
    for (const [chosen, expected] of [
      [1, [-1, -2, -3]],
      [0, [1, 2, 3]],
    ] as const) {
      const feeds = {
        c: new ort.Tensor('bool', Uint8Array.of(chosen), []),
        x: new ort.Tensor('float32', Float32Array.of(1, 2, 3), [3]),
      }
      expect([...((await runModel(file, feeds)).y!.data as Float32Array)]).toEqual(expected)
    }
  })

  test('unknown operators stay, with their attributes and declared shapes', () => {
    const graph = graphOf({
      domains: { 'my.domain': 2 },
      inputs: { x: [2, 3] },
      nodes: [
        {
          op: 'Strange',
          domain: 'my.domain',
          in: ['x', ''],
          out: ['y', ''],
          attrs: { alpha: 1, n: 2, mode: 'odd', list: [1.5, 2], names: ['a', 'b'] },
        },
      ],
      outputs: ['y'],
    })
    const bytes = writeOnnx(graph, { quantization: 'drop' })
    const again = readOnnx(memorySource('m', bytes), () => null)
    expect(printGraph(again)).toBe(printGraph(graph))
    expect(writeOnnx(again, { quantization: 'drop' })).toEqual(bytes)
  })

  test('external data', () => {
    const data = new Uint8Array(Float32Array.of(9, 1, 2, 3).buffer)
    const tensorProto = (entries: Record<string, string>) => ({
      name: 'w',
      dims: [2],
      dataType: 1,
      dataLocation: 1,
      externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
    })
    const asked: string[] = []
    const readWith = (entries: Record<string, string>) =>
      read({ initializer: [tensorProto(entries)] }, (path) => {
        asked.push(path)
        return path === 'sub/w.bin' ? memorySource('w.bin', data) : null
      })
    const good = readWith({ location: 'sub/w.bin', offset: '4', length: '8' })
    expect(readNumbers(good.constants.get('w')!)).toEqual([1, 2])
    const places: Record<string, string>[] = [
      { location: '../w.bin' },
      { location: '/etc/passwd' },
      { location: 'a/../../w.bin' },
      { location: 'C:\\w.bin' },
      { location: 'missing.bin' },
      { location: 'sub/w.bin', offset: '12' },
      { location: 'sub/w.bin', offset: '-4' },
      { location: 'sub/w.bin', offset: '0', length: '4' },
      {},
    ]
    const bad = places.map((entries) => failure(() => readWith(entries)))
    expect({ bad, asked: [...new Set(asked)] }).toMatchSnapshot()
  })
})

/** A model whose last bytes are inside its only initialiser. */
function appendToTensor(proto: Encodable<'TensorProto'>, tail: readonly number[]): Uint8Array {
  const inner = (m: Uint8Array) => m.subarray(m.indexOf(0x3a))
  const bytes = [...inner(encodeModel({ graph: { initializer: [proto] } }))]
  // [graph tag, graph length, initialiser tag, initialiser length, ...]: all short enough for one byte each.
  bytes[1]! += tail.length
  bytes[3]! += tail.length
  return Uint8Array.from([
    ...encodeModel({ irVersion: 8, opsetImport: [{ domain: '', version: 13 }] }),
    ...bytes,
    ...tail,
  ])
}

describe('wrong files get an error that names the place', () => {
  const x = info('x', 2)
  const y = info('y', 2)
  const cases: Record<string, () => unknown> = {
    'a cycle': () =>
      read({
        input: [x],
        output: [y],
        node: [node('Add', ['x', 'b'], ['a'], 'first'), node('Neg', ['a'], ['b'], 'second')],
      }),
    'a node that reads itself': () => read({ node: [node('Neg', ['a'], ['a'], 'loop')] }),
    'a value made twice': () =>
      read({ input: [x], node: [node('Neg', ['x'], ['a'], 'one'), node('Abs', ['x'], ['a'], 'two')] }),
    'an initialiser made twice': () => read({ initializer: [floats('w', [1], [1]), floats('w', [1], [1])] }),
    'a missing input': () => read({ input: [x], output: [y], node: [node('Add', ['x', 'nowhere'], ['y'], 'adder')] }),
    'more dimensions than bytes': () => read({ initializer: [floats('w', [1000000, 1000000], [1])] }),
    'dimensions beyond counting': () => read({ initializer: [floats('w', [2 ** 40, 2 ** 40], [1])] }),
    'a negative dimension': () => read({ initializer: [floats('w', [-1], [1])] }),
    'an element type that is not known': () => read({ initializer: [{ name: 's', dims: [0], dataType: 8 }] }),
    'no opset': () => readOnnx(memorySource('m.onnx', encodeModel({ graph: {} })), () => null),
    'an old opset': () => readOnnx(memorySource('m.onnx', model({}, 6)), () => null),
    'no graph': () => readOnnx(memorySource('m.onnx', encodeModel({ opsetImport: [{ version: 13 }] })), () => null),
    'a node without operator': () => read({ node: [{ input: ['x'], output: ['y'] }] }),
    'half a file': () => {
      const whole = model({ input: [x], output: [y], node: [node('Neg', ['x'], ['y'])] })
      return readOnnx(memorySource('m.onnx', whole.subarray(0, whole.length - 20)), () => null)
    },
    'shapes that do not fit': () =>
      inferShapes(
        read({
          input: [x],
          output: [y],
          initializer: [floats('w', [3], [1, 2, 3])],
          node: [node('Add', ['x', 'w'], ['y'], 'adder')],
        }),
      ),
    'a declared shape that is not so': () =>
      inferShapes(read({ input: [x], output: [info('y', 5)], node: [node('Neg', ['x'], ['y'], 'minus')] }), {
        declared: 'check',
      }),
  }
  test.each(Object.keys(cases))('%s', (name) => {
    expect(failure(cases[name]!)).toMatchSnapshot()
  })

  test('an output that nothing makes', async () => {
    await expect(importModel(memorySource('m.onnx', model({ output: [y] })), () => null)).rejects.toMatchObject({
      code: 'model.missingValue',
    })
  })

  test('no model at all', async () => {
    for (const bytes of [new Uint8Array(0), new TextEncoder().encode('hello world'), new Uint8Array(64)])
      await expect(importModel(memorySource('m.onnx', bytes), () => null)).rejects.toMatchObject({
        code: 'model.unknownFormat',
      })
  })

  test('subgraphs within subgraphs without end', () => {
    let graph: GraphProto = {}
    for (let i = 0; i < 200; i++)
      graph = { node: [{ opType: 'If', output: [`o${i}`], attribute: [{ name: 'g', type: 5, g: graph }] }] }
    expect(failure(() => read(graph)).code).toBe('model.malformed')
  })

  test('a chain of 100000 nodes is sorted without recursion', () => {
    const count = 100_000
    const nodes = Array.from({ length: count }, (_, i) =>
      node('Neg', [i === 0 ? 'x' : `v${i}`], [`v${i + 1}`]),
    ).reverse()
    expect(read({ input: [x], node: nodes }).nodes).toHaveLength(count)
  })
})
