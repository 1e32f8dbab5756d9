// Writes small TFLite files for tests. Parents come before their children, because offsets are unsigned.
import { builtinOperators, optionFields, slots, tensorTypes } from '../../../../src-main/formats/tflite/schema.ts'

type Child = (w: FlatWriter) => number
type Field =
  | { slot: number; kind: 'i8' | 'i32' | 'f32' | 'i64'; value: number }
  | { slot: number; kind: 'child'; value: Child }

export class FlatWriter {
  #view = new DataView(new ArrayBuffer(1 << 20))
  #length = 0

  at() {
    return this.#length
  }
  reserve(bytes: number) {
    // every part starts on a multiple of 8
    const at = Math.ceil(this.#length / 8) * 8
    this.#length = at + bytes
    return at
  }
  set(at: number, kind: 'i8' | 'u16' | 'i32' | 'u32' | 'f32' | 'i64', value: number) {
    if (kind === 'i8') this.#view.setInt8(at, value)
    else if (kind === 'u16') this.#view.setUint16(at, value, true)
    else if (kind === 'i32') this.#view.setInt32(at, value, true)
    else if (kind === 'u32') this.#view.setUint32(at, value, true)
    else if (kind === 'f32') this.#view.setFloat32(at, value, true)
    else this.#view.setBigInt64(at, BigInt(value), true)
  }
  link(at: number, target: number) {
    this.set(at, 'u32', target - at)
  }
  raw(at: number, bytes: Uint8Array) {
    new Uint8Array(this.#view.buffer).set(bytes, at)
  }
  finish() {
    return new Uint8Array(this.#view.buffer.slice(0, Math.ceil(this.#length / 8) * 8))
  }
}

const table =
  (fields: readonly Field[]): Child =>
  (w) => {
    const slotCount = Math.max(0, ...fields.map((f) => f.slot + 1))
    const vtable = w.reserve(4 + 2 * slotCount)
    const at = w.reserve(8 + 8 * fields.length)
    w.set(vtable, 'u16', 4 + 2 * slotCount)
    w.set(vtable + 2, 'u16', 8 + 8 * fields.length)
    w.set(at, 'i32', at - vtable)
    for (const [i, field] of fields.entries()) {
      w.set(vtable + 4 + 2 * field.slot, 'u16', 8 + 8 * i)
      if (field.kind === 'child') w.link(at + 8 + 8 * i, field.value(w))
      else w.set(at + 8 + 8 * i, field.kind, field.value)
    }
    return at
  }

const vector =
  (kind: 'i32' | 'f32' | 'i64', values: readonly number[]): Child =>
  (w) => {
    const size = kind === 'i64' ? 8 : 4
    // the length stands right before the elements, which are aligned
    const at = w.reserve(8 + size * values.length) + 4
    w.set(at, 'u32', values.length)
    for (const [i, value] of values.entries()) w.set(at + 4 + size * i, kind, value)
    return at
  }

const bytes =
  (data: Uint8Array): Child =>
  (w) => {
    const at = w.reserve(8 + data.byteLength) + 4
    w.set(at, 'u32', data.byteLength)
    w.raw(at + 4, data)
    return at
  }

const text = (value: string) => bytes(new TextEncoder().encode(value))

const tables =
  (children: readonly Child[]): Child =>
  (w) => {
    const at = w.reserve(8 + 4 * children.length) + 4
    w.set(at, 'u32', children.length)
    for (const [i, child] of children.entries()) w.link(at + 4 + 4 * i, child(w))
    return at
  }

const child = (slot: number, value: Child): Field => ({ slot, kind: 'child', value })

export interface TensorSpec {
  readonly name: string
  readonly shape: readonly number[]
  /** FLOAT32 when left out. */
  readonly type?: string
  readonly data?: Float32Array | Int8Array | Uint8Array | Int32Array
  readonly quant?: { readonly scale: readonly number[]; readonly zeroPoint: readonly number[]; readonly axis?: number }
}

export interface OperatorSpec {
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly options?: Readonly<Record<string, number | readonly number[]>>
}

export interface ModelSpec {
  readonly tensors: readonly TensorSpec[]
  readonly operators: readonly OperatorSpec[]
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

function optionsTable({ op, options = {} }: OperatorSpec): Field[] {
  const fields = Object.entries(options).map(([name, value]): Field => {
    const known = optionFields[op]?.[name]
    if (!known) throw new Error(`no option ${name} in ${op}`)
    const [slot, kind] = known
    if (typeof value !== 'number') return child(slot, vector('i32', value))
    return { slot, kind: kind === 'f32' ? 'f32' : kind === 'i32' ? 'i32' : 'i8', value }
  })
  return fields.length > 0 ? [child(slots.operator.options, table(fields))] : []
}

function tensorTable(spec: TensorSpec, buffer: number): Child {
  const { quant } = spec
  const type = tensorTypes.findIndex(({ name }) => name === (spec.type ?? 'FLOAT32'))
  const fields: Field[] = [
    child(slots.tensor.shape, vector('i32', spec.shape)),
    { slot: slots.tensor.type, kind: 'i8', value: type },
    { slot: slots.tensor.buffer, kind: 'i32', value: buffer },
    child(slots.tensor.name, text(spec.name)),
  ]
  if (quant) {
    const parts: Field[] = [
      child(slots.quantization.scale, vector('f32', quant.scale)),
      child(slots.quantization.zeroPoint, vector('i64', quant.zeroPoint)),
      { slot: slots.quantization.axis, kind: 'i32', value: quant.axis ?? 0 },
    ]
    fields.push(child(slots.tensor.quantization, table(parts)))
  }
  return table(fields)
}

export function writeTflite(model: ModelSpec): Uint8Array {
  const number = new Map(model.tensors.map(({ name }, i) => [name, i]))
  const indices = (names: readonly string[]) =>
    vector(
      'i32',
      names.map((name) => (name === '' ? -1 : number.get(name)!)),
    )
  const buffers = model.tensors.map(({ data }) =>
    table(data ? [child(0, bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)))] : []),
  )
  const codes = model.operators.map(({ op }) => {
    const builtin = builtinOperators.indexOf(op)
    const custom = builtin < 0
    const fields: Field[] = [{ slot: slots.operatorCode.builtin, kind: 'i32', value: custom ? 32 : builtin }]
    return table(custom ? [...fields, child(slots.operatorCode.custom, text(op))] : fields)
  })
  const operators = model.operators.map((spec, i) =>
    table([
      { slot: slots.operator.code, kind: 'i32', value: i },
      child(slots.operator.inputs, indices(spec.inputs)),
      child(slots.operator.outputs, indices(spec.outputs)),
      ...optionsTable(spec),
    ]),
  )
  const subgraph = table([
    child(slots.subgraph.tensors, tables(model.tensors.map((t, i) => tensorTable(t, t.data ? i + 1 : 0)))),
    child(slots.subgraph.inputs, indices(model.inputs)),
    child(slots.subgraph.outputs, indices(model.outputs)),
    child(slots.subgraph.operators, tables(operators)),
    child(slots.subgraph.name, text('main')),
  ])
  const w = new FlatWriter()
  const head = w.reserve(8)
  w.raw(head + 4, new TextEncoder().encode('TFL3'))
  const root = table([
    { slot: slots.model.version, kind: 'i32', value: 3 },
    child(slots.model.operatorCodes, tables(codes)),
    child(slots.model.subgraphs, tables([subgraph])),
    child(slots.model.buffers, tables([table([]), ...buffers])),
  ])
  w.link(head, root(w))
  return w.finish()
}
