// Every codec gives back what it was given, in pieces of any size, and damaged bytes give an error or a tensor. A trap in
// WebAssembly (or any other error) fails the test.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../src-main/base/errors.ts'
import { seededRandom } from '../../src-main/base/random.ts'
import type { CodecName } from '../../src-main/codecs/codec.ts'
import { decodeInPieces } from '../../src-main/codecs/native.ts'
import { type Codec, type Coded, codecs, type IntTensor } from '../../src-main/codecs/registry.ts'

/** Bytes of decoder state, which depend on nothing: the table of CODECS.md, "decoder state". A Cortex-M0 with 16 kB has to hold it. */
const fixedStateBytes: Readonly<Record<Exclude<CodecName, 'arithmetic'>, number>> = {
  int8: 12,
  int4: 16,
  ternary: 16,
  binary: 24,
  bitmap: 36,
  relative: 40,
  codebook: 36,
  huffman: 592,
  rans: 956,
}

/**
 * CODEC-ARITHMETIC.md, "What it takes": 116 bytes, and unless all is zero 3 bytes a context (283; mixed, 281 more and 42 for each bit
 * of the largest magnitude, and 208 bytes of weights; 24 for each bit and what precedes it) and 2 bytes a column and 1 where the
 * table says columns, else 64.
 */
function arithmeticStateBytes({ table, rowElements }: Coded): number {
  const [largest = 0, flags = 0] = table
  if (largest === 0) return 116
  const mixedContexts = flags & 64 ? 281 + 42 * (32 - Math.clz32(largest)) : 0
  const bitContexts = 24 * ((1 << ((flags >> 4) & 3)) - 1)
  const weightBytes = flags & 64 ? 208 : 0
  return 116 + weightBytes + 3 * (283 + mixedContexts + bitContexts) + (flags & 4 ? 2 * rowElements + 1 : 64)
}

const stateBytesOf = (codec: CodecName, coded: Coded) =>
  codec === 'arithmetic' ? arithmeticStateBytes(coded) : fixedStateBytes[codec]

const int8s = fc.integer({ min: -128, max: 127 })

/** Values of which kind a tensor is made: few, small, extreme, or any. */
const alphabets = fc.oneof(
  fc.array(int8s, { minLength: 1, maxLength: 3 }),
  fc.constantFrom([-1, 0, 1], [0, 1], [-128, 127], [-128], [127], [0], [-8, -7, 7], [-127, 0, 127]),
  fc.integer({ min: 0, max: 127 }).map((limit) => Array.from({ length: 2 * limit + 1 }, (_, i) => i - limit)),
  fc.constant(Array.from({ length: 256 }, (_, i) => i - 128)),
)

/** Runs of one value each; long ones now and then. */
const runs = alphabets.chain((alphabet) =>
  fc.array(
    fc.tuple(
      fc.constantFrom(...alphabet),
      fc.oneof(
        { weight: 8, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.integer({ min: 2, max: 40 }) },
        { weight: 1, arbitrary: fc.integer({ min: 200, max: 9000 }) },
      ),
    ),
    { maxLength: 300 },
  ),
)

/** Cut into as many rows as `rowsWanted` allows. */
function tensorOf(values: readonly number[], rowsWanted: number): IntTensor {
  const rows = Math.max(1, Math.min(rowsWanted, values.length))
  const rowElements = Math.floor(values.length / rows)
  const inner = Math.max(1, rowElements % 3 === 0 ? rowElements / 3 : rowElements)
  return { data: Int8Array.from(values.slice(0, rows * rowElements)), rows, rowElements, inner }
}

const tensors = fc.tuple(runs, fc.constantFrom(1, 2, 3, 7, 64, 1 << 20)).map(([parts, rows]) =>
  tensorOf(
    parts.flatMap(([value, count]) => Array<number>(count).fill(value)),
    rows,
  ),
)

function pieces(elements: number, sizes: readonly number[]): number[] {
  const counts: number[] = []
  for (let left = elements, i = 0; left > 0; i++) {
    const count = Math.min(left, sizes[i % sizes.length]!)
    counts.push(count)
    left -= count
  }
  return counts
}

