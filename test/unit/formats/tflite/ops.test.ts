// Each operator alone, and after a convolution-like operator (so that its input is in NCHW order): the graph run by ONNX
// Runtime against plain NHWC arithmetic.
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { seededRandom } from '../../../../src-main/base/random.ts'
import { memorySource } from '../../../../src-main/base/source.ts'
import { writeOnnx } from '../../../../src-main/formats/onnx/write.ts'
import { readTflite } from '../../../../src-main/formats/tflite/read.ts'
import type { Graph } from '../../../../src-main/ir/graph.ts'
import { inferShapes } from '../../../../src-main/ir/infer.ts'
import { verify } from '../../../../src-main/ir/verify.ts'
import { at, conv, depthwise, gather, type Nhwc, pool, transposeConv, type WindowSpec } from './nhwc.ts'
import { type OperatorSpec, type TensorSpec, writeTflite } from './write-tflite.ts'

const random = seededRandom(7)
const filled = (shape: readonly number[], low = -1, high = 1): Nhwc => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((p, d) => p * d, 1) }, () => low + (high - low) * random.next()),
})
const ints = (name: string, values: readonly number[], shape = [values.length]): TensorSpec => ({
  name,
  shape,
  type: 'INT32',
  data: Int32Array.from(values),
})
const floats = (name: string, t: Nhwc): TensorSpec => ({ name, ...t })

interface Case {
  name: string
  x: Nhwc
  constants?: TensorSpec[]
  op: string
  inputs?: string[]
  options?: OperatorSpec['options']
  outShape: readonly number[]
  expected: (x: Nhwc) => ArrayLike<number>
  /** The batch must stay 1. */
  fixed?: boolean
}

const plain: WindowSpec = { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], same: true }
const w = (over: Partial<WindowSpec>): WindowSpec => ({ ...plain, ...over })
const windowOptions = (spec: WindowSpec) => ({
  padding: spec.same ? 0 : 1,
  strideH: spec.stride[0],
  strideW: spec.stride[1],
})
const dilations = (spec: WindowSpec) => ({ dilationH: spec.dilation[0], dilationW: spec.dilation[1] })

function convCase(name: string, spec: WindowSpec, outHw: [number, number], fused = 0, groups = 1): Case {
  const filter = filled([4, spec.kernel[0], spec.kernel[1], 2 / groups])
  const bias = filled([4])
  const act = [(v: number) => v, (v: number) => Math.max(0, v), (v: number) => Math.max(-1, Math.min(1, v))][fused]!
  return {
    name,
    x: filled([1, 7, 6, 2]),
    constants: [floats('f', filter), floats('b', bias)],
    op: 'CONV_2D',
    inputs: ['x', 'f', 'b'],
    options: { ...windowOptions(spec), ...dilations(spec), fused },
    outShape: [1, ...outHw, 4],
    expected: (x) => conv(x, filter, bias, spec).map(act),
  }
}

function depthwiseCase(name: string, spec: WindowSpec, outHw: [number, number], multiplier: number): Case {
  const filter = filled([1, spec.kernel[0], spec.kernel[1], 3 * multiplier])
  const bias = filled([3 * multiplier])
  return {
    name,
    x: filled([1, 6, 5, 3]),
    constants: [floats('f', filter), floats('b', bias)],
    op: 'DEPTHWISE_CONV_2D',
    inputs: ['x', 'f', 'b'],
    options: { ...windowOptions(spec), ...dilations(spec) },
    outShape: [1, ...outHw, 3 * multiplier],
    expected: (x) => depthwise(x, filter, bias, spec),
  }
}

