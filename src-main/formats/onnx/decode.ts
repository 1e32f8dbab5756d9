// Messages from bytes, driven by the schema.
import { say } from '../../base/note.ts'
import type { ByteSource } from '../../base/source.ts'
import { type FieldDeclaration, type Message, type MessageName, schema } from './schema.ts'
import { type ByteRange, WireReader } from './wire.ts'

export type Decoded<M extends MessageName> = Message<M, ByteRange>

/**
 * An empty message takes two bytes in the file and fifty times that in memory. Only open dimensions are empty in real
 * files.
 */
const maxEmptyMessages = 100_000

/** Messages within messages: a subgraph takes three levels, so about twenty subgraphs deep. */
const maxDepth = 64

interface NamedField extends FieldDeclaration {
  readonly name: string
  /** "NodeProto.input", for messages. */
  readonly where: string
}

const fieldsById: ReadonlyMap<string, ReadonlyMap<number, NamedField>> = new Map(
  Object.entries(schema).map(([message, fields]) => [
    message,
    new Map(
      Object.entries<FieldDeclaration>(fields).map(([name, field]) => [
        field.id,
        { ...field, name, where: `${message}.${name}` },
      ]),
    ),
  ]),
)

const isList = (field: FieldDeclaration) => field.kind.endsWith('s') && field.kind !== 'bytes'

export function decodeModel(source: ByteSource): Decoded<'ModelProto'> {
  const reader = new WireReader({ source, offset: 0, length: source.size })
  return decode(reader, 'ModelProto', 0) as unknown as Decoded<'ModelProto'>
}

type Fields = Record<string, unknown>

function decode(reader: WireReader, message: string, depth: number): Fields {
  const fields = fieldsById.get(message)!
  const decoded: Fields = {}
  for (const field of fields.values()) if (isList(field)) decoded[field.name] = []
  while (reader.left > 0) {
    const tag = reader.varint(message)
    const field = fields.get(Math.floor(tag / 8))
    if (tag < 8 || tag > 0xffffffff) reader.malformed(message, say`a field has no valid number`)
    if (field) readField(reader, field, tag % 8, decoded, depth)
    else reader.skip(tag % 8, message)
  }
  return decoded
}

function readField(reader: WireReader, field: NamedField, wire: number, decoded: Fields, depth: number) {
  const { kind, name, where } = field
  if (kind === 'message') decoded[name] = readMessage(reader, field, wire, depth)
  else if (kind === 'messages') list(decoded, name).push(readMessage(reader, field, wire, depth))
  else if (kind === 'string') decoded[name] = expectWire(reader, wire, 2, where) ?? reader.text(where)
  else if (kind === 'strings') list(decoded, name).push(expectWire(reader, wire, 2, where) ?? reader.text(where))
  else if (kind === 'bytes') decoded[name] = expectWire(reader, wire, 2, where) ?? reader.range(reader.length(where))
  else if (kind === 'int') decoded[name] = expectWire(reader, wire, 0, where) ?? reader.varint(where)
  else if (kind === 'float') decoded[name] = expectWire(reader, wire, 5, where) ?? reader.float(where)
  else if (kind === 'ints') readPacked(reader, wire, 0, where, list(decoded, name), () => reader.varint(where))
  else if (kind === 'floats') readPacked(reader, wire, 5, where, list(decoded, name), () => reader.float(where))
  else list(decoded, name).push(readRange(reader, wire, { fixed32s: 5, fixed64s: 1, varints: 0 }[kind], where))
}

const list = (decoded: Fields, name: string) => decoded[name] as unknown[]

function expectWire(reader: WireReader, wire: number, expected: number, where: string): undefined {
  if (wire !== expected) reader.malformed(where, say`the field has wire type ${wire} instead of ${expected}`)
}

function readMessage(reader: WireReader, field: NamedField, wire: number, depth: number): Fields {
  expectWire(reader, wire, 2, field.where)
  if (depth >= maxDepth) reader.malformed(field.where, say`messages are nested more than ${maxDepth} deep`)
  const length = reader.length(field.where)
  if (length === 0 && ++reader.emptyMessages > maxEmptyMessages)
    reader.malformed(field.where, say`it is full of nothing`)
  const outerEnd = reader.end
  reader.end = reader.at + length
  const decoded = decode(reader, field.message!, depth + 1)
  reader.end = outerEnd
  // A node of two bytes would otherwise cost a hundred times its size in memory.
  if (field.message === 'NodeProto' && !decoded.opType) reader.malformed(field.where, say`a node has no operator`)
  return decoded
}

function readPacked(
  reader: WireReader,
  wire: number,
  single: number,
  where: string,
  into: unknown[],
  readOne: () => number,
) {
  if (wire === single) return void into.push(readOne())
  expectWire(reader, wire, 2, where)
  const length = reader.length(where)
  const outerEnd = reader.end
  reader.end = reader.at + length
  while (reader.left > 0) into.push(readOne())
  reader.end = outerEnd
}

/** The place of the numbers: one of them, or a packed run. */
function readRange(reader: WireReader, wire: number, single: number, where: string): ByteRange {
  if (wire === 2) return reader.range(reader.length(where))
  expectWire(reader, wire, single, where)
  const start = reader.at
  reader.skip(single, where)
  return { source: reader.source, offset: start, length: reader.at - start }
}
