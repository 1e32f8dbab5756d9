// The plan: what the device executes. Lowering (lowering/) makes it from a quantised graph, the memory planner
// (memory-plan.ts) places its tensors, formats/shoe writes it, resources/runtime runs it.
//
// Everything is NHWC and integer; every number the runtime needs is computed here on the host in double precision with
// TFLite's formulas, so that the runtime holds no floating point. resources/runtime/SPEC.md says how each field is stored.

import { type Note, say } from '../base/note.ts'
import type { CodecName } from '../codecs/codec.ts'

export type PlanDType = 'i8' | 'i32'

/**
 * When coded weights become int8: never, kernels compute from the coded form; at every inference, some output channels at a
 * time, into the operator's scratch; or once, when the model is loaded, into RAM.
 */
export type StorageMode = 'direct' | 'streamed' | 'resident'

export const storageModeNotes: Readonly<Record<StorageMode, Note>> = {
  direct: say`direct`,
  streamed: say`streamed`,
  resident: say`resident`,
}

/** How the integers of a constant are stored (weight-storage.ts makes it). */
export interface WeightStorage {
  readonly mode: StorageMode
  readonly codec: CodecName
  /**
   * How many leading dimensions make up the rows that are coded one after the other, rank - 1 at most. 0: the last dimension
   * alone, coded as the first one (depthwise filters, channel by channel).
   */
  readonly rowDims: number
  readonly payload: Uint8Array
  /** What the decoder is told besides; stored once for all tensors that have an equal one. Empty for codecs without. */
  readonly table: Uint8Array
  /** RAM of the decoder on a 32-bit device. */
  readonly stateBytes: number
  /** Resident: offset in the arena, filled in by the memory planner, -1 before. */
  readonly residentOffset?: number
}

/** Where a tensor lives. */
export type Place =
  /**
   * In the arena; `offset` in bytes is filled in by the memory planner, -1 before. `aliasOf` names the tensor whose memory
   * this one is a view of (a reshape), under another shape; it gets the same offset.
   */
  | { readonly kind: 'arena'; readonly offset: number; readonly aliasOf?: TensorIndex }
  /** In the pack: int8 weights or constants, int32 biases. Without `storage` the integers lie there as they are. */
  | { readonly kind: 'constant'; readonly data: Int8Array | Int32Array; readonly storage?: WeightStorage }

export interface PlanTensor {
  /** Name of the graph value it holds, for profiles and for finding the first difference. */
  readonly name: string
  readonly dtype: PlanDType
  /** NHWC (or the value's own order when its rank is not 4), batch included as 1; rank 1 to 6. */
  readonly shape: readonly number[]
  /** Per-tensor quantisation of activations: real = scale * (q - zeroPoint). Weights have their scales in `requant`. */
  readonly scale: number
  readonly zeroPoint: number
  readonly place: Place
}

/** Index into Plan.tensors. */
export type TensorIndex = number

/**
 * Fixed-point factors: real factor = multiplier * 2^(shift - 31), multiplier in [2^30, 2^31) or 0 (Jacob et al. 2018,
 * section 2.2; TFLite's QuantizeMultiplier). One entry, or one per output channel.
 */
export interface Requant {
  readonly multiplier: Int32Array
  readonly shift: Int8Array
}

interface Base {
  /** Graph node it came from, for profiles; an activation fused into it is seen in the name of the output tensor. */
  readonly node: string
  /** ONNX operator name of that node. */
  readonly op: string
  readonly output: TensorIndex
  /** Multiply-accumulates. */
  readonly macs: number
}

/** Of operators whose weights may be coded. */
interface Weighted {
  /** Arena memory that the operator needs while it runs: an int8 tensor that no other operator uses. */
  readonly scratch?: TensorIndex
}

interface Window {
  readonly strideH: number
  readonly strideW: number
  readonly padTop: number
  readonly padLeft: number
}

/** Output clamp in the output's integers. */
interface Clamp {
  readonly min: number
  readonly max: number
}

/**
 * Conv, grouped or not: weights [O, kh, kw, I/groups] int8. acc = bias + sum((x - inputZeroPoint) * w), then
 * MultiplyByQuantizedMultiplier, + outputZeroPoint, clamp. Zero points come from the tensors.
 */