function transposeConvCase(name: string, outHw: [number, number], same: boolean, stride: [number, number]): Case {
  const filter = filled([2, 3, 3, 3])
  const bias = filled([2])
  const outShape = [1, ...outHw, 2]
  return {
    name,
    x: filled([1, 4, 3, 3]),
    constants: [ints('shape', outShape), floats('f', filter), floats('b', bias)],
    op: 'TRANSPOSE_CONV',
    inputs: ['shape', 'f', 'x', 'b'],
    options: { padding: same ? 0 : 1, strideH: stride[0], strideW: stride[1] },
    outShape,
    expected: (x) => transposeConv(x, filter, bias, outShape, stride, same),
  }
}

function poolCase(op: 'AVERAGE_POOL_2D' | 'MAX_POOL_2D', spec: WindowSpec, outHw: [number, number]): Case {
  const average = (values: number[]) => values.reduce((s, v) => s + v, 0) / values.length
  return {
    name: `${op} ${spec.kernel} stride ${spec.stride} ${spec.same ? 'same' : 'valid'}`,
    x: filled([1, 7, 6, 2]),
    op,
    options: { ...windowOptions(spec), filterH: spec.kernel[0], filterW: spec.kernel[1] },
    outShape: [1, ...outHw, 2],
    expected: (x) => pool(x, spec, op === 'MAX_POOL_2D' ? (v) => Math.max(...v) : average),
  }
}

function unary(op: string, f: (v: number) => number, options?: OperatorSpec['options'], shape = [1, 3, 4, 2]): Case {
  const x = filled(shape, -8, 8)
  return { name: op, x, op, options, outShape: shape, expected: (t) => t.data.map(f) }
}

function binary(op: string, f: (a: number, b: number) => number, shape: number[], fused?: number): Case {
  const other = filled(shape, 0.5, 2)
  const outShape = [1, 3, 4, 2]
  const lead = outShape.length - shape.length
  const clip = fused === 3 ? (v: number) => Math.max(0, Math.min(6, v)) : (v: number) => v
  return {
    name: `${op} with [${shape}]${fused ? ' fused' : ''}`,
    x: filled(outShape, -4, 4),
    constants: [floats('c', other)],
    op,
    inputs: ['x', 'c'],
    ...(fused === undefined ? {} : { options: { fused } }),
    outShape,
    expected: (x) =>
      gather(outShape, (i) =>
        clip(f(at(x, ...i), at(other, ...i.slice(lead).map((v, d) => (shape[d] === 1 ? 0 : v))))),
      ),
  }
}

function fullyConnected(name: string, shape: number[], outShape: number[], keepNumDims = 0): Case {
  const depth = 6
  const weights = filled([4, depth])
  const bias = filled([4])
  return {
    name,
    x: filled(shape),
    constants: [floats('w', weights), floats('b', bias)],
    op: 'FULLY_CONNECTED',
    inputs: ['x', 'w', 'b'],
    options: { fused: 1, keepNumDims },
    outShape,
    expected: (x) =>
      gather([x.data.length / depth, 4], ([r, o]) => {
        const row = x.data.subarray(r! * depth, (r! + 1) * depth)
        return Math.max(
          0,
          row.reduce((s, v, i) => s + v * at(weights, o!, i), bias.data[o!]!),
        )
      }),
  }
}

function reduce(op: string, axes: number[], keepDims: number, fixed = false): Case {
  const shape = [1, 3, 4, 2]
  const norm = axes.map((a) => (a < 0 ? a + 4 : a))
  const kept = shape.map((d, i) => (norm.includes(i) ? 1 : d))
  const outShape = keepDims ? kept : shape.filter((_, i) => !norm.includes(i))
  const count = norm.reduce((p, a) => p * shape[a]!, 1)
  const join: Record<string, (v: number[]) => number> = {
    MEAN: (v) => v.reduce((s, e) => s + e, 0) / count,
    SUM: (v) => v.reduce((s, e) => s + e, 0),
    REDUCE_MAX: (v) => Math.max(...v),
    REDUCE_MIN: (v) => Math.min(...v),
  }
  return {
    name: `${op} [${axes}] ${keepDims ? 'keep' : 'drop'}`,
    x: filled(shape),
    constants: [ints('axes', axes)],
    op,
    inputs: ['x', 'axes'],
    options: { keepDims },
    outShape,
    fixed,
    expected: (x) =>
      gather(kept, (base) => {
        const values: number[] = []
        gather(shape, (i) => {
          if (i.every((v, d) => norm.includes(d) || v === base[d])) values.push(at(x, ...i))
          return 0
        })
        return join[op]!(values)
      }),
  }
}

