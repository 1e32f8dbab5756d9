// QUANTIZE and DEQUANTIZE nodes only change how a value is held, so most of them become a property of the value (see
// ir/graph.ts): the tensors on both sides are one value. What cannot be joined stays as an Identity node.
import type { Quantization } from '../../ir/graph.ts'
import type { TfliteModel, TfliteOperator, TfliteTensor } from './model.ts'

const integerRanges: Readonly<Record<string, Pick<Quantization, 'dtype' | 'min' | 'max'>>> = {
  INT4: { dtype: 'i8', min: -8, max: 7 },
  INT8: { dtype: 'i8', min: -128, max: 127 },
  UINT8: { dtype: 'u8', min: 0, max: 255 },
  INT16: { dtype: 'i16', min: -32768, max: 32767 },
  INT32: { dtype: 'i32', min: -(2 ** 31), max: 2 ** 31 - 1 },
}

/** How a tensor's integers stand for real numbers; null when it holds floats or plain integers. */
export function quantizationOf(t: TfliteTensor): Quantization | null {
  const range = integerRanges[t.type.name]
  if (!t.quant || !range) return null
  const { scale, zeroPoint, axis } = t.quant
  return { ...range, bits: t.type.bits, scale, zeroPoint, axis: scale.length > 1 ? axis : null }
}

export interface Edges {
  /** The tensor whose value stands for tensor t. */
  readonly canonical: (t: number) => number
  /** Quantisation of the value of a canonical tensor. */
  readonly quant: (t: number) => Quantization | null
  /** Tensor that gives the value its name. */
  readonly named: (t: number) => number
  /** Operators that need no node. */
  readonly absorbed: ReadonlySet<TfliteOperator>
}

interface Joining {
  readonly model: TfliteModel
  readonly isPort: (t: number) => boolean
  readonly isOutput: (t: number) => boolean
  readonly readerCount: ReadonlyMap<number, number>
  readonly alias: Map<number, number>
  readonly quants: Map<number, Quantization>
  readonly names: Map<number, number>
}

export function joinEdges(model: TfliteModel, live: readonly TfliteOperator[]): Edges {
  const outputs = new Set(model.outputs)
  const ports = new Set([...model.inputs, ...model.outputs])
  const readerCount = new Map<number, number>()
  for (const op of live) for (const t of new Set(op.inputs)) readerCount.set(t, (readerCount.get(t) ?? 0) + 1)
  const joining: Joining = {
    model,
    isPort: (t) => ports.has(t),
    isOutput: (t) => outputs.has(t),
    readerCount,
    alias: new Map(),
    quants: new Map(),
    names: new Map(),
  }
  const absorbed = new Set(live.filter((op) => absorb(joining, op)))
  const { alias, quants, names } = joining
  return {
    canonical: (t) => alias.get(t) ?? t,
    quant: (t) => quants.get(t) ?? quantizationOf(model.tensors[t]!),
    named: (t) => names.get(t) ?? t,
    absorbed,
  }
}

function absorb(joining: Joining, op: TfliteOperator): boolean {
  const [from, to] = [op.inputs[0], op.outputs[0]]
  if (from === undefined || from < 0 || to === undefined) return false
  if (joining.model.tensors[from]!.data) return joinConstant(joining, op, from, to)
  if (op.op === 'QUANTIZE') return joinQuantize(joining, from, to)
  return op.op === 'DEQUANTIZE' && joinDequantize(joining, from, to)
}

/** Weights stored as integers or half floats: whoever reads the result reads the constant, as real numbers. */
function joinConstant({ alias, isOutput }: Joining, op: TfliteOperator, from: number, to: number): boolean {
  if (op.op !== 'DEQUANTIZE' || isOutput(to)) return false
  alias.set(to, from)
  return true
}

/** A float value read by nothing but a QUANTIZE takes over that quantisation. */
function joinQuantize(joining: Joining, from: number, to: number): boolean {
  const { model, alias, quants, names } = joining
  const source = alias.get(from) ?? from
  const quant = quantizationOf(model.tensors[to]!)
  const isFloat = model.tensors[from]!.type.name === 'FLOAT32' && source === from && !quants.has(from)
  if (!quant || !isFloat || joining.readerCount.get(from) !== 1 || joining.isOutput(from)) return false
  if (joining.isOutput(to) && joining.isPort(from)) return false
  alias.set(to, from)
  quants.set(from, quant)
  if (joining.isOutput(to)) names.set(from, to)
  return true
}

/** The readers of a DEQUANTIZE read the quantised value itself. */
function joinDequantize(joining: Joining, from: number, to: number): boolean {
  const { model, alias, names } = joining
  const source = alias.get(from) ?? from
  if (!quantizationOf(model.tensors[from]!)) return false
  if (joining.isOutput(to)) {
    if (joining.isPort(source) || names.has(source)) return false
    names.set(source, to)
  }
  alias.set(to, source)
  return true
}
