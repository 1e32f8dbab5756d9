// Operators with int8 values, alone and behind one that leaves NCHW order: lowered, packed and run on the twin, against
// ONNX Runtime with rounded values. The two round halves differently, so they may differ by one step and no more.
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { seededRandom } from '../../../../src-main/base/random.ts'
import { memorySource } from '../../../../src-main/base/source.ts'
import { openTwin } from '../../../../src-main/device/twin.ts'
import { writeOnnx } from '../../../../src-main/formats/onnx/write.ts'
import { importModel } from '../../../../src-main/formats/registry.ts'
import { writeShoe } from '../../../../src-main/formats/shoe/index.ts'
import type { Graph } from '../../../../src-main/ir/graph.ts'
import { lower } from '../../../../src-main/targets/lowering/lower.ts'
import { planMemory } from '../../../../src-main/targets/memory-plan.ts'
import { type OperatorSpec, type TensorSpec, writeTflite } from './write-tflite.ts'

const random = seededRandom(11)
const shape = [1, 4, 5, 3]
const input = { scale: 0.05, zeroPoint: 3 }
const int8s = (count: number) => Int8Array.from({ length: count }, () => random.below(255) - 127)
const sizeOf = (dims: readonly number[]) => dims.reduce((p, d) => p * d, 1)
const q = (scale: number, zeroPoint: number) => ({ scale: [scale], zeroPoint: [zeroPoint] })
const value = (
  name: string,
  dims: readonly number[],
  scale = input.scale,
  zeroPoint = input.zeroPoint,
): TensorSpec => ({
  name,
  shape: dims,
  type: 'INT8',
  quant: q(scale, zeroPoint),
})
const weights = (dims: readonly number[], scale = 0.01): TensorSpec => ({
  name: 'w',
  shape: dims,
  type: 'INT8',
  data: int8s(sizeOf(dims)),
  quant: q(scale, 0),
})
const bias = (count: number): TensorSpec => ({
  name: 'b',
  shape: [count],
  type: 'INT32',
  data: Int32Array.from({ length: count }, () => random.below(2000) - 1000),
  quant: q(0.0005, 0),
})
const ints = (name: string, values: readonly number[], dims = [values.length]): TensorSpec => ({
  name,
  shape: dims,
  type: 'INT32',
  data: Int32Array.from(values),
})

type Case = readonly [
  name: string,
  constants: readonly TensorSpec[],
  operator: Omit<OperatorSpec, 'outputs'>,
  out: readonly [dims: readonly number[], scale?: number, zeroPoint?: number],
]

const same = { padding: 0, strideH: 1, strideW: 1 }
const halved = { padding: 0, strideH: 2, strideW: 2 }
const pads = ints('p', [0, 0, 1, 2, 0, 1, 0, 0], [4, 2])

