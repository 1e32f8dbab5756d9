// The codecs' C code as WebAssembly, in process: encoders, and the decoders as they run on devices.
import { readFileSync } from 'node:fs'
import { AppError, Bug } from '../base/errors.ts'
import { type Codec, type CodecName, type Coded, codecNames, type IntTensor } from './codec.ts'

// What is used of the WebAssembly API, which the es2024 library does not declare.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: object }
}

/** Exports of resources/runtime/host/codecs.c. Addresses are in linear memory. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  codecs_reserve(bytes: number): number
  codecs_encode(
    codec: number,
    data: number,
    rows: number,
    rowElements: number,
    inner: number,
    payload: number,
    payloadCapacity: number,
    table: number,
    tableCapacity: number,
    tableBytes: number,
    scratch: number,
    scratchBytes: number,
  ): number
  codecs_payload_bytes(): number
  codecs_table_bytes(): number
  codecs_coded(
    payload: number,
    payloadBytes: number,
    table: number,
    tableBytes: number,
    rows: number,
    rowElements: number,
    inner: number,
  ): void
  codecs_state_bytes(codec: number): number
  codecs_open(codec: number, state: number): number
  codecs_read(state: number, out: number, count: number): number
  codecs_decode(codec: number, state: number, out: number): number
  codecs_make_table(codec: number, counts: number, table: number): number
  codecs_make_table_payload_bits(): number
}

const wasmPath = new URL('../../resources/prebuilt/codecs.wasm', import.meta.url)
/** SHOE_TABLE_CAPACITY (resources/runtime/host/encode.h). */
const tableCapacity = 4096
const scratchBytes = 1 << 18
/** Linear memory cannot shrink: an instance that a large tensor has grown beyond this is not kept. */
const keptBytes = 1 << 26

let module: object | undefined
let instance: Exports | undefined

function withNative<T>(use: (wasm: Exports) => T): T {
  module ??= new WebAssembly.Module(readFileSync(wasmPath))
  instance ??= new WebAssembly.Instance(module).exports as Exports
  const wasm = instance
  try {
    return use(wasm)
  } finally {
    if (wasm.memory.buffer.byteLength > keptBytes) instance = undefined
  }
}

const align = (bytes: number) => Math.ceil(bytes / 16) * 16

/** Linear memory has 32-bit addresses. */
const memoryLimit = 0xfff00000

/** Addresses of areas of the given sizes, one after the other. */
function reserve(wasm: Exports, sizes: readonly number[]): number[] {
  const bytes = sizes.reduce((sum, size) => sum + align(size), 0)
  const base = bytes > memoryLimit ? 0 : wasm.codecs_reserve(bytes)
  if (base === 0) throw new AppError('pack.tensorTooLarge', { bytes })
  let at = base
  return sizes.map((bytes) => {
    const address = at
    at += align(bytes)
    return address
  })
}

const elementsOf = (shape: { readonly rows: number; readonly rowElements: number }) => shape.rows * shape.rowElements

/** Every codec needs less than 12 bits an element and some bytes of its own. */
const payloadCapacityOf = (elements: number) => 2 * elements + 1024

/** Null when the codec cannot hold these values. `table`: one that is there already, for codecs that can share it. */
export function encodeNative(id: number, tensor: IntTensor, table?: Uint8Array): Coded | null {
  const elements = elementsOf(tensor)
  if (tensor.data.length !== elements) throw new Bug(`a tensor of ${elements} elements has ${tensor.data.length}`)
  return withNative((wasm) => {
    const capacity = payloadCapacityOf(elements)
    const [data, payload, tableAt, scratch] = reserve(wasm, [elements, capacity, tableCapacity, scratchBytes]) as [
      number,
      number,
      number,
      number,
    ]
    new Int8Array(wasm.memory.buffer).set(tensor.data, data)
    if (table) new Uint8Array(wasm.memory.buffer).set(table, tableAt)
    const status = wasm.codecs_encode(
      id,
      data,
      tensor.rows,
      tensor.rowElements,
      tensor.inner,
      payload,
      capacity,
      tableAt,
      tableCapacity,
      table?.length ?? 0,
      scratch,
      scratchBytes,
    )
    if (status === statuses.tensor) return null
    if (status !== 0) throw new Bug(`encoder ${id} gave ${status}`)
    const bytes = new Uint8Array(wasm.memory.buffer)
    return {
      codec: codecNames[id]!,
      payload: bytes.slice(payload, payload + (wasm.codecs_payload_bytes() >>> 0)),
      table: table ?? bytes.slice(tableAt, tableAt + wasm.codecs_table_bytes()),
      rows: tensor.rows,
      rowElements: tensor.rowElements,
      inner: tensor.inner,
    }
  })
}

