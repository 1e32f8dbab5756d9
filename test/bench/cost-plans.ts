// Plans made up for fitting the cost model: one input, and operators of every kind that read it under different shapes. What they
// compute means nothing; how long it takes depends on the shapes. The same seed gives the same plans.
import { type Random, seededRandom } from '../../src-main/base/random.ts'
import { writeShoe } from '../../src-main/formats/shoe/index.ts'
import { requantOf } from '../../src-main/targets/lowering/fixed-point.ts'
import { planMemory } from '../../src-main/targets/memory-plan.ts'
import type { Plan, PlanOp, PlanTensor, Requant, TensorIndex } from '../../src-main/targets/plan.ts'

/** Elements of the input: with many divisors, with odd ones, powers of two. */
const inputSizes = [576, 735, 1024, 1200, 1440, 2048, 1155, 800] as const

export function syntheticPlans(seed: number): { readonly name: string; readonly plan: Plan }[] {
  return inputSizes.map((size, i) => ({
    name: `synthetic ${i + 1}`,
    plan: new PlanMaker(size, seededRandom(seed + i)).make(),
  }))
}

export function packOf(plan: Plan): Uint8Array {
  const none = '0'.repeat(64)
  const origin = { modelName: 'synthetic', modelSha256: none, recipeSha256: none, dataSha256: none, producer: 'bench' }
  return writeShoe(plan, origin)
}

class PlanMaker {
  readonly #size: number
  readonly #random: Random
  readonly #tensors: PlanTensor[] = []
  readonly #ops: PlanOp[] = []
  #last: TensorIndex = 0

  constructor(size: number, random: Random) {
    this.#size = size
    this.#random = random
    this.#arena([1, size], 'x')
  }

  make(): Plan {
    for (let i = 0; i < 4; i++) this.#conv(i)
    for (let i = 0; i < 4; i++) this.#depthwise(i)
    for (let i = 0; i < 3; i++) this.#dense()
    for (let i = 0; i < 2; i++) this.#transposeConv()
    for (let i = 0; i < 2; i++) this.#pool(i % 2 === 0 ? 'averagePool2d' : 'maxPool2d')
    for (let i = 0; i < 2; i++) this.#mean(i)
    this.#elementwise()
    this.#movement()
    const shape = this.#tensors[this.#last]!.shape
    return planMemory({
      tensors: this.#tensors,
      ops: this.#ops,
      inputs: [{ name: 'x', tensor: 0, shape: [1, this.#size] }],
      outputs: [{ name: 'y', tensor: this.#last, shape }],
      arenaBytes: 0,
    })
  }

  #arena(shape: readonly number[], name = `t${this.#tensors.length}`): TensorIndex {
    const place = { kind: 'arena', offset: -1 } as const
    return this.#tensors.push({ name, dtype: 'i8', shape, scale: 0.1, zeroPoint: 3, place }) - 1
  }

  #view(shape: readonly number[]): TensorIndex {
    const place = { kind: 'arena', offset: -1, aliasOf: 0 } as const
    const name = `v${this.#tensors.length}`
    return this.#tensors.push({ name, dtype: 'i8', shape, scale: 0.1, zeroPoint: 3, place }) - 1
  }

  #weights(shape: readonly number[]): TensorIndex {
    const count = shape.reduce((a, b) => a * b, 1)
    const data = Int8Array.from({ length: count }, () => this.#random.below(255) - 127)
    const place = { kind: 'constant', data } as const
    return (
      this.#tensors.push({ name: `w${this.#tensors.length}`, dtype: 'i8', shape, scale: 0.1, zeroPoint: 0, place }) - 1
    )
  }

  #bias(count: number): TensorIndex | null {
    if (this.#random.below(4) === 0) return null
    const data = Int32Array.from({ length: count }, () => this.#random.below(2000) - 1000)
    const place = { kind: 'constant', data } as const
    return (
      this.#tensors.push({
        name: `b${this.#tensors.length}`,
        dtype: 'i32',
        shape: [count],
        scale: 1,
        zeroPoint: 0,
        place,
      }) - 1
    )
  }

  #push(op: PlanOp) {
    this.#ops.push(op)
    this.#last = op.output
  }

  #base(output: TensorIndex, macs = 0) {
    return { node: `op${this.#ops.length}`, op: 'Bench', output, macs }
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#random.below(values.length)]!
  }