const cases: readonly Case[] = [
  [
    'conv, ReLU6',
    [weights([4, 3, 3, 3]), bias(4)],
    { op: 'CONV_2D', inputs: ['x', 'w', 'b'], options: { ...halved, fused: 3 } },
    [[1, 2, 3, 4], 0.04, -128],
  ],
  [
    'conv without bias',
    [weights([4, 3, 3, 3])],
    { op: 'CONV_2D', inputs: ['x', 'w', ''], options: same },
    [[1, 4, 5, 4], 0.04, -10],
  ],
  [
    'depthwise',
    [weights([1, 3, 3, 6]), bias(6)],
    { op: 'DEPTHWISE_CONV_2D', inputs: ['x', 'w', 'b'], options: same },
    [[1, 4, 5, 6], 0.04, -10],
  ],
  [
    'transposed conv',
    [ints('s', [1, 8, 10, 2]), weights([2, 3, 3, 3]), bias(2)],
    { op: 'TRANSPOSE_CONV', inputs: ['s', 'w', 'x', 'b'], options: halved },
    [[1, 8, 10, 2], 0.04, -10],
  ],
  [
    'fully connected, flattened',
    [weights([4, 60]), bias(4)],
    { op: 'FULLY_CONNECTED', inputs: ['x', 'w', 'b'], options: { fused: 1 } },
    [[1, 4], 0.04, -128],
  ],
  [
    'fully connected, dimensions kept',
    [weights([4, 3]), bias(4)],
    { op: 'FULLY_CONNECTED', inputs: ['x', 'w', 'b'], options: { fused: 1, keepNumDims: 1 } },
    [[1, 4, 5, 4], 0.04, -128],
  ],
  [
    'fully connected, many rows',
    [weights([4, 3]), bias(4)],
    { op: 'FULLY_CONNECTED', inputs: ['x', 'w', 'b'] },
    [[20, 4], 0.04, 0],
  ],
  ['add', [], { op: 'ADD', inputs: ['x', 'x'], options: { fused: 1 } }, [shape, 0.09, -128]],
  ['add a constant', [weights([3], 0.05)], { op: 'ADD', inputs: ['x', 'w'] }, [shape, 0.09, 0]],
  ['sub', [weights([1, 1, 1, 3], 0.05)], { op: 'SUB', inputs: ['x', 'w'] }, [shape, 0.09, 0]],
  ['mul', [weights([5, 3], 0.05)], { op: 'MUL', inputs: ['x', 'w'], options: { fused: 3 } }, [shape, 0.09, -128]],
  [
    'average pool',
    [],
    { op: 'AVERAGE_POOL_2D', inputs: ['x'], options: { ...halved, filterH: 3, filterW: 3 } },
    [[1, 2, 3, 3]],
  ],
  [
    'max pool',
    [],
    { op: 'MAX_POOL_2D', inputs: ['x'], options: { ...halved, filterH: 3, filterW: 3 } },
    [[1, 2, 3, 3]],
  ],
  ['mean', [ints('a', [1, 2])], { op: 'MEAN', inputs: ['x', 'a'], options: { keepDims: 0 } }, [[1, 3], 0.03, 1]],
  [
    'mean, dimensions kept',
    [ints('a', [1, 2])],
    { op: 'MEAN', inputs: ['x', 'a'], options: { keepDims: 1 } },
    [[1, 1, 1, 3], 0.03, 1],
  ],
  ['softmax', [], { op: 'SOFTMAX', inputs: ['x'], options: { beta: 1 } }, [shape, 1 / 256, -128]],
  ['logistic', [], { op: 'LOGISTIC', inputs: ['x'] }, [shape, 1 / 256, -128]],
  ['tanh', [], { op: 'TANH', inputs: ['x'] }, [shape, 1 / 128, 0]],
  ['relu', [], { op: 'RELU', inputs: ['x'] }, [shape, 0.03, -128]],
  ['relu6', [], { op: 'RELU6', inputs: ['x'] }, [shape, 0.0235, -128]],
  ['leaky relu', [], { op: 'LEAKY_RELU', inputs: ['x'], options: { alpha: 0.1 } }, [shape, 0.04, -100]],
  ['prelu', [weights([1, 1, 3])], { op: 'PRELU', inputs: ['x', 'w'] }, [shape, 0.05, 0]],
  ['hard swish', [], { op: 'HARD_SWISH', inputs: ['x'] }, [shape, 0.04, -100]],
  [
    'concat on channels',
    [{ ...weights([1, 4, 5, 2]), quant: q(input.scale, input.zeroPoint) }],
    { op: 'CONCATENATION', inputs: ['x', 'w'], options: { axis: 3 } },
    [[1, 4, 5, 5]],
  ],
  ['concat on rows', [], { op: 'CONCATENATION', inputs: ['x', 'x'], options: { axis: 1 } }, [[1, 8, 5, 3]]],
  [
    'slice',
    [ints('b', [0, 1, 1, 1]), ints('s', [1, 2, -1, 2])],
    { op: 'SLICE', inputs: ['x', 'b', 's'] },
    [[1, 2, 4, 2]],
  ],
  [
    'strided slice',
    [ints('b', [0, 2, 0, 0]), ints('e', [0, 3, 0, 0]), ints('s', [1, 1, 1, 1])],
    { op: 'STRIDED_SLICE', inputs: ['x', 'b', 'e', 's'], options: { beginMask: 13, endMask: 13, shrinkAxisMask: 2 } },
    [[1, 5, 3]],
  ],
  ['pad', [pads], { op: 'PAD', inputs: ['x', 'p'] }, [[1, 7, 6, 3]]],
  ['mirrored pad', [pads], { op: 'MIRROR_PAD', inputs: ['x', 'p'], options: { mode: 0 } }, [[1, 7, 6, 3]]],
  ['transpose', [ints('p', [0, 2, 1, 3])], { op: 'TRANSPOSE', inputs: ['x', 'p'] }, [[1, 5, 4, 3]]],
  ['reshape', [ints('p', [1, 60])], { op: 'RESHAPE', inputs: ['x', 'p'] }, [[1, 60]]],
  [
    'resize, nearest',
    [ints('p', [8, 10])],
    { op: 'RESIZE_NEAREST_NEIGHBOR', inputs: ['x', 'p'], options: { halfPixelCenters: 1 } },
    [[1, 8, 10, 3]],
  ],
  [
    'resize, bilinear',
    [ints('p', [8, 10])],
    { op: 'RESIZE_BILINEAR', inputs: ['x', 'p'], options: { halfPixelCenters: 1 } },
    [[1, 8, 10, 3]],
  ],
  ['change of scale', [], { op: 'QUANTIZE', inputs: ['x'] }, [shape, 0.1, -7]],
  ['pack', [], { op: 'PACK', inputs: ['x', 'x'], options: { axis: 1, count: 2 } }, [[1, 2, 4, 5, 3]]],
]