/** shoe_status, as far as decoders give it. */
const statuses = { tensor: -8, truncated: -3 }
const problems: Readonly<Record<number, string>> = {
  [statuses.truncated]: 'they end too early',
  [statuses.tensor]: 'table or payload are impossible',
}

const damaged = (codec: CodecName, status: number): never => {
  throw new AppError('pack.coded', { codec, problem: problems[status] ?? `status ${status}`, status })
}

/** Puts payload and table into linear memory, with room for `more` areas after them. */
function place(wasm: Exports, coded: Coded, more: readonly number[]): number[] {
  const [payload, table, ...rest] = reserve(wasm, [coded.payload.length, coded.table.length, ...more]) as [
    number,
    number,
    ...number[],
  ]
  const memory = new Uint8Array(wasm.memory.buffer)
  memory.set(coded.payload, payload)
  memory.set(coded.table, table)
  wasm.codecs_coded(
    payload,
    coded.payload.length,
    table,
    coded.table.length,
    coded.rows,
    coded.rowElements,
    coded.inner,
  )
  return rest
}

/** Room for the state of a decoder, bytes; the arithmetic codec's grows with the rows, to some 50 kB. */
const stateCapacity = 1 << 16

/** Payload, table, state and elements in linear memory, the state large enough. */
function placeDecoder(wasm: Exports, id: number, coded: Coded): { state: number; out: number } {
  const [state, out] = place(wasm, coded, [stateCapacity, elementsOf(coded)]) as [number, number]
  const needed = wasm.codecs_state_bytes(id)
  if (needed === 0) damaged(coded.codec, statuses.tensor)
  if (needed > stateCapacity) throw new Bug(`the ${coded.codec} decoder needs ${needed} bytes of state`)
  return { state, out }
}

export function decodeNative(id: number, coded: Coded): Int8Array {
  const elements = elementsOf(coded)
  return withNative((wasm) => {
    const { state, out } = placeDecoder(wasm, id, coded)
    const status = wasm.codecs_decode(id, state, out)
    if (status !== 0) damaged(coded.codec, status)
    return new Int8Array(wasm.memory.buffer).slice(out, out + elements)
  })
}

/** The decoder of the device, `counts` elements at a time. */
export function decodeInPieces(id: number, coded: Coded, counts: readonly number[]): Int8Array {
  return withNative((wasm) => {
    const { state, out } = placeDecoder(wasm, id, coded)
    const opened = wasm.codecs_open(id, state)
    if (opened !== 0) damaged(coded.codec, opened)
    let at = 0
    for (const count of counts) {
      const status = wasm.codecs_read(state, out + at, count)
      if (status !== 0) damaged(coded.codec, status)
      at += count
    }
    return new Int8Array(wasm.memory.buffer).slice(out, out + at)
  })
}

export interface ValueTable {
  readonly table: Uint8Array
  /** What values as counted take under this table, bits. */
  readonly payloadBits: number
}

/** The best table for values that occur `counts[value + 128]` times; for codecs whose tables can be shared. */
export function makeTable(id: number, counts: Uint32Array): ValueTable {
  return withNative((wasm) => {
    const [at, table] = reserve(wasm, [1024, tableCapacity]) as [number, number]
    new Uint32Array(wasm.memory.buffer, at, 256).set(counts)
    const bytes = wasm.codecs_make_table(id, at, table)
    if (bytes === 0) throw new Bug(`codec ${id} has no tables to share`)
    const payloadBits = wasm.codecs_make_table_payload_bits()
    return { table: new Uint8Array(wasm.memory.buffer).slice(table, table + bytes), payloadBits }
  })
}

export function stateBytesNative(id: number, coded: Coded): number {
  return withNative((wasm) => {
    place(wasm, coded, [])
    const bytes = wasm.codecs_state_bytes(id)
    return bytes === 0 ? damaged(coded.codec, statuses.tensor) : bytes
  })
}

/** The codec whose C functions have this name; `accepts` says beforehand what the encoder would refuse. */
export function nativeCodec(name: CodecName, accepts: (tensor: IntTensor) => true | string): Codec {
  const id = codecNames.indexOf(name)
  return {
    name,
    id,
    accepts,
    encode(tensor) {
      const coded = encodeNative(id, tensor)
      if (!coded) throw new Bug(`${name} was given a tensor that it does not accept`)
      return coded
    },
    decode: (coded) => decodeNative(id, coded),
    stateBytes: (coded) => stateBytesNative(id, coded),
  }
}
