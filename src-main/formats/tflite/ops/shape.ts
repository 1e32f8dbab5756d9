// Operators that move elements and compute nothing.
import { say } from '../../../base/note.ts'
import { elementsOf, readFloats } from '../../../ir/tensor.ts'
import { type GraphBuilder, type Layout, toNhwc } from '../builder.ts'
import { dequantized, sourceTensor } from '../constant.ts'
import { quantizationOf } from '../edges.ts'
import type { TfliteOperator } from '../model.ts'
import { memoryOrder } from './conv.ts'
import {
  axisIn,
  badOption,
  type Convert,
  constantInts,
  emit,
  fail,
  input,
  option,
  optionalInput,
  output,
} from './convert.ts'
import { inLayout } from './elementwise.ts'

/** ONNX's "to the end, whatever the size", in either direction. */
const farEnd = 2 ** 31 - 1

/** The target of a Reshape to a tensor's shape; 0 keeps the batch. */
function targetShape(b: GraphBuilder, out: number): string {
  return b.ints(b.dims(out, 'native').map((dim) => (typeof dim === 'string' ? 0 : dim)))
}

/** RESHAPE, SQUEEZE, EXPAND_DIMS: the file states the shape of the result. */
const reshape: Convert = (b, op) => {
  const [x, out] = [input(op, 0), output(op)]
  if (elementsOf(b.shape(x)) !== elementsOf(b.shape(out)))
    fail(op, say`[${b.shape(x)}] and [${b.shape(out)}] hold different numbers of elements`)
  emit(b, op, 'Reshape', [memoryOrder(b, x, op), targetShape(b, out)], 'native', {})
}

const transpose: Convert = (b, op) => {
  const x = input(op, 0)
  const rank = b.shape(x).length
  const perm = constantInts(b, op, 1).map((axis) => axisIn(op, axis, rank, 'native'))
  if (new Set(perm).size !== rank || perm.length !== rank)
    badOption(op, 'perm', say`[${perm}] is no order of ${rank} dimensions`)
  const nchw = b.holds(x, 'native') === undefined ? b.holds(x, 'nchw') : undefined
  if (nchw === undefined) return emit(b, op, 'Transpose', [b.value(x, 'native', op)], 'native', { perm })
  emit(b, op, 'Transpose', [nchw], 'native', { perm: perm.map((axis) => toNhwc[axis]!) })
}

const concat: Convert = (b, op) => {
  const layout = b.layoutFor(op.inputs)
  const axis = axisIn(op, option(op, 'axis'), b.shape(output(op)).length, layout)
  emit(b, op, 'Concat', inLayout(b, op, layout), layout, { axis })
}

/** SPLIT (axis, value) and SPLIT_V (value, sizes, axis); the sizes are those of the outputs. */
const split =
  (value: number, axisInput: number): Convert =>
  (b, op) => {
    const x = input(op, value)
    const layout = b.layoutFor([x])
    const rank = b.shape(x).length
    const given = constantInts(b, op, axisInput)[0] ?? fail(op, say`it has no axis`)
    const native = axisIn(op, given, rank, 'native')
    const sizes = op.outputs.map((out) => b.shape(out)[native] ?? fail(op, say`an output has no dimension ${native}`))
    const whole = sizes.reduce((sum, size) => sum + size, 0)
    if (whole !== b.shape(x)[native]) fail(op, say`parts of [${sizes}] do not make ${b.shape(x)[native]}`)
    const name = b.value(x, layout, op)
    const outputs = op.outputs.map((out) => b.define(out, layout, op))
    b.node(op, 'Split', [name, b.ints(sizes)], outputs, { axis: axisIn(op, given, rank, layout) })
  }

interface Cut {
  readonly axis: number
  readonly start: number
  readonly end: number
  readonly step: number
}