const pool: OperatorSpec = {
  op: 'MAX_POOL_2D',
  inputs: ['x0'],
  outputs: ['x'],
  options: { padding: 1, strideH: 1, strideW: 1, filterH: 1, filterW: 1 },
}

async function importCase(
  [, constants, operator, [dims, scale, zeroPoint]]: Case,
  behindPool: boolean,
): Promise<Graph> {
  const bytes = writeTflite({
    tensors: [value('x0', shape), value('x', shape), ...constants, value('out', dims, scale, zeroPoint)],
    operators: [...(behindPool ? [pool] : []), { ...operator, outputs: ['out'] }],
    inputs: [behindPool ? 'x0' : 'x'],
    outputs: ['out'],
  })
  return (await importModel(memorySource('case.tflite', bytes), () => null)).graph
}

async function onTwin(graph: Graph, x: Int8Array): Promise<Int8Array> {
  const zeros = '0'.repeat(64)
  const origin = { modelName: 'm', modelSha256: zeros, recipeSha256: zeros, dataSha256: zeros, producer: 'test' }
  using twin = await openTwin(writeShoe(planMemory(lower(graph)), origin))
  return Int8Array.from(twin.runBatch([x], 1)[0]!)
}

async function onHost(graph: Graph, x: Int8Array): Promise<Int8Array> {
  const session = await InferenceSession.create(writeOnnx(graph, { quantization: 'fake' }))
  const real = Float32Array.from(x, (v) => (v - input.zeroPoint) * input.scale)
  const results = await session.run({ [graph.inputs[0]!]: new Tensor('float32', real, shape) })
  await session.release()
  const { scale, zeroPoint } = graph.values.get('out')!.quant!
  return Int8Array.from(results.out!.data as Float32Array, (v) => Math.round(v / scale[0]! + zeroPoint[0]!))
}

for (const behindPool of [false, true])
  test.each(cases)(`%s${behindPool ? ' behind a pool' : ''}`, async (...c) => {
    const graph = await importCase(c, behindPool)
    const x = int8s(sizeOf(shape))
    const [device, host] = [await onTwin(graph, x), await onHost(graph, x)]
    const worst = device.reduce((most, v, i) => Math.max(most, Math.abs(v - host[i]!)), 0)
    expect({ length: device.length, oneStep: worst <= 1 }).toEqual({ length: host.length, oneStep: true })
  })
