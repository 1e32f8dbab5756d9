// Bodies to bytes and back, from the declarations in messages.ts. Both directions check every length: encoding throws a
// Bug (the caller is ours), decoding gives a problem as a value (the peer may be anything).
import { ByteReader, ByteWriter } from '../../base/bytes.ts'
import { Bug, unreachable } from '../../base/errors.ts'
import type { Body, Field, Fields } from './fields.ts'
import { encodeFrame, type Frame, requestBit, responseBit } from './frame.ts'
import { deviceErrors, errorResponse, type MessageName, messages } from './messages.ts'

export type RequestBody<M extends MessageName> = Body<(typeof messages)[M]['request']>
export type ResponseBody<M extends MessageName> = Body<(typeof messages)[M]['response']>

/** What a device says when it does not do what was asked. */
export interface DeviceRefusal {
  readonly request: MessageName | null
  readonly code: number
  readonly error: keyof typeof deviceErrors | 'unknown'
  readonly detail: number
  readonly note: string
}

export type Decoded<T> = { readonly ok: true; readonly body: T } | { readonly ok: false; readonly problem: string }

export type Answer<M extends MessageName> =
  | { readonly kind: 'response'; readonly body: ResponseBody<M> }
  | { readonly kind: 'refusal'; readonly refusal: DeviceRefusal }
  | { readonly kind: 'malformed'; readonly problem: string }

type AnyValue = number | bigint | string | Uint8Array | readonly AnyBody[]
type AnyBody = { readonly [name: string]: AnyValue }

export function encodeBody<F extends Fields>(fields: F, body: Body<F>): Uint8Array {
  const writer = new ByteWriter(64)
  writeFields(writer, fields, body as AnyBody)
  return writer.finish()
}

export function decodeBody<F extends Fields>(fields: F, bytes: Uint8Array): Decoded<Body<F>> {
  const reader = new ByteReader(bytes, (needed, offset, available) => {
    throw new Malformed(`${needed} bytes needed at ${offset}, ${available} there`)
  })
  try {
    const body = readFields(reader, fields)
    if (!reader.done) return { ok: false, problem: `${reader.remaining} bytes too many` }
    return { ok: true, body: body as Body<F> }
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, problem: error.message }
    throw error
  }
}

export function requestPayload<M extends MessageName>(name: M, body: RequestBody<M>): Uint8Array {
  return encodeBody<Fields>(messages[name].request, body as AnyBody)
}

export function encodeRequest<M extends MessageName>(name: M, seq: number, body: RequestBody<M>): Uint8Array {
  return encodeFrame({ type: messages[name].id | requestBit, seq, payload: requestPayload(name, body) })
}

export function encodeResponse<M extends MessageName>(name: M, seq: number, body: ResponseBody<M>): Uint8Array {
  const payload = encodeBody<Fields>(messages[name].response, body as AnyBody)
  return encodeFrame({ type: messages[name].id | responseBit, seq, payload })
}

export function encodeRefusal(seq: number, body: Body<typeof errorResponse.fields>): Uint8Array {
  const payload = encodeBody(errorResponse.fields, body)
  return encodeFrame({ type: errorResponse.id | responseBit, seq, payload })
}

/** Whether a frame of this type can be what answers `name`: the response, or a refusal. */
export const isAnswerTo = (name: MessageName, type: number): boolean =>
  type === (messages[name].id | responseBit) || type === (errorResponse.id | responseBit)

/** The device's answer to a request called `name`. */
export function decodeAnswer<M extends MessageName>(name: M, frame: Frame): Answer<M> {
  if (frame.type === (errorResponse.id | responseBit)) {
    const decoded = decodeBody(errorResponse.fields, frame.payload)
    return decoded.ok
      ? { kind: 'refusal', refusal: refusalOf(decoded.body) }
      : { kind: 'malformed', problem: decoded.problem }
  }
  if (frame.type !== (messages[name].id | responseBit)) {
    return { kind: 'malformed', problem: `type 0x${frame.type.toString(16)} does not answer ${name}` }
  }
  const decoded = decodeBody<Fields>(messages[name].response, frame.payload)
  return decoded.ok
    ? { kind: 'response', body: decoded.body as ResponseBody<M> }
    : { kind: 'malformed', problem: decoded.problem }
}

