// Every operator of the plan, written from TFLite's formulas as plainly as possible: one output element at a time, products
// in BigInt. Slow; the oracle of the kernel tests.
import { nearestIndices } from '../../src-main/formats/shoe/resize-table.ts'
import type { Plan, PlanOp, Requant, TensorIndex } from '../../src-main/targets/plan.ts'

export interface Operand {
  readonly shape: readonly number[]
  readonly data: ArrayLike<number>
  readonly zero: number
}

type Of<K extends PlanOp['kind']> = Extract<PlanOp, { readonly kind: K }>
type Fetch = (tensor: TensorIndex) => Operand

// ---- fixed point (gemmlowp) ----

const int32Max = 2 ** 31 - 1
const int32Min = -(2 ** 31)
const saturate = (x: number) => Math.min(int32Max, Math.max(int32Min, x))
const clamp = (x: number, min: number, max: number) => Math.min(max, Math.max(min, x))

/** SaturatingRoundingDoublingHighMul; BigInt division truncates as C's does. */
export function highMul(a: number, b: number): number {
  if (a === int32Min && b === int32Min) return int32Max
  const product = BigInt(a) * BigInt(b)
  const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n)
  return Number((product + nudge) / (1n << 31n))
}

/** RoundingDivideByPOT: nearest, halves away from zero. */
export const divideByPower = (x: number, exponent: number) =>
  Math.sign(x) * Math.floor(Math.abs(x) / 2 ** exponent + 0.5) || 0

/** MultiplyByQuantizedMultiplier, double rounding. */
export function rescale(x: number, multiplier: number, shift: number): number {
  const left = Math.max(shift, 0)
  return divideByPower(highMul(Number(BigInt.asIntN(32, BigInt(x) << BigInt(left))), multiplier), left - shift)
}

const rescaleBy = (requant: Requant, x: number, channel = 0) => {
  const i = requant.multiplier.length === 1 ? 0 : channel
  return rescale(x, requant.multiplier[i]!, requant.shift[i]!)
}

/** Multiplication by 2^exponent, saturating. */
const timesPower = (x: number, exponent: number) => saturate(x * 2 ** exponent)

function oneOverOnePlus(x: number): number {
  const sum = x + int32Max
  const half = Math.trunc((sum + (sum >= 0 ? 1 : -1)) / 2)
  let estimate = 1515870810 + highMul(half, -1010580540)
  for (let i = 0; i < 3; i++) {
    const error = 2 ** 29 - highMul(half, estimate)
    estimate += timesPower(highMul(estimate, error), 2)
  }
  return timesPower(estimate, 1)
}

function reciprocal(x: number, integerBits: number): { scale: number; over: number } {
  const headroom = Math.clz32(x)
  return { scale: oneOverOnePlus(x * 2 ** headroom - 2 ** 31), over: integerBits - headroom }
}

const expBits = [
  [-2, 1672461947],
  [-1, 1302514674],
  [0, 790015084],
  [1, 290630308],
  [2, 39332535],
  [3, 720401],
  [4, 242],
] as const

/** exp of a non-positive fixed-point number with 5 integer bits. */
export function expNegative(a: number): number {
  const quarter = 2 ** 24
  const last = (((a % quarter) + quarter) % quarter) - quarter
  const x = timesPower(last, 5) + 2 ** 28
  const x2 = highMul(x, x)
  const x3 = highMul(x2, x)
  const x4 = highMul(x2, x2)
  const tail = divideByPower(highMul(divideByPower(x4, 2) + x3, 715827883) + x2, 1)
  let result = 1895147668 + highMul(1895147668, x + tail)
  const remainder = last - a
  for (const [exponent, factor] of expBits)
    if (Math.floor(remainder / 2 ** (26 + exponent)) % 2) result = highMul(result, factor)
  return a === 0 ? int32Max : result
}

// ---- indexing ----

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