  /** Height, width and channels whose product is the input. */
  #image(least = 1): [number, number, number] {
    const fits: [number, number, number][] = []
    for (let c = 1; c <= 128; c++)
      for (let h = least; h <= 48; h++) {
        const w = this.#size / c / h
        if (Number.isInteger(w) && w >= least && w <= 48) fits.push([h, w, c])
      }
    return this.#pick(fits)
  }

  #window() {
    const [kernelH, kernelW] = this.#pick([
      [1, 1],
      [3, 3],
      [3, 3],
      [5, 5],
      [1, 3],
      [4, 10],
      [2, 2],
    ] as const)
    const stride = this.#pick([1, 1, 2])
    const isSame = this.#random.below(2) === 0
    return { kernelH, kernelW, stride, padTop: isSame ? kernelH >> 1 : 0, padLeft: isSame ? kernelW >> 1 : 0 }
  }

  /** An image that the window fits into, and what comes out of it. */
  #slide() {
    const w = this.#window()
    for (;;) {
      const [height, width, channels] = this.#image()
      const outH = Math.floor((height + 2 * w.padTop - w.kernelH) / w.stride) + 1
      const outW = Math.floor((width + 2 * w.padLeft - w.kernelW) / w.stride) + 1
      if (height >= w.kernelH && width >= w.kernelW && outH >= 1 && outW >= 1)
        return {
          ...w,
          height,
          width,
          channels,
          outH,
          outW,
          strideH: w.stride,
          strideW: w.stride,
          dilationH: 1,
          dilationW: 1,
        }
      w.kernelH = 1
      w.kernelW = 1
      w.padTop = 0
      w.padLeft = 0
    }
  }

  #conv(turn: number) {
    const s = this.#slide()
    const groups = turn === 3 && s.channels % 2 === 0 ? 2 : 1
    const most = Math.max(1, Math.min(64, Math.floor(4096 / (s.outH * s.outW))))
    const outputs = groups * Math.max(1, Math.ceil((1 + this.#random.below(most)) / groups))
    const filter = [s.kernelH, s.kernelW, s.channels / groups]
    const count = s.kernelH * s.kernelW * (s.channels / groups)
    this.#push({
      ...{
        kind: 'conv2d',
        ...this.#base(this.#arena([1, s.outH, s.outW, outputs]), s.outH * s.outW * outputs * count),
      },
      ...{ input: this.#view([1, s.height, s.width, s.channels]), weights: this.#weights([outputs, ...filter]) },
      ...{ bias: this.#bias(outputs), groups, min: -128, max: 127, requant: rescale(count, outputs), ...geometry(s) },
    })
  }

  #depthwise(turn: number) {
    const s = this.#slide()
    const multiplier = turn === 3 && s.outH * s.outW * s.channels * 2 <= 4096 ? 2 : 1
    const channels = s.channels * multiplier
    const count = s.kernelH * s.kernelW
    this.#push({
      ...{
        kind: 'depthwiseConv2d',
        ...this.#base(this.#arena([1, s.outH, s.outW, channels]), s.outH * s.outW * channels * count),
      },
      ...{
        input: this.#view([1, s.height, s.width, s.channels]),
        weights: this.#weights([1, s.kernelH, s.kernelW, channels]),
      },
      ...{
        bias: this.#bias(channels),
        multiplier,
        min: -128,
        max: 127,
        requant: rescale(count, channels),
        ...geometry(s),
      },
    })
  }

  #dense() {
    const rows = this.#pick([1, 1, 2, 3, 5].filter((n) => this.#size % n === 0))
    const depth = this.#size / rows
    const outputs = 1 + this.#random.below(Math.min(24, Math.floor(24_000 / this.#size)))
    this.#push({
      ...{ kind: 'fullyConnected', ...this.#base(this.#arena([rows, outputs]), rows * depth * outputs) },
      ...{ input: this.#view([rows, depth]), weights: this.#weights([outputs, depth]), bias: this.#bias(outputs) },
      ...{ min: -128, max: 127, requant: rescale(depth, 1) },
    })
  }

  #transposeConv() {
    const [height, width, channels] = this.#image()
    const [kernel, stride] = this.#pick([
      [2, 2],
      [3, 2],
      [3, 1],
    ] as const)
    const [outH, outW] = [(height - 1) * stride + kernel, (width - 1) * stride + kernel]
    const outputs = 1 + this.#random.below(Math.max(1, Math.min(8, Math.floor(4096 / (outH * outW)))))
    if (outH * outW * outputs > 6000) return
    this.#push({
      ...{
        kind: 'transposeConv2d',
        ...this.#base(this.#arena([1, outH, outW, outputs]), height * width * channels * outputs * kernel * kernel),
      },
      ...{
        input: this.#view([1, height, width, channels]),
        weights: this.#weights([outputs, kernel, kernel, channels]),
      },
      ...{ bias: this.#bias(outputs), strideH: stride, strideW: stride, padTop: 0, padLeft: 0, min: -128, max: 127 },
      requant: rescale(kernel * kernel * channels, outputs),
    })
  }

  #pool(kind: 'averagePool2d' | 'maxPool2d') {
    const [height, width, channels] = this.#image(2)
    const [kernelH, kernelW] = [Math.min(height, this.#pick([2, 3])), Math.min(width, this.#pick([2, 3, 4]))]
    const [outH, outW] = [Math.floor((height - kernelH) / 2) + 1, Math.floor((width - kernelW) / 2) + 1]
    this.#push({
      ...{
        kind,
        ...this.#base(this.#arena([1, outH, outW, channels])),
        input: this.#view([1, height, width, channels]),
      },
      ...{ kernelH, kernelW, strideH: 2, strideW: 2, padTop: 0, padLeft: 0, countPadding: false, min: -128, max: 127 },
    })
  }

  #mean(turn: number) {
    const [height, width, channels] = this.#image(2)
    const axes = turn === 0 ? [1, 2] : [3]
    const output = this.#arena(turn === 0 ? [1, channels] : [1, height, width])
    this.#push({
      kind: 'mean',
      ...this.#base(output),
      input: this.#view([1, height, width, channels]),
      axes,
      requant: requantOf(1),
    })
  }

  #elementwise() {
    const [height, width, channels] = this.#image()
    const shape = [1, height, width, channels]
    const a = this.#view(shape)
    const b = this.#weights(shape)
    const rescaled = {
      leftShift: 20,
      aRequant: requantOf(0.5),
      bRequant: requantOf(0.4),
      requant: requantOf(1 / 2 ** 19),
    }
    const limits = { min: -128, max: 127 }
    this.#push({ kind: this.#pick(['add', 'sub']), ...this.#base(this.#arena(shape)), a, b, ...rescaled, ...limits })
    this.#push({ kind: 'mul', ...this.#base(this.#arena(shape)), a, b, requant: requantOf(0.01), ...limits })
    this.#push({ kind: 'div', ...this.#base(this.#arena(shape)), a, b, requant: requantOf(0.5), ...limits })
    const table = Int8Array.from({ length: 256 }, (_, i) => Math.round(100 * Math.tanh((i - 128) / 40)))
    this.#push({ kind: 'table', ...this.#base(this.#arena(shape)), input: a, table })
    this.#push({ kind: 'requantize', ...this.#base(this.#arena(shape)), input: a, requant: requantOf(0.7), ...limits })
    const alpha = this.#weights([channels])
    this.#push({
      kind: 'prelu',
      ...this.#base(this.#arena(shape)),
      input: a,
      alpha,
      requant: requantOf(0.9),
      alphaRequant: requantOf(0.01),
    })
    const depth = this.#pick([4, 10, 12, 20, 35].filter((n) => this.#size % n === 0).concat(this.#size))
    const rows = [this.#size / depth, depth]
    const softmax = { multiplier: 1_340_000_000, leftShift: 24, diffMin: -120 }
    this.#push({ kind: 'softmax', ...this.#base(this.#arena(rows)), input: this.#view(rows), ...softmax })
  }

  #movement() {
    const [height, width, channels] = this.#image(2)
    const shape = [1, height, width, channels]
    const input = this.#view(shape)
    this.#push({
      kind: 'concat',
      ...this.#base(this.#arena([1, height, width, 2 * channels])),
      inputs: [input, input],
      axis: 3,
    })
    const cut = [1, height - 1, width - 1, channels]
    this.#push({ kind: 'slice', ...this.#base(this.#arena(cut)), input, begin: [0, 1, 0, 0], stride: [1, 1, 1, 1] })
    const [before, after] = [
      [0, 1, 1, 0],
      [0, 1, 0, 0],
    ]
    const padded = this.#arena([1, height + 2, width + 1, channels])
    this.#push({ kind: 'pad', ...this.#base(padded), input, before, after, mode: 'constant', value: 3 })
    this.#push({
      kind: 'transpose',
      ...this.#base(this.#arena([1, channels, height, width])),
      input,
      perm: [0, 3, 1, 2],
    })
    this.#push({ kind: 'copy', ...this.#base(this.#arena(shape)), input })
    const [h, w] = [Math.min(height, 8), Math.min(width, 8)]
    const small = this.#arena([1, h, w, channels])
    this.#push({ kind: 'slice', ...this.#base(small), input, begin: [0, 0, 0, 0], stride: [1, 1, 1, 1] })
    const sizes = [1, h + 3, w + 2, channels]
    const plain = { alignCorners: false, halfPixelCenters: true }
    this.#push({ kind: 'resizeNearest', ...this.#base(this.#arena(sizes)), input: small, ...plain })
    this.#push({ kind: 'resizeBilinear', ...this.#base(this.#arena(sizes)), input: small, ...plain })
  }
}

type Slide = {
  readonly strideH: number
  readonly strideW: number
  readonly padTop: number
  readonly padLeft: number
  readonly dilationH: number
  readonly dilationW: number
}

const geometry = ({ strideH, strideW, padTop, padLeft, dilationH, dilationW }: Slide) => ({
  ...{ strideH, strideW, padTop, padLeft, dilationH, dilationW },
})

/** So that sums of `count` products of random bytes are mostly within int8. */
const rescale = (count: number, channels: number): Requant =>
  requantOf(...new Array<number>(channels).fill(30 / (5476 * Math.sqrt(count))))
