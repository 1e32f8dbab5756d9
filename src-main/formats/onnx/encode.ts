// Messages to bytes, driven by the schema. Weights are read when their place in the result is reached, and not kept.

import { ByteWriter } from '../../base/bytes.ts'
import { Bug } from '../../base/errors.ts'
import { type FieldDeclaration, type Message, type MessageName, schema } from './schema.ts'

/** Bytes whose number is known and which are made when they are asked for. */
export interface DeferredBytes {
  readonly length: number
  chunks(): Iterable<Uint8Array>
}

/** What may be left out of a message to write: lists that are empty. */
export type Encodable<M extends MessageName> = DeepPartial<Message<M, Uint8Array | DeferredBytes>>

type DeepPartial<T> = T extends Uint8Array | DeferredBytes
  ? T
  : T extends readonly (infer E)[]
    ? readonly DeepPartial<E>[]
    : T extends object
      ? { readonly [K in keyof T]?: DeepPartial<T[K]> }
      : T

interface Parts {
  readonly parts: (Uint8Array | DeferredBytes)[]
  length: number
}

export const encodeModel = (model: Encodable<'ModelProto'>): Uint8Array<ArrayBuffer> => wholeOf(deferModel(model))

export function deferModel(model: Encodable<'ModelProto'>): DeferredBytes {
  const { parts, length } = encode('ModelProto', model)
  return joined(parts, length)
}

/** One after the other. */
export function joined(parts: readonly (Uint8Array | DeferredBytes)[], length: number): DeferredBytes {
  return {
    length,
    *chunks() {
      for (const part of parts) {
        if (part instanceof Uint8Array) yield part
        else yield* part.chunks()
      }
    },
  }
}

export function wholeOf(bytes: DeferredBytes): Uint8Array<ArrayBuffer> {
  const { length } = bytes
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of bytes.chunks()) {
    whole.set(chunk, at)
    at += chunk.length
  }
  if (at !== length) throw new Bug(`${length} bytes were announced and ${at} came`)
  return whole
}

function encode(message: MessageName, value: object): Parts {
  const into: Parts = { parts: [], length: 0 }
  const fields = Object.entries<FieldDeclaration>(schema[message])
  const given = new Map<string, unknown>(Object.entries(value))
  for (const [name, field] of fields) {
    const content = given.get(name)
    if (content !== undefined) writeField(into, field, content)
  }
  return into
}

function writeField(into: Parts, field: FieldDeclaration, content: unknown) {
  const { id, kind } = field
  if (kind === 'strings') for (const text of content as readonly string[]) addRun(into, id, Buffer.from(text))
  else if (kind === 'string') addRun(into, id, Buffer.from(content as string))
  else if (kind === 'bytes') addRun(into, id, content as Uint8Array | DeferredBytes)
  else if (kind === 'message') addMessage(into, field, content as object)
  else if (kind === 'messages') for (const one of content as readonly object[]) addMessage(into, field, one)
  else if (kind === 'int')
    add(into, varint(varint(new ByteWriter(16), BigInt(id << 3)), int64(content as number)).finish())
  else if (kind === 'float')
    add(
      into,
      varint(new ByteWriter(8), BigInt((id << 3) | 5))
        .f32(content as number)
        .finish(),
    )
  else if (kind === 'ints')
    addRun(
      into,
      id,
      packed(content as readonly number[], (w, v) => varint(w, int64(v))),
    )
  else if (kind === 'floats')
    addRun(
      into,
      id,
      packed(content as readonly number[], (w, v) => w.f32(v)),
    )
  else throw new Bug(`field ${id} of kind ${kind} is never written`)
}

function packed(numbers: readonly number[], write: (writer: ByteWriter, value: number) => void): Uint8Array {
  const writer = new ByteWriter(8 * numbers.length + 8)
  for (const number of numbers) write(writer, number)
  return writer.finish()
}

function addMessage(into: Parts, field: FieldDeclaration, content: object) {
  const inner = encode(field.message as MessageName, content)
  add(into, header(field.id, inner.length))
  for (const part of inner.parts) into.parts.push(part)
  into.length += inner.length
}

function addRun(into: Parts, id: number, bytes: Uint8Array | DeferredBytes) {
  add(into, header(id, bytes.length))
  add(into, bytes)
}

const header = (id: number, length: number) =>
  varint(varint(new ByteWriter(16), BigInt((id << 3) | 2)), BigInt(length)).finish()

function add(into: Parts, bytes: Uint8Array | DeferredBytes) {
  into.parts.push(bytes)
  into.length += bytes.length
}

const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n]

/** "To the end" is written as the largest int64, which a number rounds up. */
function int64(value: number): bigint {
  const whole = BigInt(value)
  return whole > most ? most : whole < least ? least : whole
}

function varint(writer: ByteWriter, value: bigint): ByteWriter {
  let rest = BigInt.asUintN(64, value)
  while (rest >= 0x80n) {
    writer.u8(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  return writer.u8(Number(rest))
}