export const flat = (shape: readonly number[], index: readonly number[]) =>
  index.reduce((at, i, d) => at * shape[d]! + i, 0)

export function* indices(shape: readonly number[]): Generator<number[]> {
  for (let n = 0; n < sizeOf(shape); n++) {
    const index: number[] = []
    let rest = n
    for (const dim of shape.toReversed()) {
      index.unshift(rest % dim)
      rest = Math.floor(rest / dim)
    }
    yield index
  }
}

const at = (t: Operand, ...index: number[]) => t.data[flat(t.shape, index)]!

/** Element of `t` stretched to the shape that `index` belongs to. */
function broadcastAt(t: Operand, index: readonly number[]): number {
  const skipped = index.length - t.shape.length
  return at(t, ...t.shape.map((dim, d) => (dim === 1 ? 0 : index[d + skipped]!)))
}

// ---- operators ----

export function reference(plan: Plan, op: PlanOp, fetch: Fetch): Int8Array {
  const { shape, zeroPoint } = plan.tensors[op.output]!
  const element = elementOf(op, fetch, { shape, zero: zeroPoint })
  return Int8Array.from(indices(shape), element)
}

interface Output {
  readonly shape: readonly number[]
  readonly zero: number
}
type Element = (index: readonly number[]) => number

function elementOf(op: PlanOp, fetch: Fetch, out: Output): Element {
  switch (op.kind) {
    case 'conv2d':
      return conv(op, fetch, out)
    case 'depthwiseConv2d':
      return depthwise(op, fetch, out)
    case 'transposeConv2d':
      return transposeConv(op, fetch, out)
    case 'fullyConnected':
      return fullyConnected(op, fetch, out)
    case 'averagePool2d':
    case 'maxPool2d':
      return pool(op, fetch(op.input))
    case 'add':
    case 'sub':
      return add(op, fetch(op.a), fetch(op.b), out)
    case 'mul':
      return mul(op, fetch(op.a), fetch(op.b), out)
    case 'div':
      return div(op, fetch(op.a), fetch(op.b), out)
    case 'table': {
      const x = fetch(op.input)
      return (i) => op.table[x.data[flat(out.shape, i)]! + 128]!
    }
    case 'requantize': {
      const x = fetch(op.input)
      return (i) => clamp(rescaleBy(op.requant, x.data[flat(out.shape, i)]! - x.zero) + out.zero, op.min, op.max)
    }
    case 'prelu':
      return prelu(op, fetch(op.input), fetch(op.alpha), out)
    case 'softmax':
      return softmax(op, fetch(op.input))
    case 'mean':
      return mean(op, fetch(op.input), out)
    case 'concat':
      return concat(op, op.inputs.map(fetch))
    case 'slice': {
      const x = fetch(op.input)
      return (i) => at(x, ...i.map((v, d) => op.begin[d]! + v * op.stride[d]!))
    }
    case 'pad':
      return pad(op, fetch(op.input))
    case 'transpose': {
      const x = fetch(op.input)
      return (i) => at(x, ...x.shape.map((_, d) => i[op.perm.indexOf(d)]!))
    }
    case 'copy': {
      const x = fetch(op.input)
      return (i) => x.data[flat(out.shape, i)]!
    }
    case 'resizeNearest':
      return nearest(op, fetch(op.input), out)
    case 'resizeBilinear':
      return bilinear(op, fetch(op.input), out)
  }
}

function conv(op: Of<'conv2d'>, fetch: Fetch, out: Output): Element {
  const [x, w] = [fetch(op.input), fetch(op.weights)]
  const bias = op.bias === null ? null : fetch(op.bias)
  const [, kh, kw, depth] = w.shape as [number, number, number, number]
  const perGroup = out.shape[3]! / op.groups
  return ([n, oy, ox, oc]) => {
    const first = Math.floor(oc! / perGroup) * depth
    let acc = 0
    for (const [ky, kx, ic] of indices([kh, kw, depth])) {
      const iy = oy! * op.strideH - op.padTop + ky! * op.dilationH
      const ix = ox! * op.strideW - op.padLeft + kx! * op.dilationW
      if (iy < 0 || iy >= x.shape[1]! || ix < 0 || ix >= x.shape[2]!) continue
      acc += (at(x, n!, iy, ix, first + ic!) - x.zero) * at(w, oc!, ky!, kx!, ic!)
    }
    return clamp(rescaleBy(op.requant, acc + (bias ? bias.data[oc!]! : 0), oc) + out.zero, op.min, op.max)
  }
}

