// Plans of one operator with random shapes, parameters and data, for every kind.
import type { Random } from '../../src-main/base/random.ts'
import { elementsOf } from '../../src-main/ir/tensor.ts'
import type { PackOrigin, Plan, PlanOp, PlanTensor, Requant, TensorIndex } from '../../src-main/targets/plan.ts'

export const origin: PackOrigin = {
  modelName: 'case',
  modelSha256: 'a1'.repeat(32),
  recipeSha256: 'b2'.repeat(32),
  dataSha256: '0'.repeat(64),
  producer: 'test',
}

export interface Case {
  readonly plan: Plan
  /** One per graph input. */
  readonly inputs: readonly Int8Array[]
}

type Kind = PlanOp['kind']
type Make = (c: CaseBuilder) => PlanOp

export function randomCase(kind: Kind, random: Random): Case {
  const builder = new CaseBuilder(random, kind)
  return builder.finish(makers[kind](builder))
}

class CaseBuilder {
  readonly random: Random
  readonly kind: Kind
  readonly #tensors: PlanTensor[] = []
  readonly #inputs: TensorIndex[] = []
  #arena = 0

  constructor(random: Random, kind: Kind) {
    this.random = random
    this.kind = kind
  }

  /** An integer of [low, high]. */
  int = (low: number, high: number) => low + this.random.below(high - low + 1)
  flip = () => this.random.below(2) === 1
  pick = <T>(items: readonly T[]): T => items[this.random.below(items.length)]!
  shape = (rank: number, most: number) => Array.from({ length: rank }, () => this.int(1, most))
  image = (channels = this.int(1, 40)) => [this.int(1, 2), this.int(1, 9), this.int(1, 9), channels]

  arena(shape: readonly number[]): TensorIndex {
    const place = { kind: 'arena', offset: this.#arena } as const
    this.#arena += Math.ceil(elementsOf(shape) / 16) * 16
    return this.#push({ name: `t${this.#tensors.length}`, dtype: 'i8', shape, ...this.#quant(), place })
  }

  input(shape: readonly number[]): TensorIndex {
    const index = this.arena(shape)
    this.#inputs.push(index)
    return index
  }

  constant(shape: readonly number[], zeroPoint = 0): TensorIndex {
    const data = this.bytes(elementsOf(shape))
    const name = `w${this.#tensors.length}`
    return this.#push({ name, dtype: 'i8', shape, scale: 1, zeroPoint, place: { kind: 'constant', data } })
  }

  bias(channels: number): TensorIndex | null {
    if (this.random.below(4) === 0) return null
    const data = Int32Array.from({ length: channels }, () => this.int(-20000, 20000))
    const name = `b${this.#tensors.length}`
    return this.#push({
      name,
      dtype: 'i32',
      shape: [channels],
      scale: 1,
      zeroPoint: 0,
      place: { kind: 'constant', data },
    })
  }

  bytes = (count: number) => Int8Array.from({ length: count }, () => this.int(-128, 127))

  /** Factors around `real`; with `channels`, one each half of the time. */
  requant(real: number, channels = 1): Requant {
    const count = channels > 1 && this.flip() ? channels : 1
    const factors = Array.from({ length: count }, () => quantize(real * 2 ** (this.random.next() * 2 - 1)))
    return {
      multiplier: Int32Array.from(factors, (f) => f.multiplier),
      shift: Int8Array.from(factors, (f) => f.shift),
    }
  }

  clamp() {
    return this.flip() ? { min: -128, max: 127 } : { min: this.int(-128, 0), max: this.int(0, 127) }
  }

  base(output: TensorIndex) {
    return { node: `${this.kind}_0`, op: 'Op', output, macs: 1234567890123 }
  }

  shapeOf = (tensor: TensorIndex) => this.#tensors[tensor]!.shape

  finish(op: PlanOp): Case {
    const port = (tensor: TensorIndex) => ({ name: `port ${tensor}`, tensor, shape: this.shapeOf(tensor) })
    const plan: Plan = {
      tensors: this.#tensors,
      ops: [op],
      inputs: this.#inputs.map(port),
      outputs: [port(op.output)],
      arenaBytes: this.#arena,
    }
    return { plan, inputs: this.#inputs.map((tensor) => this.bytes(elementsOf(this.shapeOf(tensor)))) }
  }

  #quant() {
    return { scale: Math.fround(2 ** (this.random.next() * 4 - 6)), zeroPoint: this.int(-128, 127) }
  }

  #push(tensor: PlanTensor): TensorIndex {
    this.#tensors.push(tensor)
    return this.#tensors.length - 1
  }
}