const damageTo = (bytes: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array => {
  const copy = bytes.slice()
  for (const [place, value] of changes) if (copy.length > 0) copy[Math.floor(place * copy.length)] = value
  return copy
}

const shares = fc.integer({ min: 0, max: 9999 }).map((n) => n / 10_000)
const changes = fc.array(fc.tuple(shares, fc.integer({ min: 0, max: 255 })), { maxLength: 4 })

/** What a decoder says to these bytes: elements, or null when it refuses them. */
function attempt(decode: () => Int8Array): Int8Array | null {
  try {
    return decode()
  } catch (error) {
    if (error instanceof AppError && error.code === 'pack.coded') return null
    throw error
  }
}

const anySizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 9 })
const encodable = (codec: Codec) => tensors.filter((tensor) => codec.accepts(tensor) === true)

describe.each(codecs)('$name', (codec) => {
  test('decodes to what was encoded, at once and in pieces', () => {
    fc.assert(
      fc.property(encodable(codec), anySizes, (tensor, sizes) => {
        const coded = codec.encode(tensor)
        expect(codec.decode(coded)).toEqual(tensor.data)
        expect(decodeInPieces(codec.id, coded, pieces(tensor.data.length, sizes))).toEqual(tensor.data)
        expect(codec.stateBytes(coded)).toBe(stateBytesOf(codec.name, coded))
      }),
      { numRuns: 150 },
    )
  })

  test('encodes the same tensor to the same bytes', () => {
    fc.assert(
      fc.property(encodable(codec), (tensor) => {
        expect(codec.encode(tensor)).toEqual(codec.encode({ ...tensor, data: tensor.data.slice() }))
      }),
      { numRuns: 20 },
    )
  })

  test('damaged bytes: both decoders refuse, or give the same elements', () => {
    fc.assert(
      fc.property(encodable(codec), changes, changes, shares, anySizes, (tensor, inPayload, inTable, cut, sizes) => {
        const coded = codec.encode(tensor)
        const bytes = damageTo(coded.payload, inPayload)
        const payload = cut < 0.2 ? bytes.subarray(0, Math.floor(cut * 5 * bytes.length)) : bytes
        const damaged: Coded = { ...coded, payload, table: damageTo(coded.table, inTable) }
        const whole = attempt(() => codec.decode(damaged))
        const inPieces = attempt(() => decodeInPieces(codec.id, damaged, pieces(tensor.data.length, sizes)))
        expect(whole).toEqual(inPieces)
      }),
      { numRuns: 200 },
    )
  })

  test('any bytes at all: refused, or elements', () => {
    const any = fc.uint8Array({ maxLength: 200 })
    fc.assert(
      fc.property(any, any, fc.nat(40), fc.nat(40), (payload, table, rows, rowElements) => {
        const coded = { codec: codec.name, payload, table, rows, rowElements, inner: 1 }
        const elements = attempt(() => codec.decode(coded))
        expect(elements?.length ?? rows * rowElements).toBe(rows * rowElements)
      }),
      { numRuns: 300 },
    )
  })
})

/** Payloads of more than 4 kB, which have eight states under rANS and are mostly read by the fast decoders. */
const denseTensors = fc
  .tuple(fc.integer(), fc.integer({ min: 7000, max: 9000 }), fc.constantFrom(10, 30, 200))
  .map(([seed, count, deviation]) => {
    const random = seededRandom(seed)
    const value = () => Math.max(-128, Math.min(127, Math.round(random.normal() * deviation)))
    return tensorOf(Array.from({ length: count }, value), 7)
  })

describe.each(codecs.filter(({ name }) => name === 'huffman' || name === 'rans'))('$name, dense', (codec) => {
  test('the decoders of host and device agree, damaged or not', () => {
    fc.assert(
      fc.property(denseTensors, changes, changes, shares, anySizes, (tensor, inPayload, inTable, cut, sizes) => {
        const coded = codec.encode(tensor)
        expect(coded.payload.length).toBeGreaterThan(4096)
        expect(codec.decode(coded)).toEqual(tensor.data)
        expect(decodeInPieces(codec.id, coded, pieces(tensor.data.length, sizes))).toEqual(tensor.data)
        const bytes = damageTo(coded.payload, inPayload)
        const payload = cut < 0.2 ? bytes.subarray(0, Math.floor(cut * 5 * bytes.length)) : bytes
        const damaged: Coded = { ...coded, payload, table: damageTo(coded.table, inTable.slice(0, 1)) }
        const whole = attempt(() => codec.decode(damaged))
        expect(attempt(() => decodeInPieces(codec.id, damaged, pieces(tensor.data.length, sizes)))).toEqual(whole)
      }),
      { numRuns: 60 },
    )
  })
})