export interface ConvOp extends Base, Weighted, Window, Clamp {
  readonly kind: 'conv2d'
  readonly input: TensorIndex
  readonly weights: TensorIndex
  readonly bias: TensorIndex | null
  readonly dilationH: number
  readonly dilationW: number
  readonly groups: number
  readonly requant: Requant
}

/** Depthwise: weights [1, kh, kw, C*multiplier], output channel = c * multiplier + m. */
export interface DepthwiseOp extends Base, Weighted, Window, Clamp {
  readonly kind: 'depthwiseConv2d'
  readonly input: TensorIndex
  readonly weights: TensorIndex
  readonly bias: TensorIndex | null
  readonly dilationH: number
  readonly dilationW: number
  readonly multiplier: number
  readonly requant: Requant
}

/** Transposed conv: weights [O, kh, kw, I] int8; padTop/padLeft are cut off the full output. */
export interface TransposeConvOp extends Base, Weighted, Window, Clamp {
  readonly kind: 'transposeConv2d'
  readonly input: TensorIndex
  readonly weights: TensorIndex
  readonly bias: TensorIndex | null
  readonly requant: Requant
}

/** Input [rows, I] (leading dimensions flattened), weights [O, I]; weightsZeroPoint is 0 but for imported TFLite files. */
export interface FullyConnectedOp extends Base, Weighted, Clamp {
  readonly kind: 'fullyConnected'
  readonly input: TensorIndex
  /** A constant, or an activation (MatMul of two activations, [..., I, O] already transposed by lowering to [..., O, I]). */
  readonly weights: TensorIndex
  readonly bias: TensorIndex | null
  readonly requant: Requant
}

/** TFLite's integer average (rounds half away from zero) or maximum. Padding does not count unless countPadding. */
export interface PoolOp extends Base, Window, Clamp {
  readonly kind: 'averagePool2d' | 'maxPool2d'
  readonly input: TensorIndex
  readonly kernelH: number
  readonly kernelW: number
  readonly countPadding: boolean
}

/** TFLite's int8 ADD/SUB: both inputs shifted left by `leftShift` (20), rescaled, added or subtracted, rescaled. Broadcasts. */
export interface AddOp extends Base, Clamp {
  readonly kind: 'add' | 'sub'
  readonly a: TensorIndex
  readonly b: TensorIndex
  readonly leftShift: number
  readonly aRequant: Requant
  readonly bRequant: Requant
  readonly requant: Requant
}

/** TFLite's int8 MUL and DIV. Broadcasts. */
export interface MulOp extends Base, Clamp {
  readonly kind: 'mul' | 'div'
  readonly a: TensorIndex
  readonly b: TensorIndex
  readonly requant: Requant
}

/** Any int8 -> int8 function of one element: Sigmoid, Tanh, HardSwish, LeakyRelu, Clip with rescale... table[q + 128]. */
export interface TableOp extends Base {
  readonly kind: 'table'
  readonly input: TensorIndex
  readonly table: Int8Array
}

/** int8 -> int8 with another scale (TFLite's QUANTIZE as requantise), clamped. */
export interface RequantizeOp extends Base, Clamp {
  readonly kind: 'requantize'
  readonly input: TensorIndex
  readonly requant: Requant
}

/** TFLite's PRELU: q >= zero: identity rescale; else times alpha (constant int8, broadcast over the last dimensions). */
export interface PreluOp extends Base {
  readonly kind: 'prelu'
  readonly input: TensorIndex
  readonly alpha: TensorIndex
  readonly requant: Requant
  readonly alphaRequant: Requant
}

/** TFLite's int8 softmax over the last dimension. Output scale 1/256, zero point -128. */
export interface SoftmaxOp extends Base {
  readonly kind: 'softmax'
  readonly input: TensorIndex
  /** Of beta * inputScale * 2^26 (TFLite's PreprocessSoftmaxScaling). */
  readonly multiplier: number
  readonly leftShift: number
  readonly diffMin: number
}

/** Mean over `axes` (ReduceMean, GlobalAveragePool), TFLite's int8 MEAN. */
export interface MeanOp extends Base {
  readonly kind: 'mean'
  readonly input: TensorIndex
  readonly axes: readonly number[]
  /** Of inputScale / outputScale; the runtime divides by the count as TFLite does. */
  readonly requant: Requant
}