function emitSlice(
  b: GraphBuilder,
  op: TfliteOperator,
  x: number,
  cuts: readonly Cut[],
  layout: Layout,
  shrinks: boolean,
) {
  // a symbolic batch is never cut (batch.ts has checked that all of it is taken)
  const active = typeof b.dims(x, 'native')[0] === 'string' ? cuts.filter((cut) => cut.axis !== 0) : cuts
  const rank = b.shape(x).length
  const rows = [
    active.map((cut) => cut.start),
    active.map((cut) => cut.end),
    active.map((cut) => axisIn(op, cut.axis, rank, layout)),
    active.map((cut) => cut.step),
  ]
  const inputs = [b.value(x, layout, op), ...rows.map((row) => b.ints(row))]
  if (!shrinks) return emit(b, op, 'Slice', inputs, layout, {})
  const out = output(op)
  const part = b.between(
    out,
    'native',
    'slice',
    b.dims(x, 'native').map((dim, axis) => cutSize(dim, cuts[axis])),
  )
  b.node(op, 'Slice', inputs, [part])
  emit(b, op, 'Reshape', [part, targetShape(b, out)], 'native', {})
}

/** Elements a cut leaves of a dimension. */
function cutSize(dim: number | string, cut: Cut | undefined): number | string {
  if (typeof dim === 'string' || !cut) return dim
  const bound = (v: number) =>
    Math.min(cut.step > 0 ? dim : dim - 1, Math.max(cut.step > 0 ? 0 : -1, v < 0 ? v + dim : v))
  const end = cut.end <= -farEnd ? -1 : bound(cut.end)
  return Math.max(0, Math.ceil((end - bound(cut.start)) / cut.step))
}

const slice: Convert = (b, op) => {
  const x = input(op, 0)
  const [begin, size] = [constantInts(b, op, 1), constantInts(b, op, 2)]
  const rank = b.shape(x).length
  if (begin.length !== rank || size.length !== rank)
    fail(op, say`begin [${begin}] and size [${size}] for ${rank} dimensions`)
  const cuts = begin.map((start, axis) => ({
    axis,
    start,
    end: size[axis] === -1 ? farEnd : start + size[axis]!,
    step: 1,
  }))
  emitSlice(b, op, x, cuts, b.layoutFor([x]), false)
}

const stridedSlice: Convert = (b, op) => {
  const x = input(op, 0)
  if (option(op, 'ellipsisMask') !== 0 || option(op, 'newAxisMask') !== 0) return foreign(b, op)
  const [begin, end, strides] = [constantInts(b, op, 1), constantInts(b, op, 2), constantInts(b, op, 3)]
  if (begin.length > b.shape(x).length || end.length !== begin.length || strides.length !== begin.length)
    fail(op, say`begin [${begin}], end [${end}], strides [${strides}] for [${b.shape(x)}]`)
  const has = (mask: string, axis: number) => ((option(op, mask) >> axis) & 1) === 1
  const cuts = begin.map((first, axis): Cut => {
    const step = strides[axis]! || badOption(op, 'strides', say`holds a 0`)
    if (has('shrinkAxisMask', axis)) return { axis, start: first, end: first === -1 ? farEnd : first + 1, step: 1 }
    const start = has('beginMask', axis) ? (step > 0 ? 0 : farEnd) : first
    const stop = option(op, 'offset') ? first + end[axis]! : end[axis]!
    return { axis, start, end: has('endMask', axis) ? (step > 0 ? farEnd : -farEnd) : stop, step }
  })
  const shrinks = option(op, 'shrinkAxisMask') !== 0
  emitSlice(b, op, x, cuts, shrinks ? 'native' : b.layoutFor([x]), shrinks)
}

const pad: Convert = (b, op) => {
  const x = input(op, 0)
  const layout = b.layoutFor([x])
  const rank = b.shape(x).length
  const pairs = constantInts(b, op, 1)
  if (pairs.length !== 2 * rank || pairs.some((v) => v < 0)) fail(op, say`paddings [${pairs}] for ${rank} dimensions`)
  if (op.op === 'MIRROR_PAD' && option(op, 'mode') !== 0) return foreign(b, op)
  const pads = Array<number>(2 * rank).fill(0)
  for (let axis = 0; axis < rank; axis++) {
    const to = axisIn(op, axis, rank, layout)
    pads[to] = pairs[2 * axis]!
    pads[to + rank] = pairs[2 * axis + 1]!
  }
  const inputs = [b.value(x, layout, op), b.ints(pads)]
  if (op.op === 'MIRROR_PAD') return emit(b, op, 'Pad', inputs, layout, { mode: 'reflect' })
  emit(b, op, 'Pad', [...inputs, b.scalar(padValue(b, op))], layout, { mode: 'constant' })
}