/** TFLite's QuantizeMultiplier. */
export function quantize(real: number): { multiplier: number; shift: number } {
  let shift = Math.floor(Math.log2(real)) + 1
  let multiplier = Math.round((real / 2 ** shift) * 2 ** 31)
  if (multiplier === 2 ** 31) {
    multiplier /= 2
    shift++
  }
  return { multiplier, shift }
}

function windowOf(c: CaseBuilder, taps: readonly [number, number], dilation: readonly [number, number] = [1, 1]) {
  return {
    strideH: c.int(1, 3),
    strideW: c.int(1, 3),
    padTop: c.int(0, (taps[0] - 1) * dilation[0]),
    padLeft: c.int(0, (taps[1] - 1) * dilation[1]),
  }
}

/** Outputs along one dimension, with any bottom padding a convolution could have. */
const outSize = (c: CaseBuilder, size: number, reach: number, stride: number, pad: number) =>
  Math.max(1, Math.floor((size + pad + c.int(0, reach) - reach - 1) / stride) + 1)

function convLike(c: CaseBuilder, groups: number, perGroup: number, outputs: number) {
  const [, h, w] = c.image() as [number, number, number, number]
  const input = c.input([c.int(1, 2), h, w, groups * perGroup])
  const taps = c.flip() ? ([1, 1] as const) : ([c.int(1, 5), c.int(1, 4)] as const)
  const dilation = c.flip() ? ([1, 1] as const) : ([c.int(1, 3), c.int(1, 3)] as const)
  const window = { ...windowOf(c, taps, dilation), dilationH: dilation[0], dilationW: dilation[1] }
  const oh = outSize(c, h, (taps[0] - 1) * dilation[0], window.strideH, window.padTop)
  const ow = outSize(c, w, (taps[1] - 1) * dilation[1], window.strideW, window.padLeft)
  const output = c.arena([c.shapeOf(input)[0]!, oh, ow, outputs])
  return { input, taps, window, output }
}

const conv: Make = (c) => {
  const groups = c.pick([1, 1, 1, 2, 3])
  const perGroup = c.int(1, 37)
  const outputs = groups * c.int(1, 6)
  const { input, taps, window, output } = convLike(c, groups, perGroup, outputs)
  const weights = c.constant([outputs, ...taps, perGroup])
  const requant = c.requant(0.5 / Math.sqrt(taps[0] * taps[1] * perGroup) / 64, outputs)
  return {
    kind: 'conv2d',
    ...c.base(output),
    input,
    weights,
    bias: c.bias(outputs),
    ...window,
    groups,
    ...c.clamp(),
    requant,
  }
}

const depthwise: Make = (c) => {
  const channels = c.int(1, 40)
  const multiplier = c.pick([1, 1, 2, 3])
  const outputs = channels * multiplier
  const { input, taps, window, output } = convLike(c, 1, channels, outputs)
  const weights = c.constant([1, ...taps, outputs])
  const requant = c.requant(0.5 / Math.sqrt(taps[0] * taps[1]) / 64, outputs)
  const bias = c.bias(outputs)
  return {
    kind: 'depthwiseConv2d',
    ...c.base(output),
    input,
    weights,
    bias,
    ...window,
    multiplier,
    ...c.clamp(),
    requant,
  }
}

const transposeConv: Make = (c) => {
  const depth = c.int(1, 20)
  const outputs = c.int(1, 5)
  const [n, h, w] = [c.int(1, 2), c.int(1, 5), c.int(1, 5)]
  const input = c.input([n, h, w, depth])
  const taps = [c.int(1, 5), c.int(1, 5)] as const
  const window = windowOf(c, taps)
  const full = (size: number, stride: number, tap: number, pad: number) =>
    Math.max(1, (size - 1) * stride + tap - pad - c.int(0, 2) + c.int(0, 2))
  const oh = full(h, window.strideH, taps[0], window.padTop)
  const ow = full(w, window.strideW, taps[1], window.padLeft)
  const output = c.arena([n, oh, ow, outputs])
  const weights = c.constant([outputs, ...taps, depth])
  const requant = c.requant(0.01 / Math.sqrt(depth), outputs)
  return {
    kind: 'transposeConv2d',
    ...c.base(output),
    input,
    weights,
    bias: c.bias(outputs),
    ...window,
    ...c.clamp(),
    requant,
  }
}