/** Parts have the output's scale (lowering rescales those that do not). */
export interface ConcatOp extends Base {
  readonly kind: 'concat'
  readonly inputs: readonly TensorIndex[]
  readonly axis: number
}

/** output[i] = input[begin + i * stride] in each dimension; sizes are the output's. Strides may be negative. Split and Slice. */
export interface SliceOp extends Base {
  readonly kind: 'slice'
  readonly input: TensorIndex
  readonly begin: readonly number[]
  readonly stride: readonly number[]
}

export interface PadOp extends Base {
  readonly kind: 'pad'
  readonly input: TensorIndex
  /** Elements before and after, per dimension, >= 0. */
  readonly before: readonly number[]
  readonly after: readonly number[]
  /** 'constant' fills with `value`; 'reflect' and 'edge' as in ONNX. */
  readonly mode: 'constant' | 'reflect' | 'edge'
  readonly value: number
}

export interface TransposeOp extends Base {
  readonly kind: 'transpose'
  readonly input: TensorIndex
  /** Output dimension i is input dimension perm[i]. */
  readonly perm: readonly number[]
}

/** A plain copy (a reshape that could not share its input's memory). */
export interface CopyOp extends Base {
  readonly kind: 'copy'
  readonly input: TensorIndex
}

/** TFLite's int8 RESIZE_NEAREST_NEIGHBOR / RESIZE_BILINEAR over H and W. */
export interface ResizeOp extends Base {
  readonly kind: 'resizeNearest' | 'resizeBilinear'
  readonly input: TensorIndex
  readonly alignCorners: boolean
  readonly halfPixelCenters: boolean
}

export type PlanOp =
  | ConvOp
  | DepthwiseOp
  | TransposeConvOp
  | FullyConnectedOp
  | PoolOp
  | AddOp
  | MulOp
  | TableOp
  | RequantizeOp
  | PreluOp
  | SoftmaxOp
  | MeanOp
  | ConcatOp
  | SliceOp
  | PadOp
  | TransposeOp
  | CopyOp
  | ResizeOp

export interface PlanPort {
  /** Graph input or output name. */
  readonly name: string
  readonly tensor: TensorIndex
  /** The model's own shape for it (batch 1), as the user sees it. */
  readonly shape: readonly number[]
}

export interface Plan {
  readonly tensors: readonly PlanTensor[]
  readonly ops: readonly PlanOp[]
  readonly inputs: readonly PlanPort[]
  readonly outputs: readonly PlanPort[]
  /** Bytes of the arena, scratch included; 0 before the memory planner has run. Every arena offset is a multiple of 16. */
  readonly arenaBytes: number
}

/** What a pack was made from, in its META section. */
export interface PackOrigin {
  readonly modelName: string
  readonly modelSha256: string
  readonly recipeSha256: string
  /** Of the calibration data; 64 zeros when none was used. */
  readonly dataSha256: string
  /** Version of Shoehorn that wrote it. */
  readonly producer: string
}

/** Input tensors of an op, in the order in which the runtime is given them. */
export function opInputs(op: PlanOp): readonly TensorIndex[] {
  switch (op.kind) {
    case 'conv2d':
    case 'depthwiseConv2d':
    case 'transposeConv2d':
    case 'fullyConnected':
      return op.bias === null ? [op.input, op.weights] : [op.input, op.weights, op.bias]
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
      return [op.a, op.b]
    case 'prelu':
      return [op.input, op.alpha]
    case 'concat':
      return op.inputs
    default:
      return [op.input]
  }
}

export type WeightedOp = ConvOp | DepthwiseOp | TransposeConvOp | FullyConnectedOp

/** Whether the operator has weights that may be coded. */
export function isWeighted(op: PlanOp): op is WeightedOp {
  return (
    op.kind === 'conv2d' ||
    op.kind === 'depthwiseConv2d' ||
    op.kind === 'transposeConv2d' ||
    op.kind === 'fullyConnected'
  )
}

/** Tensor of the operator's scratch memory. */
export const scratchOf = (op: PlanOp): TensorIndex | undefined => (isWeighted(op) ? op.scratch : undefined)