function moved(
  name: string,
  op: string,
  constants: TensorSpec[],
  outShape: number[],
  from: (x: Nhwc, i: number[]) => number,
  extra: Partial<Case> = {},
): Case {
  const inputs = ['x', ...constants.map((c) => c.name)]
  return {
    name,
    x: filled([1, 4, 5, 3]),
    constants,
    op,
    inputs,
    outShape,
    expected: (x) => gather(outShape, (i) => from(x, i)),
    ...extra,
  }
}

const softmaxRow = (v: number[], beta = 1) => {
  const e = v.map((a) => Math.exp(beta * (a - Math.max(...v))))
  return e.map((a) => a / e.reduce((s, b) => s + b, 0))
}

function softmax(shape: number[], beta: number): Case {
  const width = shape.at(-1)!
  const expected = (x: Nhwc) =>
    gather(
      shape,
      (i) =>
        softmaxRow(
          gather([width], ([c]) => at(x, ...i.slice(0, -1), c!)),
          beta,
        )[i.at(-1)!]!,
    )
  return {
    name: `SOFTMAX [${shape}] beta ${beta}`,
    x: filled(shape, -3, 3),
    op: 'SOFTMAX',
    options: { beta },
    outShape: shape,
    expected,
  }
}

type Sampling = 'alignCorners' | 'halfPixelCenters' | 'asymmetric'

function coordinate(i: number, from: number, to: number, sampling: Sampling): number {
  if (sampling === 'alignCorners') return to > 1 ? (i * (from - 1)) / (to - 1) : 0
  return sampling === 'halfPixelCenters' ? ((i + 0.5) * from) / to - 0.5 : (i * from) / to
}

function resize(op: 'RESIZE_BILINEAR' | 'RESIZE_NEAREST_NEIGHBOR', size: [number, number], sampling: Sampling): Case {
  const [h, wd] = [4, 5]
  const clamp = (v: number, n: number) => Math.max(0, Math.min(n - 1, v))
  const nearest = (i: number, from: number, to: number) => {
    const c = coordinate(i, from, to, sampling)
    return clamp(sampling === 'asymmetric' ? Math.floor(c) : Math.floor(c + 0.5), from)
  }
  const linear = (x: Nhwc, y: number, c: number, k: number) => {
    const [y0, x0] = [Math.floor(clamp(y, h)), Math.floor(clamp(c, wd))]
    const [fy, fx] = [clamp(y, h) - y0, clamp(c, wd) - x0]
    const v = (a: number, b: number) => at(x, 0, clamp(a, h), clamp(b, wd), k)
    return (
      (v(y0, x0) * (1 - fx) + v(y0, x0 + 1) * fx) * (1 - fy) + (v(y0 + 1, x0) * (1 - fx) + v(y0 + 1, x0 + 1) * fx) * fy
    )
  }
  const from = (x: Nhwc, [, y, c, k]: number[]) =>
    op === 'RESIZE_BILINEAR'
      ? linear(x, coordinate(y!, h, size[0], sampling), coordinate(c!, wd, size[1], sampling), k!)
      : at(x, 0, nearest(y!, h, size[0]), nearest(c!, wd, size[1]), k!)
  const options = sampling === 'asymmetric' ? {} : { [sampling]: 1 }
  return moved(`${op} to ${size} ${sampling}`, op, [ints('size', size)], [1, ...size, 3], from, { options })
}