const fullyConnected: Make = (c) => {
  const batches = c.pick([1, 1, 3])
  const [rows, depth, outputs] = [c.int(1, 4), c.int(1, 70), c.int(1, 20)]
  const input = c.input(batches > 1 ? [batches, rows, depth] : [rows, depth])
  const weightShape = batches > 1 ? [batches, outputs, depth] : [outputs, depth]
  const weights = c.flip() ? c.constant(weightShape, c.pick([0, 5, -100])) : c.input(weightShape)
  const output = c.arena(batches > 1 ? [batches, rows, outputs] : [rows, outputs])
  const requant = c.requant(0.01 / Math.sqrt(depth), outputs)
  return { kind: 'fullyConnected', ...c.base(output), input, weights, bias: c.bias(outputs), ...c.clamp(), requant }
}

const pool =
  (kind: 'averagePool2d' | 'maxPool2d'): Make =>
  (c) => {
    const input = c.input(c.image())
    const [n, h, w, channels] = c.shapeOf(input) as [number, number, number, number]
    const [kernelH, kernelW] = [c.int(1, 5), c.int(1, 5)]
    const window = windowOf(c, [kernelH, kernelW])
    const oh = outSize(c, h, kernelH - 1, window.strideH, window.padTop)
    const ow = outSize(c, w, kernelW - 1, window.strideW, window.padLeft)
    const output = c.arena([n, oh, ow, channels])
    return { kind, ...c.base(output), input, ...window, kernelH, kernelW, countPadding: c.flip(), ...c.clamp() }
  }

/** Two operands of which the first, the second or neither is stretched along some dimensions. */
function operands(c: CaseBuilder) {
  const shape = c.shape(c.int(1, 5), 5)
  const stretch = () => {
    if (c.flip()) return shape
    const stretched = shape.map((dim) => (c.flip() ? dim : 1))
    return c.flip() ? stretched : stretched.slice(c.random.below(shape.length))
  }
  const a = c.input(stretch())
  const b = c.flip() ? c.input(stretch()) : c.constant(stretch(), c.int(-128, 127))
  return { shape, a, b, output: c.arena(shape) }
}

const add =
  (kind: 'add' | 'sub'): Make =>
  (c) => {
    const { a, b, output } = operands(c)
    const factors = { aRequant: c.requant(0.25), bRequant: c.requant(0.25), requant: c.requant(2 ** -19) }
    return { kind, ...c.base(output), a, b, leftShift: 20, ...factors, ...c.clamp() }
  }

const mul =
  (kind: 'mul' | 'div'): Make =>
  (c) => {
    const { a, b, output } = operands(c)
    return { kind, ...c.base(output), a, b, requant: c.requant(kind === 'mul' ? 0.01 : 20), ...c.clamp() }
  }

const unary = (c: CaseBuilder) => {
  const shape = c.shape(c.int(1, 6), 5)
  return { shape, input: c.input(shape), output: c.arena(shape) }
}

const resize =
  (kind: 'resizeNearest' | 'resizeBilinear'): Make =>
  (c) => {
    const input = c.input(c.image(c.int(1, 5)))
    const [n, , , channels] = c.shapeOf(input) as [number, number, number, number]
    const output = c.arena([n, c.int(1, 14), c.int(1, 14), channels])
    const alignCorners = c.flip()
    return { kind, ...c.base(output), input, alignCorners, halfPixelCenters: !alignCorners && c.flip() }
  }