function depthwise(op: Of<'depthwiseConv2d'>, fetch: Fetch, out: Output): Element {
  const [x, w] = [fetch(op.input), fetch(op.weights)]
  const bias = op.bias === null ? null : fetch(op.bias)
  return ([n, oy, ox, oc]) => {
    let acc = 0
    for (const [ky, kx] of indices([w.shape[1]!, w.shape[2]!])) {
      const iy = oy! * op.strideH - op.padTop + ky! * op.dilationH
      const ix = ox! * op.strideW - op.padLeft + kx! * op.dilationW
      if (iy < 0 || iy >= x.shape[1]! || ix < 0 || ix >= x.shape[2]!) continue
      acc += (at(x, n!, iy, ix, Math.floor(oc! / op.multiplier)) - x.zero) * at(w, 0, ky!, kx!, oc!)
    }
    return clamp(rescaleBy(op.requant, acc + (bias ? bias.data[oc!]! : 0), oc) + out.zero, op.min, op.max)
  }
}

/** Scattered as TFLite does: every input element adds to the outputs its taps reach. */
function transposeConv(op: Of<'transposeConv2d'>, fetch: Fetch, out: Output): Element {
  const [x, w] = [fetch(op.input), fetch(op.weights)]
  const bias = op.bias === null ? null : fetch(op.bias)
  const sums = new Float64Array(sizeOf(out.shape))
  for (const [n, iy, ix, ic] of indices(x.shape))
    for (const [oc, ky, kx] of indices(w.shape.slice(0, 3))) {
      const oy = iy! * op.strideH - op.padTop + ky!
      const ox = ix! * op.strideW - op.padLeft + kx!
      if (oy < 0 || oy >= out.shape[1]! || ox < 0 || ox >= out.shape[2]!) continue
      sums[flat(out.shape, [n!, oy, ox, oc!])]! += (at(x, n!, iy!, ix!, ic!) - x.zero) * at(w, oc!, ky!, kx!, ic!)
    }
  return (i) => {
    const oc = i[3]!
    const acc = sums[flat(out.shape, i)]! + (bias ? bias.data[oc]! : 0)
    return clamp(rescaleBy(op.requant, acc, oc) + out.zero, op.min, op.max)
  }
}

function fullyConnected(op: Of<'fullyConnected'>, fetch: Fetch, out: Output): Element {
  const [x, w] = [fetch(op.input), fetch(op.weights)]
  const bias = op.bias === null ? null : fetch(op.bias)
  const depth = w.shape.at(-1)!
  const channels = w.shape.at(-2)!
  const batches = sizeOf(w.shape) / depth / channels
  const rowsPerBatch = sizeOf(x.shape) / depth / batches
  return (index) => {
    const i = flat(out.shape, index)
    const [row, oc] = [Math.floor(i / channels), i % channels]
    const batch = Math.floor(row / rowsPerBatch)
    let acc = bias ? bias.data[oc]! : 0
    for (let k = 0; k < depth; k++)
      acc += (x.data[row * depth + k]! - x.zero) * (w.data[(batch * channels + oc) * depth + k]! - w.zero)
    return clamp(rescaleBy(op.requant, acc, oc) + out.zero, op.min, op.max)
  }
}

