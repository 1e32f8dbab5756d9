// Operators that compute on integers and carry scales as inputs (ONNX and com.microsoft), and the plain operator each
// stands for. Numbers are positions of (tensor, scale, zero point) in the inputs; to add one, add a row.
import type { Node } from '../../ir/graph.ts'

export interface QOperator {
  readonly op: string
  readonly domain: '' | 'com.microsoft'
  /** Inputs of the plain operator. `channelAxis`: dimension of the channels when there is a scale for each. */
  readonly operands: readonly { readonly at: number; readonly channelAxis?: number }[]
  /** Position of the output's scale, its zero point next to it. */
  readonly outputScale: number
  /** Position of an int32 bias whose scale is the product of the first two operands'. */
  readonly bias?: number
  /** Attributes of the plain operator; null refuses the node. */
  readonly attrs?: (node: Node, opset: number) => Node['attrs'] | null
}

const unary = (op: string, attrs?: QOperator['attrs']): QOperator => ({
  op,
  domain: 'com.microsoft',
  operands: [{ at: 0 }],
  outputScale: 3,
  ...(attrs ? { attrs } : {}),
})

const binary = (op: string): QOperator => ({
  op,
  domain: 'com.microsoft',
  operands: [{ at: 0 }, { at: 3 }],
  outputScale: 6,
})

/** Attributes without those named; null where the node wants channels last, which the plain operators do not know. */
function channelsFirst({ attrs: { channels_last, ...attrs } }: Node): Node['attrs'] | null {
  return channels_last ? null : attrs
}

/** `opset` says whose Softmax is meant: opset 13 changed what the axis does. */
function softmaxAttrs({ attrs: { opset, ...attrs } }: Node, graphOpset: number): Node['attrs'] | null {
  return Number(opset) < 13 === graphOpset < 13 ? attrs : null
}

const table: Readonly<Record<string, QOperator>> = {
  QLinearConv: { op: 'Conv', domain: '', operands: [{ at: 0 }, { at: 3, channelAxis: 0 }], outputScale: 6, bias: 8 },
  QLinearMatMul: { op: 'MatMul', domain: '', operands: [{ at: 0 }, { at: 3, channelAxis: -1 }], outputScale: 6 },
  QLinearAdd: binary('Add'),
  QLinearMul: binary('Mul'),
  QLinearSigmoid: unary('Sigmoid'),
  QLinearLeakyRelu: unary('LeakyRelu'),
  QLinearGlobalAveragePool: unary('GlobalAveragePool', channelsFirst),
  QLinearAveragePool: unary('AveragePool', channelsFirst),
  QLinearSoftmax: unary('Softmax', softmaxAttrs),
}

/** B is [K, N], or [N, K] when transB: the scales go along N. */
const gemm = (node: Node): QOperator => ({
  op: 'Gemm',
  domain: 'com.microsoft',
  operands: [{ at: 0 }, { at: 3, channelAxis: node.attrs.transB ? 0 : 1 }],
  outputScale: 7,
  bias: 6,
})

/** Output scale first, then one triple for each input. */
const concat = (node: Node): QOperator => ({
  op: 'Concat',
  domain: 'com.microsoft',
  operands: Array.from({ length: Math.floor((node.inputs.length - 2) / 3) }, (_, i) => ({ at: 2 + 3 * i })),
  outputScale: 0,
})

export function qOperator(node: Node): QOperator | null {
  const row =
    node.op === 'QGemm'
      ? gemm(node)
      : node.op === 'QLinearConcat'
        ? concat(node)
        : Object.hasOwn(table, node.op)
          ? table[node.op]
          : undefined
  return row && row.domain === node.domain ? row : null
}

/**
 * Operators of the ONNX domain that only move elements, by the inputs that carry them (null: all). On integers they mean
 * the same as on the real values these stand for, when input and output share one quantisation.
 */
const movers: Readonly<Record<string, readonly number[] | null>> = {
  MaxPool: [0],
  Reshape: [0],
  Transpose: [0],
  Flatten: [0],
  Squeeze: [0],
  Unsqueeze: [0],
  Identity: [0],
  Slice: [0],
  Split: [0],
  Gather: [0],
  Expand: [0],
  Concat: null,
}

/** Positions of the inputs whose elements the node moves; null when it is not such a node. */
export function movedInputs(node: Node): readonly number[] | null {
  if (node.domain !== '') return null
  if (node.op === 'Pad') return movedByPad(node)
  if (node.op === 'Resize') return (node.attrs.mode ?? 'nearest') === 'nearest' ? [0] : null
  const moved = Object.hasOwn(movers, node.op) ? movers[node.op] : undefined
  return moved === undefined ? null : (moved ?? node.inputs.map((_, i) => i))
}

/** Without a filling of its own the integer 0 is filled in, which stands for the real 0 only by chance. */
function movedByPad(node: Node): readonly number[] | null {
  if ((node.attrs.mode ?? 'constant') !== 'constant') return [0]
  return node.inputs[2] ? [0, 2] : null
}

/** Whether the node leaves every channel where it was, so that a scale for each still fits. */
export const keepsChannels = (node: Node) => node.op === 'MaxPool' || node.op === 'Identity'
