import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cobsDecode, cobsEncode, cobsLength } from '../../src-main/device/protocol/cobs.ts'
import { encodeFrame, type Frame } from '../../src-main/device/protocol/frame.ts'
import { FrameDecoder } from '../../src-main/device/protocol/frame-decoder.ts'

const maxPayload = 600
const bytes = (maxLength: number) => fc.uint8Array({ maxLength })
/** Long runs without zeros are where COBS is hard. */
const sparse = fc.array(
  fc.integer({ min: 0, max: 300 }).map((n) => (n > 255 ? 0 : n || 1)),
  { maxLength: 1100 },
)
const frames = fc.array(
  fc.record({
    type: fc.integer({ min: 0x80, max: 0xff }),
    seq: fc.integer({ min: 0, max: 0xffff }),
    payload: bytes(maxPayload),
  }),
  { minLength: 1, maxLength: 8 },
)
/** Anything may lie between frames but a zero, which would end it. */
const garbage = bytes(900).map((noise) => noise.map((byte) => byte || 1))

const plain = (frame: Frame) => ({ ...frame, payload: [...frame.payload] })

function decodeIn(chunks: readonly Uint8Array[]) {
  const decoder = new FrameDecoder({ maxPayload })
  return chunks.flatMap((chunk) => decoder.push(chunk))
}

function cut(whole: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = []
  let at = 0
  for (let i = 0; at < whole.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length]!)
    chunks.push(whole.subarray(at, at + size))
    at += size
  }
  return chunks
}

const chunkSizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 10 })

test('COBS comes back, holds no zero and stays within its bound', () => {
  fc.assert(
    fc.property(sparse, (numbers) => {
      const encoded = cobsEncode(Uint8Array.from(numbers))
      expect(encoded.includes(0)).toBe(false)
      expect(encoded.length).toBeLessThanOrEqual(cobsLength(numbers.length))
      expect([...(cobsDecode(encoded) ?? [])]).toEqual(numbers)
    }),
  )
})

test('frames come out whole and in order at any chunking', () => {
  fc.assert(
    fc.property(frames, chunkSizes, (sent, sizes) => {
      const stream = Buffer.concat(sent.map((frame) => encodeFrame(frame)))
      const events = decodeIn(cut(stream, sizes))
      expect(events.map((event) => (event.kind === 'frame' ? plain(event.frame) : event.kind))).toEqual(sent.map(plain))
    }),
  )
})

test('garbage between frames costs no frame', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(garbage, frames), { maxLength: 4 }), chunkSizes, (parts, sizes) => {
      const stream = Buffer.concat(
        parts.flatMap(([noise, sent]) => [noise, ...sent.map((frame) => encodeFrame(frame))]),
      )
      const received = decodeIn(cut(stream, sizes)).flatMap((event) =>
        event.kind === 'frame' ? [plain(event.frame)] : [],
      )
      expect(received).toEqual(parts.flatMap(([, sent]) => sent.map(plain)))
    }),
  )
})

test('a frame cut anywhere is never taken for a frame, and the next one is whole', () => {
  const first = encodeFrame({ type: 0x83, seq: 9, payload: Uint8Array.from({ length: 300 }, (_, i) => i) })
  const second = { type: 0xc1, seq: 10, payload: Uint8Array.of(1, 0, 2) }
  for (let length = 2; length < first.length - 1; length++) {
    const events = decodeIn([first.subarray(0, length), encodeFrame(second)])
    expect(events.map((event) => (event.kind === 'frame' ? plain(event.frame) : event.kind))).toEqual([
      'corrupt',
      plain(second),
    ])
  }
})

test('a flipped bit is never a frame with other content', () => {
  fc.assert(
    fc.property(frames, fc.nat(), fc.integer({ min: 0, max: 7 }), ([frame], place, bit) => {
      const encoded = encodeFrame(frame!)
      encoded[place % encoded.length]! ^= 1 << bit
      for (const event of decodeIn([encoded, Uint8Array.of(0)])) {
        if (event.kind === 'frame') expect(plain(event.frame)).toEqual(plain(frame!))
      }
    }),
  )
})

test('arbitrary bytes give no exception and no more than they hold', () => {
  fc.assert(
    fc.property(fc.array(bytes(3000), { maxLength: 6 }), (chunks) => {
      const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
      const held = decodeIn(chunks).reduce(
        (sum, event) => sum + (event.kind === 'oversize' ? event.dropped : event.bytes.length),
        0,
      )
      expect(held).toBeLessThanOrEqual(total)
    }),
  )
})

test('more than a frame without an end is dropped and counted', () => {
  const long = new Uint8Array(5000).fill(7)
  expect(decodeIn([long, long, Uint8Array.of(0)])).toEqual([{ kind: 'oversize', dropped: 10000 }])
})