function pool(op: Of<'averagePool2d' | 'maxPool2d'>, x: Operand): Element {
  return ([n, oy, ox, c]) => {
    const inside: number[] = []
    for (const [ky, kx] of indices([op.kernelH, op.kernelW])) {
      const iy = oy! * op.strideH - op.padTop + ky!
      const ix = ox! * op.strideW - op.padLeft + kx!
      if (iy >= 0 && iy < x.shape[1]! && ix >= 0 && ix < x.shape[2]!) inside.push(at(x, n!, iy, ix, c!))
    }
    if (op.kind === 'maxPool2d') return clamp(Math.max(-128, ...inside), op.min, op.max)
    const count = op.countPadding ? op.kernelH * op.kernelW : inside.length
    if (count === 0) return clamp(x.zero, op.min, op.max)
    const acc = inside.reduce((a, b) => a + b, 0) + (count - inside.length) * x.zero
    const half = Math.floor(count / 2)
    return clamp(Math.trunc((acc > 0 ? acc + half : acc - half) / count), op.min, op.max)
  }
}

function add(op: Of<'add' | 'sub'>, a: Operand, b: Operand, out: Output): Element {
  return (i) => {
    const x = rescaleBy(op.aRequant, (broadcastAt(a, i) - a.zero) * 2 ** op.leftShift)
    const y = rescaleBy(op.bRequant, (broadcastAt(b, i) - b.zero) * 2 ** op.leftShift)
    return clamp(rescaleBy(op.requant, op.kind === 'add' ? x + y : x - y) + out.zero, op.min, op.max)
  }
}

function mul(op: Of<'mul' | 'div'>, a: Operand, b: Operand, out: Output): Element {
  return (i) =>
    clamp(rescaleBy(op.requant, (broadcastAt(a, i) - a.zero) * (broadcastAt(b, i) - b.zero)) + out.zero, op.min, op.max)
}

function div(op: Of<'mul' | 'div'>, a: Operand, b: Operand, out: Output): Element {
  return (i) => {
    const x = broadcastAt(a, i) - a.zero
    const y = broadcastAt(b, i) - b.zero
    if (y === 0) return clamp(Math.sign(x) * 512 + out.zero, op.min, op.max)
    const { scale, over } = reciprocal(Math.abs(y), 31)
    // CountLeadingSignBits: how far x can be shifted left without changing its sign.
    let headroom = 31
    while (x !== 0 && (x * 2 ** headroom > int32Max || x * 2 ** headroom < int32Min)) headroom--
    const unscaled = highMul(x * 2 ** headroom, y > 0 ? scale : -scale)
    const shift = op.requant.shift[0]! - over - headroom
    const scaled = shift < -31 ? 0 : rescale(unscaled, op.requant.multiplier[0]!, shift)
    return clamp(scaled + out.zero, op.min, op.max)
  }
}

function prelu(op: Of<'prelu'>, x: Operand, alpha: Operand, out: Output): Element {
  return (i) => {
    const value = at(x, ...i) - x.zero
    const scaled =
      value >= 0
        ? rescaleBy(op.requant, value)
        : rescaleBy(op.alphaRequant, value * (broadcastAt(alpha, i) - alpha.zero))
    return clamp(scaled + out.zero, -128, 127)
  }
}

function softmax(op: Of<'softmax'>, x: Operand): Element {
  const depth = x.shape.at(-1)!
  return (index) => {
    const i = flat(x.shape, index)
    const row = Array.from({ length: depth }, (_, k) => x.data[i - (i % depth) + k]!)
    const largest = Math.max(...row)
    const exponential = (q: number) => expNegative(highMul((q - largest) * 2 ** op.leftShift, op.multiplier))
    const kept = row.filter((q) => q - largest >= op.diffMin)
    const sum = kept.reduce((total, q) => total + divideByPower(exponential(q), 12), 0)
    if (x.data[i]! - largest < op.diffMin) return -128
    const { scale, over } = reciprocal(sum, 12)
    return clamp(divideByPower(highMul(scale, exponential(x.data[i]!)), over + 31 - 8) - 128, -128, 127)
  }
}

