// A TFLite file as plain records: what the flatbuffer says, checked (indices, sizes, types), not yet a graph.
import { type Note, say } from '../../base/note.ts'
import type { ByteSource } from '../../base/source.ts'
import { elementsOf } from '../../ir/tensor.ts'
import { FlatBuffer, type FlatTable } from './flatbuffer.ts'
import { builtinOperators, optionFields, slots, type TensorType, tensorTypes } from './schema.ts'

export interface TfliteQuant {
  readonly scale: readonly number[]
  readonly zeroPoint: readonly number[]
  /** Dimension of the channels when there is more than one scale. */
  readonly axis: number
}

export interface TfliteTensor {
  readonly index: number
  readonly name: string
  readonly shape: readonly number[]
  readonly type: TensorType
  readonly quant: TfliteQuant | null
  /** Byte range in the file of a constant's elements, null for an activation. */
  readonly data: { readonly offset: number; readonly length: number } | null
}

export type Options = Readonly<Record<string, number | boolean | readonly number[]>>

export interface TfliteOperator {
  readonly index: number
  /** TFLite name, or the custom code. */
  readonly op: string
  /** Tensor indices; -1 is an optional input left out. */
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly options: Options
}

export interface TfliteModel {
  readonly name: string
  readonly source: ByteSource
  readonly tensors: readonly TfliteTensor[]
  readonly operators: readonly TfliteOperator[]
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
}

/** A flatbuffer's offsets have 31 bits; larger files keep weights behind it. */
const maxFlatBytes = 2 ** 31 - 1
/** Elements a tensor may have; more does not fit any memory this is for. */
const maxElements = 2 ** 31
const maxRank = 8

export function parseTflite(source: ByteSource): TfliteModel {
  const file = new FlatBuffer(source.name, source.read(0, Math.min(source.size, maxFlatBytes)))
  if (file.identifier() !== 'TFL3') file.malformed(say`the mark TFL3 is missing`, 'bytes 4 to 8')
  const model = file.root('model')
  const codes = model.tables(slots.model.operatorCodes, say`operator code`).map(operatorName)
  const buffers = model.tables(slots.model.buffers, 'buffer')
  const subgraph = model.tables(slots.model.subgraphs, 'subgraph')[0]
  if (!subgraph) return file.malformed(say`it holds no graph`, 'model')
  const tensors = subgraph
    .tables(slots.subgraph.tensors, 'tensor')
    .map((table, index) => readTensor(table, index, buffers, source.size))
  const known = (table: FlatTable, slot: number, optional: boolean) => {
    const indices = table.ints(slot)
    const wrong = indices.find((i) => i >= tensors.length || i < (optional ? -1 : 0))
    if (wrong !== undefined) file.malformed(say`it names tensor ${wrong} of ${tensors.length}`, table.where)
    return indices
  }
  const operators = subgraph.tables(slots.subgraph.operators, 'operator').map((table, index) => {
    const code = table.u32(slots.operator.code, 0)
    const op = codes[code]
    if (op === undefined) return file.malformed(say`it names operator code ${code} of ${codes.length}`, table.where)
    const inputs = known(table, slots.operator.inputs, true)
    const outputs = known(table, slots.operator.outputs, false)
    return { index, op, inputs, outputs, options: readOptions(table, op) }
  })
  const inputs = known(subgraph, slots.subgraph.inputs, false)
  const outputs = known(subgraph, slots.subgraph.outputs, false)
  return { name: subgraph.text(slots.subgraph.name) || 'main', source, tensors, operators, inputs, outputs }
}

/** Old files keep the operator in a signed byte, new ones in a longer field; the larger one holds. */
function operatorName(table: FlatTable): string {
  const s = slots.operatorCode
  const number = Math.max(table.i8(s.shortBuiltin, 0), table.i32(s.builtin, 0))
  const name = builtinOperators[number] ?? `BUILTIN_${number}`
  return name === 'CUSTOM' ? table.text(s.custom) || name : name
}