/** The real number that is filled in: 0, or PADV2's third input. */
function padValue(b: GraphBuilder, op: TfliteOperator): number {
  const t = optionalInput(op, 2)
  if (t < 0) return 0
  const tensor = b.model.tensors[t]!
  if (!tensor.data) return fail(op, say`its padding value has to be a constant`)
  return readFloats(dequantized(sourceTensor(b.model.source, tensor), quantizationOf(tensor)))[0] ?? 0
}

const resize =
  (mode: 'nearest' | 'linear'): Convert =>
  (b, op) => {
    const [x, out] = [input(op, 0), output(op)]
    const [from, to] = [b.shape(x), b.shape(out)]
    if (from.length !== 4 || to.length !== 4) fail(op, say`[${from}] to [${to}]: only images of 4 dimensions`)
    const scales = [1, 1, scaleTo(from[1]!, to[1]!), scaleTo(from[2]!, to[2]!)]
    const aligned = option(op, 'alignCorners') === 1
    const centred = option(op, 'halfPixelCenters') === 1
    const coordinates = aligned ? 'align_corners' : centred ? 'half_pixel' : 'asymmetric'
    // TFLite rounds half up where it rounds at all
    const nearest: Record<string, string> =
      mode === 'nearest' ? { nearest_mode: aligned || centred ? 'round_prefer_ceil' : 'floor' } : {}
    const attrs = { mode, coordinate_transformation_mode: coordinates, ...nearest }
    emit(b, op, 'Resize', [b.value(x, 'nchw', op), '', b.floats(scales)], 'nchw', attrs)
  }

/** ONNX takes floor(size * scale) in float32 or wider; the scale has to give the wanted size in both. */
function scaleTo(from: number, to: number): number {
  const scale = Math.fround(to / from)
  return Math.floor(from * scale) === to ? scale : Math.fround(scale * (1 + 2 ** -22))
}

const pack: Convert = (b, op) => {
  const out = output(op)
  const axis = axisIn(op, option(op, 'axis'), b.shape(out).length, 'native')
  const shape = b.dims(out, 'native').map((dim, i) => (i === axis ? 1 : dim))
  const target = b.ints(shape.map((dim) => (typeof dim === 'string' ? 0 : dim)))
  const parts = op.inputs.map((_, i) => {
    const t = input(op, i)
    const part = b.between(t, 'native', 'packed', shape)
    b.node(op, 'Reshape', [b.value(t, 'native', op), target], [part])
    return part
  })
  emit(b, op, 'Concat', parts, 'native', { axis })
}

const unpack: Convert = (b, op) => {
  const x = input(op, 0)
  const axis = axisIn(op, option(op, 'axis'), b.shape(x).length, 'native')
  const shape = b.dims(x, 'native').map((dim, i) => (i === axis ? 1 : dim))
  const parts = op.outputs.map((out) => b.between(out, 'native', 'packed', shape))
  b.node(op, 'Split', [b.value(x, 'native', op), b.ints(parts.map(() => 1))], parts, { axis })
  op.outputs.forEach((out, i) => {
    const target = targetShape(b, out)
    b.node(op, 'Reshape', [parts[i]!, target], [b.define(out, 'native', op)])
  })
}

/** An operator without an ONNX form here: kept by its TFLite name, in the file's order. */
export const foreign: Convert = (b, op) => {
  const inputs = op.inputs.map((t) => (t < 0 ? '' : b.value(t, 'native', op)))
  const outputs = op.outputs.map((t) => b.define(t, 'native', op))
  const attrs = Object.entries(op.options).map(([key, v]) => [key, typeof v === 'boolean' ? Number(v) : v] as const)
  b.foreign(op, inputs, outputs, Object.fromEntries(attrs))
}

export const shapeOps: Readonly<Record<string, Convert>> = {
  RESHAPE: reshape,
  SQUEEZE: reshape,
  EXPAND_DIMS: reshape,
  TRANSPOSE: transpose,
  CONCATENATION: concat,
  SPLIT: split(1, 0),
  SPLIT_V: split(0, 2),
  SLICE: slice,
  STRIDED_SLICE: stridedSlice,
  PAD: pad,
  PADV2: pad,
  MIRROR_PAD: pad,
  RESIZE_NEAREST_NEIGHBOR: resize('nearest'),
  RESIZE_BILINEAR: resize('linear'),
  PACK: pack,
  UNPACK: unpack,
}
