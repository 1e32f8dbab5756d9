// Generates resources/agent/src/protocol.h from the message table. `node build/native/protocol.ts` writes it; a test fails
// when the checked-in file differs. The device decodes requests and encodes responses, so only those are generated.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Field, Fields } from '../../src-main/device/protocol/fields.ts'
import { deviceErrors, errorResponse, messages, protocolVersion } from '../../src-main/device/protocol/messages.ts'

export const protocolHeaderPath = fileURLToPath(new URL('../../resources/agent/src/protocol.h', import.meta.url))

const integerBytes = { u8: 1, i8: 1, u16: 2, u32: 4, u64: 8 } as const
const integerTypes = { u8: 'uint8_t', i8: 'int8_t', u16: 'uint16_t', u32: 'uint32_t', u64: 'uint64_t' } as const

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const upper = (name: string): string => snake(name).toUpperCase()

function isInteger(field: Field): field is Field & { type: keyof typeof integerBytes } {
  return field.type in integerBytes
}

/** Largest payload of these fields in bytes; a `rest` field adds nothing. */
function maxBytes(fields: Fields): number {
  let bytes = 0
  for (const field of Object.values(fields)) {
    if (isInteger(field)) bytes += integerBytes[field.type]
    else if (field.type === 'text') bytes += 1 + field.max
    else if (field.type === 'fixed') bytes += field.length
    else if (field.type === 'list') bytes += 1 + field.max * maxBytes(field.item)
  }
  return bytes
}

function member(struct: string, name: string, field: Field): string[] {
  if (isInteger(field)) return [`${integerTypes[field.type]} ${snake(name)};`]
  switch (field.type) {
    case 'text':
      return [`const char *${snake(name)}; /* at most ${field.max} bytes are sent */`]
    case 'fixed':
      return [`const uint8_t *${snake(name)}; /* ${field.length} bytes */`]
    case 'list':
      return [
        `uint8_t ${snake(name)}_count; /* at most ${field.max} */`,
        `const ${struct}_${snake(name)} *${snake(name)};`,
      ]
    default:
      return [`wire_bytes ${snake(name)};`]
  }
}

/** Structs of the lists first, then the message's own. */
function structLines(struct: string, fields: Fields): string[] {
  const lines: string[] = []
  for (const [name, field] of Object.entries(fields)) {
    if (field.type === 'list') lines.push(...structLines(`${struct}_${snake(name)}`, field.item))
  }
  lines.push('typedef struct {')
  for (const [name, field] of Object.entries(fields))
    lines.push(...member(struct, name, field).map((line) => `    ${line}`))
  lines.push(`} ${struct};`, '')
  return lines
}

function decoderLines(struct: string, fields: Fields): string[] {
  const lines = [`static inline bool decode_${struct}(wire_reader *reader, ${struct} *out) {`]
  for (const [name, field] of Object.entries(fields)) {
    const to = `out->${snake(name)}`
    if (isInteger(field))
      lines.push(`    ${to} = (${integerTypes[field.type]})wire_read(reader, ${integerBytes[field.type]});`)
    else if (field.type === 'fixed') lines.push(`    ${to} = wire_take(reader, ${field.length});`)
    else if (field.type === 'rest') lines.push(`    ${to} = wire_read_rest(reader);`)
    else throw new Error(`a request with a ${field.type} field needs a decoder here`)
  }
  lines.push('    return wire_read_done(reader);', '}', '')
  return lines
}

/** Signed values go through their unsigned type first, so that widening to 64 bits adds no sign bits. */
function encodeValue(field: Field, value: string, indent: string): string[] {
  if (isInteger(field)) {
    const from = field.type === 'i8' ? `(uint8_t)${value}` : value
    return [`${indent}wire_write(writer, ${from}, ${integerBytes[field.type]});`]
  }
  switch (field.type) {
    case 'text':
      return [`${indent}wire_write_text(writer, ${value}, ${field.max});`]
    case 'fixed':
      return [`${indent}wire_write_bytes(writer, ${value}, ${field.length});`]
    case 'list': {
      const lines = [`${indent}if (${value}_count > ${field.max}) writer->failed = true;`]
      lines.push(`${indent}wire_write(writer, ${value}_count, 1);`)
      lines.push(`${indent}for (unsigned i = 0; i < ${value}_count; i++) {`)
      for (const [name, item] of Object.entries(field.item)) {
        lines.push(...encodeValue(item, `${value}[i].${snake(name)}`, `${indent}    `))
      }
      return [...lines, `${indent}}`]
    }
    default:
      return [`${indent}wire_write_bytes(writer, ${value}.data, ${value}.length);`]
  }
}

function encoderLines(struct: string, fields: Fields): string[] {
  const lines = [`static inline void encode_${struct}(wire_writer *writer, const ${struct} *in) {`]
  for (const [name, field] of Object.entries(fields)) lines.push(...encodeValue(field, `in->${snake(name)}`, '    '))
  return [...lines, '}', '']
}

function messageLines(name: string, request: Fields, response: Fields): string[] {
  const lines: string[] = []
  if (Object.keys(request).length > 0) {
    lines.push(...structLines(`${snake(name)}_request`, request), ...decoderLines(`${snake(name)}_request`, request))
  }
  if (Object.keys(response).length > 0) {
    lines.push(
      ...structLines(`${snake(name)}_response`, response),
      ...encoderLines(`${snake(name)}_response`, response),
    )
  }
  return lines
}

const hex = (value: number): string => `0x${value.toString(16).padStart(2, '0')}u`

export function protocolHeader(): string {
  const longest = Math.max(
    ...Object.values(messages).map((message) => maxBytes(message.response)),
    maxBytes(errorResponse.fields),
  )
  const lines = [
    '/* Generated by build/native/protocol.ts from src-main/device/protocol/messages.ts. Do not edit. */',
    '#ifndef AGENT_PROTOCOL_H',
    '#define AGENT_PROTOCOL_H',
    '',
    '#include "wire.h"',
    '',
    `#define PROTOCOL_VERSION ${protocolVersion}u`,
    '/* Type byte of a frame: the id and one of these. */',
    '#define PROTOCOL_REQUEST 0x80u',
    '#define PROTOCOL_RESPONSE 0xc0u',
    `#define PROTOCOL_ERROR_ID ${hex(errorResponse.id)}`,
    '/* Longest response that has no open-ended data, bytes. */',
    `#define PROTOCOL_RESPONSE_BYTES ${longest}u`,
    '',
  ]
  for (const [name, message] of Object.entries(messages))
    lines.push(`#define MESSAGE_${upper(name)} ${hex(message.id)}`)
  lines.push('')
  for (const [name, code] of Object.entries(deviceErrors)) lines.push(`#define DEVICE_ERROR_${upper(name)} ${code}u`)
  lines.push('')
  for (const [name, message] of Object.entries(messages)) {
    for (const [key, field] of Object.entries<Field>({ ...message.request, ...message.response })) {
      if (field.type === 'list') lines.push(`#define ${upper(name)}_${upper(key)}_MAX ${field.max}u`)
    }
  }
  lines.push('')
  for (const [name, message] of Object.entries(messages))
    lines.push(...messageLines(name, message.request, message.response))
  lines.push(
    ...structLines('error_response', errorResponse.fields),
    ...encoderLines('error_response', errorResponse.fields),
  )
  lines.push('#endif')
  return `${lines.join('\n')}\n`
}

if (import.meta.main) writeFileSync(protocolHeaderPath, protocolHeader())