function readOptions(operator: FlatTable, op: string): Options {
  const fields = optionFields[op]
  if (!fields) return {}
  const table = operator.table(slots.operator.options, say`the options of ${operator.where} (${op})`)
  const entries = Object.entries(fields).map(([name, [slot, kind, fallback = 0]]) => {
    if (kind === 'ints') return [name, table?.ints(slot) ?? []] as const
    if (kind === 'bool') return [name, table?.bool(slot) ?? false] as const
    return [name, table?.[kind](slot, fallback) ?? fallback] as const
  })
  return Object.fromEntries(entries)
}

function readTensor(table: FlatTable, index: number, buffers: readonly FlatTable[], fileBytes: number): TfliteTensor {
  const s = slots.tensor
  const name = table.text(s.name) || `tensor_${index}`
  const where = `tensor ${index} (${name})`
  const shape = table.ints(s.shape)
  const file = table.buffer
  if (shape.length > maxRank) file.malformed(say`${shape.length} dimensions`, where)
  if (shape.some((dim) => dim < 0) || elementsOf(shape) > maxElements) file.malformed(say`the shape [${shape}]`, where)
  const number = table.i8(s.type, 0)
  const type = tensorTypes[number]
  if (!type) return file.malformed(say`an unknown element type (${number})`, where)
  if (table.has(s.sparsity)) file.malformed(say`a tensor in TFLite's sparse form, which is not read`, where)
  const buffer = table.u32(s.buffer, 0)
  const named = buffers[buffer] ?? (buffer === 0 ? null : file.malformed(say`it names buffer ${buffer}`, where))
  const data = buffer === 0 || !named ? null : bufferRange(named, fileBytes)
  if (data) checkData(file, where, shape, type, data.length)
  return { index, name, shape, type, quant: readQuant(table, shape, where), data }
}

/** A buffer's bytes lie in the flatbuffer, or (files over 2 GB) behind it at an absolute offset. */
function bufferRange(buffer: FlatTable, fileBytes: number): { offset: number; length: number } | null {
  const inside = buffer.bytes(slots.buffer.data)
  if (inside && inside.length > 0) return { offset: inside.start, length: inside.length }
  const offset = buffer.i64(slots.buffer.offset, 0)
  const length = buffer.i64(slots.buffer.size, 0)
  if (offset <= 1 || length === 0) return null
  if (length < 0 || offset + length > fileBytes)
    buffer.buffer.malformed(say`its ${length} bytes at ${offset} are not in the file`, buffer.where)
  return { offset, length }
}

function checkData(file: FlatBuffer, where: Note, shape: readonly number[], type: TensorType, length: number) {
  if (type.dtype === null) return
  const expected = Math.ceil((elementsOf(shape) * type.bits) / 8)
  if (length !== expected)
    file.malformed(say`${length} bytes of data where [${shape}] ${type.name} has ${expected}`, where)
}

function readQuant(table: FlatTable, shape: readonly number[], where: Note): TfliteQuant | null {
  const s = slots.quantization
  const quant = table.table(slots.tensor.quantization, say`the quantisation of ${where}`)
  const scale = quant?.floats(s.scale) ?? []
  if (!quant || scale.length === 0) return null
  const zeroPoints = quant.longs(s.zeroPoint)
  const axis = quant.i32(s.axis, 0)
  const file = table.buffer
  if (scale.length > 1 && scale.length !== shape[axis])
    file.malformed(say`${scale.length} scales for dimension ${axis} of [${shape}]`, where)
  if (scale.some((v) => !Number.isFinite(v) || v < 0)) file.malformed(say`a scale that is no number from 0 up`, where)
  if (zeroPoints.length > 1 && zeroPoints.length !== scale.length)
    file.malformed(say`${zeroPoints.length} zero points for ${scale.length} scales`, where)
  const zeroPoint = scale.map((_, i) => zeroPoints[zeroPoints.length === 1 ? 0 : i] ?? 0)
  return { scale, zeroPoint, axis }
}
