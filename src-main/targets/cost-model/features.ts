// What an operator makes the runtime's kernels do, counted from shapes alone: how often each loop of resources/runtime/src
// turns. Time is then a sum of counts, each times what one turn costs on a core (Lai, Suda and Chandra, "CMSIS-NN", 2018,
// section 3 takes inner loops apart in the same way). Weights count as plain int8; coded ones add to it (packer/decode-costs.ts).
import { elementsOf } from '../../ir/tensor.ts'
import type {
  ConvOp,
  DepthwiseOp,
  FullyConnectedOp,
  MeanOp,
  Plan,
  PlanOp,
  PoolOp,
  TensorIndex,
  TransposeConvOp,
} from '../plan.ts'

/** Counts by name. Every operator has `once`: it is called. */
export type Features = Readonly<Record<string, number>>

/** Channels that depthwise convolution and pooling take at a time (kernels.h, SHOE_TILE). */
const tile = 16

export function featuresOf(plan: Plan, op: PlanOp): Features {
  const shape = (index: TensorIndex) => plan.tensors[index]!.shape
  const written = elementsOf(shape(op.output))
  switch (op.kind) {
    case 'conv2d':
      return { once: 1, ...conv(op, shape) }
    case 'depthwiseConv2d':
      return { once: 1, ...depthwise(op, shape) }
    case 'transposeConv2d':
      return { once: 1, ...transposeConv(op, shape) }
    case 'fullyConnected':
      return { once: 1, ...dense(op, shape) }
    case 'averagePool2d':
    case 'maxPool2d':
      return { once: 1, ...pool(op, shape) }
    case 'mean':
      return { once: 1, ...mean(op, shape) }
    case 'softmax':
      return { once: 1, elements: written, rows: written / shape(op.output).at(-1)! }
    case 'concat':
      return { once: 1, elements: written, rows: op.inputs.length * elementsOf(shape(op.output).slice(0, op.axis)) }
    case 'pad':
    case 'slice':
    case 'transpose':
      return { once: 1, elements: written, rows: written / shape(op.output).at(-1)! }
    case 'resizeNearest':
    case 'resizeBilinear':
      return { once: 1, elements: written, rows: written / shape(op.output).at(-1)! }
    default:
      return { once: 1, elements: written }
  }
}

type ShapeOf = (index: TensorIndex) => readonly number[]

/** Dot products over `length` products each: calls, blocks of four, and what is left over. */
function dots(prefix: string, calls: number, length: number): Record<string, number> {
  return {
    [`${prefix}Calls`]: calls,
    [`${prefix}Fours`]: calls * Math.floor(length / 4),
    [`${prefix}Rest`]: calls * (length % 4),
  }
}

function sumOf(parts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {}
  for (const part of parts) for (const [name, count] of Object.entries(part)) total[name] = (total[name] ?? 0) + count
  return total
}

const scaled = (counts: Readonly<Record<string, number>>, by: number): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count * by]))

/** Taps of a window that lie inside, for each output position of one dimension. */
function tapsInside(
  outputs: number,
  stride: number,
  pad: number,
  taps: number,
  dilation: number,
  size: number,
): number[] {
  return Array.from({ length: outputs }, (_, at) => {
    const origin = at * stride - pad
    let inside = 0
    for (let k = 0; k < taps; k++) {
      const from = origin + k * dilation
      if (from >= 0 && from < size) inside++
    }
    return inside
  })
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)

/** Output channels go in pairs that share the input; the last of an odd number goes alone. */
function conv(op: ConvOp, shape: ShapeOf): Record<string, number> {
  const [images, height, width] = shape(op.input) as [number, number, number, number]
  const [, outH, outW, channels] = shape(op.output) as [number, number, number, number]
  const [, kernelH, kernelW, groupIn] = shape(op.weights) as [number, number, number, number]
  const rows = total(tapsInside(outH, op.strideH, op.padTop, kernelH, op.dilationH, height))
  const columns = tapsInside(outW, op.strideW, op.padLeft, kernelW, op.dilationW, width)
  const groupOut = channels / op.groups
  const pairs = op.groups * Math.floor(groupOut / 2)
  const singles = op.groups * (groupOut % 2)
  const isSolid = op.groups === 1 && (op.dilationW === 1 || kernelW === 1)
  const perRow = columns.map((taps) => {
    const calls = isSolid ? 1 : taps
    const length = isSolid ? taps * groupIn : groupIn
    return { ...dots('pair', pairs * calls, length), ...dots('single', singles * calls, length) }
  })
  return {
    positions: images * outH * outW,
    outputs: images * outH * outW * channels,
    ...scaled(sumOf(perRow), images * rows),
  }
}

