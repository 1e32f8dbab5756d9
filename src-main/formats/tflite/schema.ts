// The TFLite schema (version 3) as data: field slots of the tables that are read, and its enumerations.
import type { DType } from '../../ir/dtype.ts'

export const slots = {
  model: { version: 0, operatorCodes: 1, subgraphs: 2, buffers: 4 },
  operatorCode: { shortBuiltin: 0, custom: 1, builtin: 3 },
  subgraph: { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 },
  tensor: { shape: 0, type: 1, buffer: 2, name: 3, quantization: 4, isVariable: 5, sparsity: 6 },
  quantization: { scale: 2, zeroPoint: 3, axis: 6 },
  operator: { code: 0, inputs: 1, outputs: 2, options: 4 },
  buffer: { data: 0, offset: 1, size: 2 },
} as const

export type OptionKind = 'i8' | 'i32' | 'f32' | 'bool' | 'ints'
export type OptionField = readonly [slot: number, kind: OptionKind, fallback?: number]

const fused = (slot: number): OptionField => [slot, 'i8']

/** The options of an operator that matter here, by TFLite operator name. */
export const optionFields: Readonly<Record<string, Readonly<Record<string, OptionField>>>> = {
  CONV_2D: {
    padding: [0, 'i8'],
    strideW: [1, 'i32'],
    strideH: [2, 'i32'],
    fused: fused(3),
    dilationW: [4, 'i32', 1],
    dilationH: [5, 'i32', 1],
  },
  DEPTHWISE_CONV_2D: {
    padding: [0, 'i8'],
    strideW: [1, 'i32'],
    strideH: [2, 'i32'],
    fused: fused(4),
    dilationW: [5, 'i32', 1],
    dilationH: [6, 'i32', 1],
  },
  TRANSPOSE_CONV: { padding: [0, 'i8'], strideW: [1, 'i32'], strideH: [2, 'i32'], fused: fused(3) },
  AVERAGE_POOL_2D: {
    padding: [0, 'i8'],
    strideW: [1, 'i32'],
    strideH: [2, 'i32'],
    filterW: [3, 'i32'],
    filterH: [4, 'i32'],
    fused: fused(5),
  },
  MAX_POOL_2D: {
    padding: [0, 'i8'],
    strideW: [1, 'i32'],
    strideH: [2, 'i32'],
    filterW: [3, 'i32'],
    filterH: [4, 'i32'],
    fused: fused(5),
  },
  FULLY_CONNECTED: { fused: fused(0), weightsFormat: [1, 'i8'], keepNumDims: [2, 'bool'] },
  CONCATENATION: { axis: [0, 'i32'], fused: fused(1) },
  ADD: { fused: fused(0) },
  SUB: { fused: fused(0) },
  MUL: { fused: fused(0) },
  DIV: { fused: fused(0) },
  RESHAPE: { newShape: [0, 'ints'] },
  SOFTMAX: { beta: [0, 'f32'] },
  MEAN: { keepDims: [0, 'bool'] },
  SUM: { keepDims: [0, 'bool'] },
  REDUCE_MAX: { keepDims: [0, 'bool'] },
  REDUCE_MIN: { keepDims: [0, 'bool'] },
  SQUEEZE: { axes: [0, 'ints'] },
  LEAKY_RELU: { alpha: [0, 'f32'] },
  SPLIT: { count: [0, 'i32'] },
  SPLIT_V: { count: [0, 'i32'] },
  STRIDED_SLICE: {
    beginMask: [0, 'i32'],
    endMask: [1, 'i32'],
    ellipsisMask: [2, 'i32'],
    newAxisMask: [3, 'i32'],
    shrinkAxisMask: [4, 'i32'],
    offset: [5, 'bool'],
  },
  MIRROR_PAD: { mode: [0, 'i8'] },
  RESIZE_BILINEAR: { alignCorners: [2, 'bool'], halfPixelCenters: [3, 'bool'] },
  RESIZE_NEAREST_NEIGHBOR: { alignCorners: [0, 'bool'], halfPixelCenters: [1, 'bool'] },
  ARG_MAX: { outputType: [0, 'i8'] },
  PACK: { count: [0, 'i32'], axis: [1, 'i32'] },
  UNPACK: { count: [0, 'i32'], axis: [1, 'i32'] },
}

/** ActivationFunctionType. */
export const fusedActivations = ['NONE', 'RELU', 'RELU_N1_TO_1', 'RELU6', 'TANH', 'SIGN_BIT'] as const

/** Padding: 0 = SAME, 1 = VALID. */
export const paddingSame = 0

export interface TensorType {
  readonly name: string
  /** null: a type the graph does not know. */
  readonly dtype: DType | null
  /** Bits an element takes in the file. */
  readonly bits: number
}

/** TensorType, by its number. */
export const tensorTypes: readonly TensorType[] = [
  { name: 'FLOAT32', dtype: 'f32', bits: 32 },
  { name: 'FLOAT16', dtype: 'f16', bits: 16 },
  { name: 'INT32', dtype: 'i32', bits: 32 },
  { name: 'UINT8', dtype: 'u8', bits: 8 },
  { name: 'INT64', dtype: 'i64', bits: 64 },
  { name: 'STRING', dtype: null, bits: 0 },
  { name: 'BOOL', dtype: 'bool', bits: 8 },
  { name: 'INT16', dtype: 'i16', bits: 16 },
  { name: 'COMPLEX64', dtype: null, bits: 64 },
  { name: 'INT8', dtype: 'i8', bits: 8 },
  { name: 'FLOAT64', dtype: 'f64', bits: 64 },
  { name: 'COMPLEX128', dtype: null, bits: 128 },
  { name: 'UINT64', dtype: 'u64', bits: 64 },
  { name: 'RESOURCE', dtype: null, bits: 0 },
  { name: 'VARIANT', dtype: null, bits: 0 },
  { name: 'UINT32', dtype: 'u32', bits: 32 },
  { name: 'UINT16', dtype: 'u16', bits: 16 },
  { name: 'INT4', dtype: 'i8', bits: 4 },
  { name: 'BFLOAT16', dtype: 'bf16', bits: 16 },
]

/** BuiltinOperator, by its number. */
export const builtinOperators: readonly string[] = `
ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE EMBEDDING_LOOKUP FLOOR
FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION LSTM
MAX_POOL_2D MUL RELU RELU_N1_TO_1 RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS
SKIP_GRAM CALL CUSTOM EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND
TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT
LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM CAST PRELU MAXIMUM ARG_MAX MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL
LESS_EQUAL SELECT SLICE SIN TRANSPOSE_CONV SPARSE_TO_DENSE TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW
ARG_MIN FAKE_QUANT REDUCE_PROD REDUCE_MAX PACK LOGICAL_OR ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV
REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD RANGE RESIZE_NEAREST_NEIGHBOR LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS
SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N GATHER_ND COS WHERE RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG
ROUND HARD_SWISH IF WHILE NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM
BATCH_MATMUL`
  .trim()
  .split(/\s+/)