const cases: Case[] = [
  convCase('CONV_2D same', w({}), [7, 6]),
  convCase('CONV_2D same stride 2 relu', w({ stride: [2, 2] }), [4, 3], 1),
  convCase('CONV_2D valid 2x3 stride 2,1', w({ kernel: [2, 3], stride: [2, 1], same: false }), [3, 4]),
  convCase('CONV_2D dilated', w({ dilation: [2, 2] }), [7, 6], 2),
  convCase('CONV_2D grouped', w({}), [7, 6], 0, 2),
  depthwiseCase('DEPTHWISE_CONV_2D same', w({}), [6, 5], 1),
  depthwiseCase('DEPTHWISE_CONV_2D multiplier 2 stride 2', w({ stride: [2, 2] }), [3, 3], 2),
  depthwiseCase('DEPTHWISE_CONV_2D valid dilated', w({ kernel: [2, 2], dilation: [2, 1], same: false }), [4, 4], 1),
  transposeConvCase('TRANSPOSE_CONV same', [8, 6], true, [2, 2]),
  transposeConvCase('TRANSPOSE_CONV same odd', [7, 5], true, [2, 2]),
  transposeConvCase('TRANSPOSE_CONV valid', [9, 7], false, [2, 2]),
  transposeConvCase('TRANSPOSE_CONV valid longer', [10, 8], false, [2, 2]),
  poolCase('AVERAGE_POOL_2D', w({ stride: [2, 2] }), [4, 3]),
  poolCase('AVERAGE_POOL_2D', w({ kernel: [2, 2], stride: [2, 2], same: false }), [3, 3]),
  poolCase('MAX_POOL_2D', w({ stride: [2, 2] }), [4, 3]),
  poolCase('MAX_POOL_2D', w({ kernel: [2, 3], stride: [1, 2], same: false }), [6, 2]),
  fullyConnected('FULLY_CONNECTED rank 2', [1, 6], [1, 4]),
  fullyConnected('FULLY_CONNECTED flattens', [1, 1, 2, 3], [1, 4]),
  fullyConnected('FULLY_CONNECTED keeps dimensions', [1, 2, 3, 6], [1, 2, 3, 4], 1),
  { ...fullyConnected('FULLY_CONNECTED folds rows', [1, 2, 3, 6], [6, 4]), fixed: true },
  binary('ADD', (a, b) => a + b, [1, 3, 4, 2], 3),
  binary('ADD', (a, b) => a + b, [2]),
  binary('SUB', (a, b) => a - b, [4, 2]),
  binary('MUL', (a, b) => a * b, [1, 1, 1, 2]),
  binary('MUL', (a, b) => a * b, []),
  binary('DIV', (a, b) => a / b, [3, 1, 2]),
  binary('MAXIMUM', Math.max, [2]),
  binary('MINIMUM', Math.min, [1, 3, 4, 2]),
  binary('PRELU', (a, b) => (a < 0 ? a * b : a), [1, 1, 2]),
  unary('LOGISTIC', (v) => 1 / (1 + Math.exp(-v))),
  unary('TANH', Math.tanh),
  unary('RELU', (v) => Math.max(0, v)),
  unary('RELU6', (v) => Math.max(0, Math.min(6, v))),
  unary('RELU_N1_TO_1', (v) => Math.max(-1, Math.min(1, v))),
  unary('LEAKY_RELU', (v) => (v < 0 ? 0.125 * v : v), { alpha: 0.125 }),
  unary('HARD_SWISH', (v) => (v * Math.max(0, Math.min(6, v + 3))) / 6),
  unary('ABS', Math.abs),
  unary('SQUARE', (v) => v * v, undefined, [1, 5]),
  reduce('MEAN', [1, 2], 1),
  reduce('MEAN', [1, 2], 0),
  reduce('MEAN', [1], 0),
  reduce('MEAN', [-1], 0),
  reduce('MEAN', [0], 1, true),
  reduce('SUM', [2, 3], 1),
  reduce('SUM', [2], 0),
  reduce('REDUCE_MAX', [3], 1),
  reduce('REDUCE_MIN', [1, 2], 0),
  softmax([1, 3, 4, 5], 1),
  softmax([1, 5], 1),
  softmax([1, 5], 0.5),
  moved('RESHAPE', 'RESHAPE', [ints('shape', [1, 60])], [1, 60], (x, [, i]) => x.data[i!]!),
  moved(
    'RESHAPE to rank 3',
    'RESHAPE',
    [ints('shape', [-1, 20, 3])],
    [1, 20, 3],
    (x, [, i, c]) => x.data[i! * 3 + c!]!,
  ),
  moved('EXPAND_DIMS', 'EXPAND_DIMS', [ints('axis', [1], [])], [1, 1, 4, 5, 3], (x, [, , ...i]) => at(x, 0, ...i)),
  moved('SQUEEZE', 'SQUEEZE', [], [1, 4, 3], (x, [, y, c]) => at(x, 0, y!, 0, c!), {
    x: filled([1, 4, 1, 3]),
    options: { axes: [2] },
  }),
  moved('TRANSPOSE', 'TRANSPOSE', [ints('perm', [0, 2, 1, 3])], [1, 5, 4, 3], (x, [, a, b, c]) => at(x, 0, b!, a!, c!)),
  moved(
    'TRANSPOSE moves the batch',
    'TRANSPOSE',
    [ints('perm', [1, 0, 2, 3])],
    [4, 1, 5, 3],
    (x, [a, , b, c]) => at(x, 0, a!, b!, c!),
    { fixed: true },
  ),
  moved(
    'CONCATENATION on channels',
    'CONCATENATION',
    [floats('c', { shape: [1, 4, 5, 2], data: new Float32Array(40).fill(2) })],
    [1, 4, 5, 5],
    (x, [, a, b, c]) => (c! < 3 ? at(x, 0, a!, b!, c!) : 2),
    { options: { axis: -1 }, fixed: true },
  ),
  moved(
    'CONCATENATION of rows with itself',
    'CONCATENATION',
    [],
    [1, 8, 5, 3],
    (x, [, a, b, c]) => at(x, 0, a! % 4, b!, c!),
    { inputs: ['x', 'x'], options: { axis: 1 } },
  ),
  moved('SLICE', 'SLICE', [ints('begin', [0, 1, 0, 1]), ints('size', [1, 2, -1, 2])], [1, 2, 5, 2], (x, [, a, b, c]) =>
    at(x, 0, a! + 1, b!, c! + 1),
  ),
  moved(
    'STRIDED_SLICE',
    'STRIDED_SLICE',
    [ints('begin', [0, 3, 1, 0]), ints('end', [0, 0, -1, 2]), ints('strides', [1, -2, 1, 1])],
    [1, 2, 3, 2],
    (x, [, a, b, c]) => at(x, 0, 3 - 2 * a!, b! + 1, c!),
    { options: { beginMask: 1, endMask: 1 } },
  ),
  moved(
    'STRIDED_SLICE drops a dimension',
    'STRIDED_SLICE',
    [ints('begin', [0, 2, 0, 0]), ints('end', [0, 3, 0, 0]), ints('strides', [1, 1, 1, 1])],
    [1, 5, 3],
    (x, [, b, c]) => at(x, 0, 2, b!, c!),
    { options: { beginMask: 13, endMask: 13, shrinkAxisMask: 2 } },
  ),
  moved('PAD', 'PAD', [ints('pads', [0, 0, 1, 2, 0, 1, 0, 0], [4, 2])], [1, 7, 6, 3], (x, [, a, b, c]) =>
    a! >= 1 && a! < 5 && b! < 5 ? at(x, 0, a! - 1, b!, c!) : 0,
  ),
  moved(
    'PADV2',
    'PADV2',
    [ints('pads', [0, 0, 1, 0, 0, 0, 0, 1], [4, 2]), floats('v', { shape: [1], data: Float32Array.of(-3) })],
    [1, 5, 5, 4],
    (x, [, a, b, c]) => (a! >= 1 && c! < 3 ? at(x, 0, a! - 1, b!, c!) : -3),
  ),
  moved(
    'MIRROR_PAD',
    'MIRROR_PAD',
    [ints('pads', [0, 0, 2, 1, 1, 1, 0, 0], [4, 2])],
    [1, 7, 7, 3],
    (x, [, a, b, c]) => at(x, 0, [2, 1, 0, 1, 2, 3, 2][a!]!, [1, 0, 1, 2, 3, 4, 3][b!]!, c!),
    { options: { mode: 0 } },
  ),
  ...(['RESIZE_NEAREST_NEIGHBOR', 'RESIZE_BILINEAR'] as const).flatMap((op) =>
    (['asymmetric', 'halfPixelCenters', 'alignCorners'] as const).flatMap((sampling) => [
      resize(op, [8, 10], sampling),
      resize(op, [7, 9], sampling),
      resize(op, [3, 2], sampling),
    ]),
  ),
  moved('CAST', 'CAST', [], [1, 4, 5, 3], (x, i) => at(x, ...i)),
]

