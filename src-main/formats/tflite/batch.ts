// TFLite fixes the batch at 1. Where every operator on the way keeps its first dimension as it is, that 1 can stand for
// any number, and the host can run many samples at once. One operator that does not, and the whole graph keeps its 1.
import type { TfliteModel, TfliteOperator } from './model.ts'

type Rule = (op: TfliteOperator, look: Look) => boolean

export interface Look {
  /** [] where there is no such tensor. */
  shape(t: number | undefined): readonly number[]
  /** Integers of a constant, null when it is none. */
  numbers(t: number): readonly number[] | null
}

const always: Rule = () => true
const axisNotFirst =
  (axisOf: (op: TfliteOperator, look: Look) => readonly number[] | null, input = 0): Rule =>
  (op, look) => {
    const rank = look.shape(op.inputs[input]).length
    return axisOf(op, look)?.every((axis) => (axis < 0 ? axis + rank : axis) > 0) ?? false
  }
const optionAxis = (op: TfliteOperator) => [Number(op.options.axis)]
const constantAxes = (input: number) => (op: TfliteOperator, look: Look) => look.numbers(op.inputs[input] ?? -1)

const keepsBatch = `CONV_2D DEPTHWISE_CONV_2D TRANSPOSE_CONV AVERAGE_POOL_2D MAX_POOL_2D ADD SUB MUL DIV LOGISTIC TANH RELU
  RELU6 RELU_N1_TO_1 LEAKY_RELU PRELU HARD_SWISH ELU ABS NEG EXP LOG SQRT RSQRT SQUARE SIN COS FLOOR CEIL ROUND POW
  SOFTMAX LOG_SOFTMAX RESHAPE SQUEEZE RESIZE_NEAREST_NEIGHBOR RESIZE_BILINEAR QUANTIZE DEQUANTIZE CAST MAXIMUM MINIMUM`

const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(keepsBatch.split(/\s+/).map((op) => [op, always])),
  FULLY_CONNECTED: (op, look) => look.shape(op.inputs[0])[0] === look.shape(op.outputs[0])[0],
  MEAN: axisNotFirst(constantAxes(1)),
  SUM: axisNotFirst(constantAxes(1)),
  REDUCE_MAX: axisNotFirst(constantAxes(1)),
  REDUCE_MIN: axisNotFirst(constantAxes(1)),
  ARG_MAX: axisNotFirst(constantAxes(1)),
  EXPAND_DIMS: axisNotFirst(constantAxes(1)),
  CONCATENATION: axisOfOutput,
  UNPACK: axisNotFirst(optionAxis),
  PACK: axisOfOutput,
  SPLIT: axisNotFirst(constantAxes(0), 1),
  SPLIT_V: axisNotFirst(constantAxes(2)),
  TRANSPOSE: (op, look) => look.numbers(op.inputs[1] ?? -1)?.[0] === 0,
  SLICE: (op, look) => look.numbers(op.inputs[1] ?? -1)?.[0] === 0,
  STRIDED_SLICE: (op, look) => {
    const masked = (Number(op.options.beginMask) & 1) === 1
    const begins = masked || look.numbers(op.inputs[1] ?? -1)?.[0] === 0
    return begins && look.numbers(op.inputs[3] ?? -1)?.[0] === 1 && (Number(op.options.shrinkAxisMask) & 1) === 0
  },
  PAD: padsNoBatch,
  PADV2: padsNoBatch,
  MIRROR_PAD: padsNoBatch,
}

function axisOfOutput(op: TfliteOperator, look: Look): boolean {
  const axis = Number(op.options.axis)
  return (axis < 0 ? axis + look.shape(op.outputs[0]).length : axis) > 0
}

function padsNoBatch(op: TfliteOperator, look: Look): boolean {
  const pads = look.numbers(op.inputs[1] ?? -1)
  return pads?.[0] === 0 && pads[1] === 0
}

/** Inputs whose elements the conversion takes from the stated shape of the output instead. */
const statedByOutput: Readonly<Record<string, number>> = { RESHAPE: 1, EXPAND_DIMS: 1, TRANSPOSE_CONV: 0 }

/** The tensors an operator's node reads. */
export function valueInputs(op: TfliteOperator): number[] {
  return op.inputs.filter((t, i) => t >= 0 && statedByOutput[op.op] !== i)
}

/** Tensors whose first dimension is the batch; null when the batch has to stay 1. */
export function batchTensors(
  model: TfliteModel,
  operators: readonly TfliteOperator[],
  look: Look,
): ReadonlySet<number> | null {
  const isBatch = (t: number) => look.shape(t).length >= 2 && look.shape(t)[0] === 1
  if (!model.inputs.every(isBatch)) return null
  const batched = new Set(model.inputs)
  const fixed = new Set(model.tensors.filter((t) => t.data).map((t) => t.index))
  for (const op of operators) {
    const reads = valueInputs(op)
    if (reads.every((t) => fixed.has(t))) {
      for (const output of op.outputs) fixed.add(output)
      continue
    }
    const active = reads.filter((t) => !fixed.has(t))
    const rank = look.shape(active[0]).length
    const joins = active.every((t) => batched.has(t) && look.shape(t).length === rank)
    // a constant part would have to be repeated for every sample
    const partsVary = !joinsParts.has(op.op) || active.length === reads.length
    const keeps = op.outputs.every((t) => look.shape(t)[0] === 1)
    if (!joins || !partsVary || !keeps || !rules[op.op]?.(op, look)) return null
    for (const output of op.outputs) batched.add(output)
  }
  return model.outputs.every((t) => batched.has(t)) ? batched : null
}

const joinsParts = new Set(['CONCATENATION', 'PACK'])