function depthwise(op: DepthwiseOp, shape: ShapeOf): Record<string, number> {
  const [images, height, width] = shape(op.input) as [number, number, number, number]
  const [, outH, outW, channels] = shape(op.output) as [number, number, number, number]
  const [, kernelH, kernelW] = shape(op.weights) as [number, number, number, number]
  const rows = total(tapsInside(outH, op.strideH, op.padTop, kernelH, op.dilationH, height))
  const columns = total(tapsInside(outW, op.strideW, op.padLeft, kernelW, op.dilationW, width))
  const taps = images * rows * columns
  const full = Math.floor(channels / tile)
  const rest = channels % tile
  const products = op.multiplier === 1 ? 'products' : 'spreadProducts'
  return {
    positions: images * outH * outW,
    outputs: images * outH * outW * channels,
    taps: taps * (full + (rest > 0 ? 1 : 0)),
    [`${products}Full`]: taps * full * tile,
    [`${products}Rest`]: taps * rest,
  }
}

function dense(op: FullyConnectedOp, shape: ShapeOf): Record<string, number> {
  const weights = shape(op.weights)
  const depth = weights.at(-1)!
  const channels = weights.at(-2)!
  const batches = elementsOf(weights) / depth / channels
  const rows = elementsOf(shape(op.input)) / depth
  return {
    rows,
    outputs: rows * channels,
    ...dots('pair', rows * Math.floor(channels / 2), depth),
    ...dots('single', rows * (channels % 2), depth),
    batches,
  }
}

/** Every output element gathers the taps that reach it: about kernel / stride in each dimension. */
function transposeConv(op: TransposeConvOp, shape: ShapeOf): Record<string, number> {
  const [images, height, width] = shape(op.input) as [number, number, number, number]
  const [, outH, outW, channels] = shape(op.output) as [number, number, number, number]
  const [, kernelH, kernelW, depth] = shape(op.weights) as [number, number, number, number]
  const rows = total(reaching(outH, op.strideH, op.padTop, kernelH, height))
  const columns = total(reaching(outW, op.strideW, op.padLeft, kernelW, width))
  return {
    positions: images * outH * outW,
    outputs: images * outH * outW * channels,
    ...dots('single', images * rows * columns * channels, depth),
  }
}

function reaching(outputs: number, stride: number, pad: number, taps: number, size: number): number[] {
  return Array.from({ length: outputs }, (_, at) => {
    let count = 0
    for (let k = (at + pad) % stride; k < taps; k += stride) {
      const from = (at + pad - k) / stride
      if (from >= 0 && from < size) count++
    }
    return count
  })
}

function pool(op: PoolOp, shape: ShapeOf): Record<string, number> {
  const [images, height, width] = shape(op.input) as [number, number, number, number]
  const [, outH, outW, channels] = shape(op.output) as [number, number, number, number]
  const rows = total(tapsInside(outH, op.strideH, op.padTop, op.kernelH, 1, height))
  const columns = total(tapsInside(outW, op.strideW, op.padLeft, op.kernelW, 1, width))
  const tiles = Math.ceil(channels / tile)
  return {
    positions: images * outH * outW * tiles,
    outputs: images * outH * outW * channels,
    taps: images * rows * columns * tiles,
    products: images * rows * columns * channels,
  }
}

function mean(op: MeanOp, shape: ShapeOf): Record<string, number> {
  const input = shape(op.input)
  const reduced = op.axes.reduce((product, axis) => product * input[axis]!, 1)
  const outputs = elementsOf(input) / reduced
  // Reduced dimensions that follow each other are one row.
  const axes = [...op.axes].sort((a, b) => a - b).filter((axis) => input[axis]! > 1)
  const isOneRow = axes.every((axis, i) => i === 0 || axis === axes[i - 1]! + 1)
  const inner = isOneRow ? reduced : (input[axes.at(-1)!] ?? 1)
  return { outputs, products: elementsOf(input), rows: (outputs * reduced) / inner }
}