const makers: Record<Kind, Make> = {
  conv2d: conv,
  depthwiseConv2d: depthwise,
  transposeConv2d: transposeConv,
  fullyConnected,
  averagePool2d: pool('averagePool2d'),
  maxPool2d: pool('maxPool2d'),
  add: add('add'),
  sub: add('sub'),
  mul: mul('mul'),
  div: mul('div'),
  table: (c) => {
    const { input, output } = unary(c)
    return { kind: 'table', ...c.base(output), input, table: c.bytes(256) }
  },
  requantize: (c) => {
    const { input, output } = unary(c)
    return { kind: 'requantize', ...c.base(output), input, requant: c.requant(1), ...c.clamp() }
  },
  prelu: (c) => {
    const { shape, input, output } = unary(c)
    const alpha = c.constant(shape.slice(-1), c.int(-128, 127))
    return { kind: 'prelu', ...c.base(output), input, alpha, requant: c.requant(1), alphaRequant: c.requant(0.01) }
  },
  softmax: (c) => {
    const shape = [...c.shape(c.int(0, 2), 3), c.int(1, 120)]
    const input = c.input(shape)
    const { multiplier, shift: leftShift } = quantize(Math.min(2 ** (c.random.next() * 10 - 9) * 2 ** 26, 2 ** 31 - 1))
    const diffMin = -Math.floor((31 * 2 ** 26) / 2 ** leftShift)
    return { kind: 'softmax', ...c.base(c.arena(shape)), input, multiplier, leftShift, diffMin }
  },
  mean: (c) => {
    const shape = c.shape(c.int(1, 5), 7)
    const axes = shape.map((_, d) => d).filter(() => c.flip())
    if (axes.length === 0) axes.push(c.random.below(shape.length))
    const kept = shape.filter((_, d) => !axes.includes(d))
    const output = c.flip() && kept.length > 0 ? kept : shape.map((dim, d) => (axes.includes(d) ? 1 : dim))
    const input = c.input(shape)
    return { kind: 'mean', ...c.base(c.arena(output)), input, axes, requant: c.requant(1) }
  },
  concat: (c) => {
    const shape = c.shape(c.int(1, 5), 4)
    const axis = c.random.below(shape.length)
    const parts = Array.from({ length: c.int(1, 4) }, () => shape.map((dim, d) => (d === axis ? c.int(1, 5) : dim)))
    const inputs = parts.map((part) => (c.random.below(5) === 0 ? c.constant(part) : c.input(part)))
    const joined = parts.reduce((sum, part) => sum + part[axis]!, 0)
    const output = c.arena(shape.map((dim, d) => (d === axis ? joined : dim)))
    return { kind: 'concat', ...c.base(output), inputs, axis }
  },
  slice: (c) => {
    const shape = c.shape(c.int(1, 6), 6)
    const cuts = shape.map((dim) => {
      const stride = c.pick([1, 1, 2, -1, -2])
      const begin = c.random.below(dim)
      const room = stride > 0 ? dim - 1 - begin : begin
      return { begin, stride, size: c.int(1, Math.floor(room / Math.abs(stride)) + 1) }
    })
    const input = c.input(shape)
    const output = c.arena(cuts.map((cut) => cut.size))
    return {
      kind: 'slice',
      ...c.base(output),
      input,
      begin: cuts.map((u) => u.begin),
      stride: cuts.map((u) => u.stride),
    }
  },
  pad: (c) => {
    const shape = c.shape(c.int(1, 5), 5)
    const mode = c.pick(['constant', 'reflect', 'edge'] as const)
    const amount = () => shape.map((dim) => c.int(0, mode === 'reflect' ? dim - 1 : 3))
    const [before, after] = [amount(), amount()]
    const input = c.input(shape)
    const output = c.arena(shape.map((dim, d) => dim + before[d]! + after[d]!))
    return { kind: 'pad', ...c.base(output), input, before, after, mode, value: c.int(-128, 127) }
  },
  transpose: (c) => {
    const shape = c.shape(c.int(1, 6), 4)
    const perm = shape.map((_, d) => d).sort(() => c.random.next() - 0.5)
    const input = c.input(shape)
    return { kind: 'transpose', ...c.base(c.arena(perm.map((d) => shape[d]!))), input, perm }
  },
  copy: (c) => {
    const shape = c.shape(3, 4)
    const input = c.input(shape)
    return { kind: 'copy', ...c.base(c.arena([elementsOf(shape)])), input }
  },
  resizeNearest: resize('resizeNearest'),
  resizeBilinear: resize('resizeBilinear'),
}

export const kindNames = Object.keys(makers) as Kind[]
