import { expect, test } from 'vitest'
import { Bug } from '../../../../src-main/base/errors.ts'
import {
  decodeAnswer,
  decodeBody,
  decodeRequest,
  encodeBody,
  encodeRefusal,
  encodeRequest,
  encodeResponse,
} from '../../../../src-main/device/protocol/codec.ts'
import { describeFrame } from '../../../../src-main/device/protocol/describe.ts'
import { list, text, u8, u16, u32 } from '../../../../src-main/device/protocol/fields.ts'
import { decodeFrame, type Frame } from '../../../../src-main/device/protocol/frame.ts'
import { deviceErrors, messages } from '../../../../src-main/device/protocol/messages.ts'

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function frameOf(encoded: Uint8Array): Frame {
  expect([encoded[0], encoded.at(-1), encoded.subarray(1, -1).includes(0)]).toEqual([0, 0, false])
  const frame = decodeFrame(encoded.subarray(1, -1))
  if (typeof frame === 'string') throw new Error(frame)
  return frame
}

// Golden frames: computed with Python's struct and zlib.crc32, not by this code; agent tests read the same.
const golden: readonly [string, Uint8Array, string][] = [
  ['hello', encodeRequest('hello', 0x0102, { protocol: 1 }), '00058102010105c2fd74f800'],
  ['run', encodeRequest('run', 7, {}), '0003870705d0427a5400'],
  [
    'modelChunk',
    encodeRequest('modelChunk', 0xffff, { offset: 256, data: Uint8Array.of(0, 1, 0, 2) }),
    '000483ffff02010101020106028239376400',
  ],
  [
    'run answer',
    encodeResponse('run', 7, { cycles: 0x1_0000_0002n, digest: 0xdeadbeef }),
    '0003c707020201010201010109efbeaddef90cecb600',
  ],
  [
    'refusal',
    encodeRefusal(9, { request: 4, code: deviceErrors.badPack, detail: -3, note: 'WEIGHTS' }),
    '0003ff09100409fd0757454947485453debcedf000',
  ],
]

test.each(golden)('golden frame: %s', (_, encoded, expected) => {
  expect(hexOf(encoded)).toBe(expected)
})

test('hello goes both ways', () => {
  const hello = {
    protocol: 1,
    maxPayload: 512,
    window: 1024,
    clockHz: 125_000_000,
    counter: 0,
    features: 8,
    agentBuild: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    board: 'Raspberry Pi Pico',
    core: 'Cortex-M0+',
    codeBytes: 40_000,
    staticBytes: 3_000,
    stackBytes: 8_192,
    poolBytes: 200_000,
    slots: [{ kind: 1, state: 3, address: 0x1010_0000, capacity: 983_040 }],
  }
  expect(decodeAnswer('hello', frameOf(encodeResponse('hello', 3, hello)))).toEqual({ kind: 'response', body: hello })
})

test('a request is recognised on the other side', () => {
  expect(decodeRequest(frameOf(encodeRequest('bench', 1, { warmup: 2, runs: 32 })))).toEqual({
    name: 'bench',
    body: { ok: true, body: { warmup: 2, runs: 32 } },
  })
})

test('a refusal names request, error and note', () => {
  const encoded = encodeRefusal(9, { request: 4, code: deviceErrors.arena, detail: -1, note: 'no room' })
  expect(decodeAnswer('modelCommit', frameOf(encoded))).toEqual({
    kind: 'refusal',
    refusal: { request: 'modelCommit', code: 10, error: 'arena', detail: -1, note: 'no room' },
  })
})

test('an answer to another request is malformed', () => {
  const answer = decodeAnswer('hello', frameOf(encodeResponse('modelBegin', 1, { offset: 5 })))
  expect(answer).toEqual({ kind: 'malformed', problem: 'type 0xc2 does not answer hello' })
})

const fields = { a: u16, name: text(4), items: list(2, { x: u8 }) }
const whole = encodeBody(fields, { a: 1, name: 'abc', items: [{ x: 1 }, { x: 2 }] })

test('every truncation is a problem, and so is a byte too many', () => {
  for (let length = 0; length < whole.length; length++) {
    expect(decodeBody(fields, whole.subarray(0, length))).toMatchObject({ ok: false })
  }
  expect(decodeBody(fields, Uint8Array.of(...whole, 0))).toEqual({ ok: false, problem: '1 bytes too many' })
})

test('lengths are bounded by the declaration', () => {
  expect(decodeBody({ name: text(4) }, Uint8Array.of(5, 97, 97, 97, 97, 97))).toEqual({
    ok: false,
    problem: 'name has 5, at most 4 are allowed',
  })
  expect(decodeBody({ items: list(1, { x: u8 }) }, Uint8Array.of(2, 1, 1))).toMatchObject({ ok: false })
})

test.each([
  ['number too large', () => encodeBody({ x: u8 }, { x: 256 })],
  ['no integer', () => encodeBody({ x: u32 }, { x: 0.5 })],
  ['text too long', () => encodeBody({ name: text(2) }, { name: 'abc' })],
  ['text too long in UTF-8', () => encodeBody({ name: text(2) }, { name: 'é€' })],
])('encoding refuses: %s', (_, encode) => {
  expect(encode).toThrow(Bug)
})

test('ids are unique and leave the type byte outside printable ASCII', () => {
  const ids = Object.values(messages).map((message) => message.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.every((id) => id > 0 && id < 0x3f)).toBe(true)
})

test('frames are described for the log', () => {
  const frames = [
    encodeRequest('modelBegin', 5, { slot: 1, size: 10, crc: 99 }),
    encodeResponse('output', 6, { data: new Uint8Array(3) }),
    encodeResponse('bench', 7, { cycles: [{ value: 12n }] }),
    encodeRefusal(8, { request: 7, code: deviceErrors.noModel, detail: 0, note: '' }),
  ]
  expect(frames.map((encoded) => describeFrame(frameOf(encoded)))).toEqual([
    'modelBegin #5 {slot: 1, size: 10, crc: 99}',
    'output answer #6 {data: <3 bytes>}',
    'bench answer #7 {cycles: [{value: 12}]}',
    'error #8 {request: "run", code: 3, error: "noModel", detail: 0, note: ""}',
  ])
})
