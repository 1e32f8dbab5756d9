// Whatever the bits: they come back, from the decoder of the host and from that of devices; and whatever the stream: an AppError
// or elements, never a trap.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AppError } from '../../src-main/base/errors.ts'
import { type Random, seededRandom } from '../../src-main/base/random.ts'
import {
  decodeFloats,
  decodeFloatsOnDevice,
  elementBytes,
  encodeFloats,
  type FloatKind,
  floatKinds,
} from '../../src-main/codecs/float/float.ts'

interface Layout {
  readonly bits: number
  readonly mantissa: number
}
const layouts: Readonly<Record<FloatKind, Layout>> = {
  f32: { bits: 32, mantissa: 23 },
  bf16: { bits: 16, mantissa: 7 },
  f16: { bits: 16, mantissa: 10 },
  byte: { bits: 8, mantissa: 0 },
}

/** One element of each class of bit pattern, as an unsigned number. */
const patterns: Readonly<Record<string, (random: Random, layout: Layout) => number>> = {
  any: (random, { bits }) => random.below(2 ** bits),
  plusZero: () => 0,
  minusZero: (_, { bits }) => 2 ** (bits - 1),
  infinity: (random, layout) => special(random, layout, 0),
  quietNan: (random, layout) => special(random, layout, 2 ** Math.max(0, layout.mantissa - 1)),
  nanPayload: (random, layout) => special(random, layout, 1 + random.below(Math.max(1, 2 ** layout.mantissa - 1))),
  denormal: (random, layout) => sign(random, layout) + random.below(2 ** layout.mantissa),
  largest: (random, layout) => special(random, layout, -1),
  weight: (random, layout) => weight(random, layout, 0.05),
  wideWeight: (random, layout) => weight(random, layout, 2 ** (40 * random.next() - 30)),
  positive: (random, layout) => weight(random, layout, 0.05) % 2 ** (layout.bits - 1),
  fewValues: (random, layout) => (random.below(5) * 2654435761) % 2 ** layout.bits,
  coarse: (random, { bits, mantissa }) =>
    (random.below(2 ** (bits - mantissa + 2)) * 2 ** Math.max(0, mantissa - 2)) % 2 ** bits,
}

const sign = (random: Random, { bits }: Layout) => random.below(2) * 2 ** (bits - 1)

/** All exponent bits set, with this mantissa. */
function special(random: Random, layout: Layout, mantissa: number): number {
  const exponent = 2 ** (layout.bits - 1) - 2 ** layout.mantissa
  return (sign(random, layout) + exponent + mantissa) % 2 ** layout.bits
}

function weight(random: Random, { bits }: Layout, scale: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, scale * random.normal())
  if (bits === 16 && scale === 0.05) return view.getUint16(0)
  return bits === 32 ? view.getUint32(0) : view.getUint32(0) >>> (32 - bits)
}

const tensor = fc.record({
  kind: fc.constantFrom(...floatKinds),
  classes: fc.uniqueArray(fc.constantFrom(...Object.keys(patterns)), { minLength: 1, maxLength: 4 }),
  count: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 6000 })),
  cols: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 6000 })),
  /** The class of an element goes by itself, its row, or its column. */
  by: fc.constantFrom('element', 'row', 'column', 'mostly the first'),
  seed: fc.integer({ min: 0 }),
})
type TensorCase = typeof tensor extends fc.Arbitrary<infer T> ? T : never

function elementsOf({ kind, classes, count, cols, by, seed }: TensorCase): Uint8Array {
  const random = seededRandom(seed)
  const width = elementBytes[kind]
  const bytes = new Uint8Array(count * width)
  const view = new DataView(bytes.buffer)
  const choose = (i: number) => {
    if (by === 'row') return Math.floor(i / cols) % classes.length
    if (by === 'column') return (i % cols) % classes.length
    if (by === 'mostly the first') return random.below(50) === 0 ? random.below(classes.length) : 0
    return random.below(classes.length)
  }
  for (let i = 0; i < count; i++) {
    const value = patterns[classes[choose(i)]!]!(random, layouts[kind])
    if (width === 4) view.setUint32(4 * i, value, true)
    else if (width === 2) view.setUint16(2 * i, value, true)
    else view.setUint8(i, value)
  }
  return bytes
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

test('every bit pattern comes back from both decoders, in any shape', () => {
  let coded = 0
  fc.assert(
    fc.property(tensor, fc.integer({ min: 1, max: 700 }), (one, step) => {
      const bytes = elementsOf(one)
      const stream = encodeFloats(one.kind, bytes, one.cols)
      if (stream === null) return
      coded++
      expect(stream.length).toBeLessThan(bytes.length)
      expect(hex(decodeFloats(stream, bytes.length))).toBe(hex(bytes))
      expect(hex(decodeFloatsOnDevice(stream, one.kind, bytes.length, step))).toBe(hex(bytes))
    }),
    { seed: 3, numRuns: 1500 },
  )
  expect(coded).toBeGreaterThan(500)
})

test('every 16-bit pattern', () => {
  const all = new Uint8Array(
    Uint16Array.from({ length: 1 << 18 }, (_, i) => (i < 1 << 16 ? i : 0x3f80 + (i % 64))).buffer,
  )
  for (const kind of ['f16', 'bf16'] as const) {
    const stream = encodeFloats(kind, all, 256)!
    expect(stream.length).toBeLessThan(all.length)
    expect(hex(decodeFloats(stream, all.length))).toBe(hex(all))
  }
})

test('equal elements give equal streams, whatever was coded before', () => {
  const cases = fc.sample(tensor, { seed: 11, numRuns: 40 })
  const encodeAll = (list: TensorCase[]) =>
    list.map((one) => hex(encodeFloats(one.kind, elementsOf(one), one.cols) ?? new Uint8Array(0)))
  expect(encodeAll([...cases].reverse()).reverse()).toEqual(encodeAll(cases))
})

/** 'decoded' or 'refused'; anything but the AppError of damage goes through. */
function outcome(decode: () => unknown): 'decoded' | 'refused' {
  try {
    decode()
    return 'decoded'
  } catch (error) {
    if (error instanceof AppError && error.code === 'pack.malformed') return 'refused'
    throw error
  }
}

test('a damaged stream is refused or gives elements', () => {
  const counts = { decoded: 0, refused: 0 }
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(tensor, damage, fc.nat(), (one, changes, cut) => {
      const bytes = elementsOf(one)
      const stream = encodeFloats(one.kind, bytes, one.cols)
      if (stream === null) return
      // the head, where the tables are, more often than the rest
      for (const [place, value] of changes) stream[(place % 3 ? place % 64 : place) % stream.length] = value
      const short = stream.subarray(0, cut % 4 ? stream.length : cut % stream.length)
      counts[outcome(() => decodeFloats(short, bytes.length))]++
      counts[outcome(() => decodeFloatsOnDevice(short, one.kind, bytes.length, 100))]++
    }),
    { seed: 5, numRuns: 3000 },
  )
  expect(Math.min(counts.decoded, counts.refused)).toBeGreaterThan(50)
})

test('random bytes are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      outcome(() => decodeFloats(bytes, 4096))
      outcome(() => decodeFloatsOnDevice(bytes, 'f32', 4096, 64))
    }),
    { seed: 7, numRuns: 3000 },
  )
})