/** The count is divided into the multiplier, as TFLite's QuantizedMeanOrSum does. */
function mean(op: Of<'mean'>, x: Operand, out: Output): Element {
  const count = op.axes.reduce((product, axis) => product * x.shape[axis]!, 1)
  const kept = x.shape.map((_, d) => d).filter((d) => !op.axes.includes(d))
  const sums = new Map<number, number>()
  for (const index of indices(x.shape)) {
    const key = flat(
      kept.map((d) => x.shape[d]!),
      kept.map((d) => index[d]!),
    )
    sums.set(key, (sums.get(key) ?? 0) + at(x, ...index))
  }
  const shift = Math.min(Math.floor(Math.log2(count)), 32, 31 + op.requant.shift[0]!)
  const multiplier = Number((BigInt(op.requant.multiplier[0]!) << BigInt(shift)) / BigInt(count))
  return (i) => {
    const sum = sums.get(flat(out.shape, i))! - x.zero * count
    return clamp(rescale(sum, multiplier, op.requant.shift[0]! - shift) + out.zero, -128, 127)
  }
}

function concat(op: Of<'concat'>, parts: readonly Operand[]): Element {
  return (i) => {
    const index = [...i]
    for (const part of parts) {
      if (index[op.axis]! < part.shape[op.axis]!) return at(part, ...index)
      index[op.axis]! -= part.shape[op.axis]!
    }
    throw new Error('concat past its parts')
  }
}

function pad(op: Of<'pad'>, x: Operand): Element {
  return (i) => {
    const from = i.map((v, d) => {
      const source = v - op.before[d]!
      const last = x.shape[d]! - 1
      if (op.mode === 'edge') return clamp(source, 0, last)
      if (op.mode === 'reflect') return source < 0 ? -source : source > last ? 2 * last - source : source
      return source
    })
    return from.every((v, d) => v >= 0 && v < x.shape[d]!) ? at(x, ...from) : op.value
  }
}

function nearest(op: Of<'resizeNearest' | 'resizeBilinear'>, x: Operand, out: Output): Element {
  const [rows, cols] = [1, 2].map((d) =>
    nearestIndices(x.shape[d]!, out.shape[d]!, op.alignCorners, op.halfPixelCenters),
  ) as [Uint16Array, Uint16Array]
  return ([n, y, j, c]) => at(x, n!, rows[y!]!, cols[j!]!, c!)
}

/** ResizeBilinearInteger: positions in 1/1024 of a pixel. */
function bilinear(op: Of<'resizeNearest' | 'resizeBilinear'>, x: Operand, out: Output): Element {
  const along = (d: number, i: number) => {
    const aligned = op.alignCorners && out.shape[d]! > 1
    const [from, to] = aligned ? [x.shape[d]! - 1, out.shape[d]! - 1] : [x.shape[d]!, out.shape[d]!]
    const scale = Math.floor((1024 * from + Math.floor(to / 2)) / to)
    const position = i * scale + (op.halfPixelCenters ? Math.trunc(scale / 2) - 512 : 0)
    const lower = Math.max(Math.trunc(position / 1024), 0)
    const upper = Math.min(Math.trunc((position + 1023) / 1024), x.shape[d]! - 1)
    return { lower, upper, weight: position - 1024 * lower }
  }
  return ([n, i, j, c]) => {
    const [y, z] = [along(1, i!), along(2, j!)]
    const sum =
      at(x, n!, y.lower, z.lower, c!) * (1024 - y.weight) * (1024 - z.weight) +
      at(x, n!, y.upper, z.lower, c!) * y.weight * (1024 - z.weight) +
      at(x, n!, y.lower, z.upper, c!) * (1024 - y.weight) * z.weight +
      at(x, n!, y.upper, z.upper, c!) * y.weight * z.weight
    return Math.trunc((sum + (sum > 0 ? 2 ** 19 : -(2 ** 19))) / 2 ** 20)
  }
}