const importGraph = (c: Case, before: 'input' | 'pool'): Graph => {
  // a 1x1 pool changes nothing but leaves its result in NCHW order
  const first: OperatorSpec = {
    op: 'AVERAGE_POOL_2D',
    inputs: ['x0'],
    outputs: ['x'],
    options: { padding: 1, strideH: 1, strideW: 1, filterH: 1, filterW: 1 },
  }
  const tensors: TensorSpec[] = [
    { name: 'x', shape: c.x.shape },
    ...(c.constants ?? []),
    { name: 'out', shape: c.outShape },
  ]
  const last: OperatorSpec = { op: c.op, inputs: c.inputs ?? ['x'], outputs: ['out'], options: c.options }
  const model =
    before === 'input'
      ? { tensors, operators: [last], inputs: ['x'], outputs: ['out'] }
      : {
          tensors: [{ name: 'x0', shape: c.x.shape }, ...tensors],
          operators: [first, last],
          inputs: ['x0'],
          outputs: ['out'],
        }
  // the shapes stated by the reader must be those that the operators have
  const graph = inferShapes(readTflite(memorySource('case.tflite', writeTflite(model))), { declared: 'check' })
  verify(graph)
  return graph
}

async function run(graph: Graph, x: Nhwc, batch: number) {
  const session = await InferenceSession.create(writeOnnx(graph, { quantization: 'drop' }))
  const data = new Float32Array(x.data.length * batch)
  for (let n = 0; n < batch; n++) data.set(x.data, n * x.data.length)
  const feed = new Tensor('float32', data, [batch, ...x.shape.slice(1)])
  const results = await session.run({ [graph.inputs[0]!]: feed })
  await session.release()
  const out = results[graph.outputs[0]!]!
  return { dims: [...out.dims], data: Array.from(out.data as Float32Array) }
}

for (const before of ['input', 'pool'] as const) {
  const fitting = cases.filter((c) => before === 'input' || c.x.shape.length === 4)
  test.each(fitting)(`$name after ${before}`, async (c) => {
    const graph = importGraph(c, before)
    const batch = c.fixed ? 1 : 2
    const result = await run(graph, c.x, batch)
    const one = Array.from(c.expected(c.x))
    const expected = Array.from({ length: batch }, () => one).flat()
    const worst = Math.max(...expected.map((v, i) => Math.abs(v - result.data[i]!)))
    expect({ dims: result.dims, length: result.data.length, close: worst < 2e-5 }).toEqual({
      dims: c.fixed ? c.outShape : [batch, ...c.outShape.slice(1)],
      length: expected.length,
      close: true,
    })
  })
}