/** For the device's side: which request a frame is, with its body. */
export function decodeRequest(
  frame: Frame,
): { [M in MessageName]: { readonly name: M; readonly body: Decoded<RequestBody<M>> } }[MessageName] | null {
  const name = messageNames.find((candidate) => (messages[candidate].id | requestBit) === frame.type)
  if (name === undefined) return null
  return { name, body: decodeBody<Fields>(messages[name].request, frame.payload) } as ReturnType<typeof decodeRequest>
}

export const messageNames = Object.keys(messages) as MessageName[]

const errorNames = Object.keys(deviceErrors) as (keyof typeof deviceErrors)[]

function refusalOf(body: Body<typeof errorResponse.fields>): DeviceRefusal {
  return {
    request: messageNames.find((name) => messages[name].id === (body.request & 0x3f)) ?? null,
    code: body.code,
    error: errorNames.find((name) => deviceErrors[name] === body.code) ?? 'unknown',
    detail: body.detail,
    note: body.note,
  }
}

class Malformed extends Error {}

const utf8 = new TextEncoder()

function writeFields(writer: ByteWriter, fields: Fields, body: AnyBody) {
  for (const [name, field] of Object.entries(fields)) writeField(writer, name, field, body[name])
}

function writeField(writer: ByteWriter, name: string, field: Field, value: AnyValue | undefined) {
  switch (field.type) {
    case 'u8':
    case 'u16':
    case 'u32':
    case 'i8':
      writer[field.type](checkedInteger(name, field.type, value))
      return
    case 'u64':
      if (typeof value !== 'bigint' || value < 0n || value >= 1n << 64n) throw new Bug(`${name} is no u64`)
      writer.u64(value)
      return
    case 'text': {
      const bytes = typeof value === 'string' ? utf8.encode(value) : null
      if (bytes === null || bytes.length > field.max) throw new Bug(`${name} is no text of ${field.max} bytes`)
      writer.u8(bytes.length).raw(bytes)
      return
    }
    case 'fixed':
      if (!(value instanceof Uint8Array) || value.length !== field.length) {
        throw new Bug(`${name} is not ${field.length} bytes`)
      }
      writer.raw(value)
      return
    case 'rest':
      if (!(value instanceof Uint8Array)) throw new Bug(`${name} is no bytes`)
      writer.raw(value)
      return
    case 'list':
      if (!Array.isArray(value) || value.length > field.max) throw new Bug(`${name} is no list of ${field.max}`)
      writer.u8(value.length)
      for (const item of value as readonly AnyBody[]) writeFields(writer, field.item, item)
      return
    default:
      unreachable(field)
  }
}

const ranges = { u8: [0, 0xff], u16: [0, 0xffff], u32: [0, 0xffffffff], i8: [-128, 127] } as const

function checkedInteger(name: string, type: keyof typeof ranges, value: AnyValue | undefined): number {
  const [least, most] = ranges[type]
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new Bug(`${name} = ${String(value)} is no ${type}`)
  }
  return value
}

function readFields(reader: ByteReader, fields: Fields): AnyBody {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, readField(reader, name, field)]))
}

function readField(reader: ByteReader, name: string, field: Field): AnyValue {
  switch (field.type) {
    case 'u8':
    case 'u16':
    case 'u32':
    case 'i8':
    case 'u64':
      return reader[field.type]()
    case 'text':
      return reader.text(boundedCount(reader.u8(), field.max, name))
    case 'fixed':
      return reader.slice(field.length)
    case 'rest':
      return reader.slice(reader.remaining)
    case 'list':
      return Array.from({ length: boundedCount(reader.u8(), field.max, name) }, () => readFields(reader, field.item))
    default:
      return unreachable(field)
  }
}

function boundedCount(count: number, max: number, name: string): number {
  if (count > max) throw new Malformed(`${name} has ${count}, at most ${max} are allowed`)
  return count
}
