// The arithmetic codec under every parameter a table can hold, not only those that its encoder chooses: what went in comes out,
// in pieces of any size, and damage gives an error or a tensor.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AppError } from '../../src-main/base/errors.ts'
import { arithmetic } from '../../src-main/codecs/arithmetic.ts'
import type { Coded, IntTensor } from '../../src-main/codecs/codec.ts'
import { decodeInPieces, encodeNative } from '../../src-main/codecs/native.ts'

const sparse = 1
const columns = 4
const zeroLast = 128
const ring = 64

const tables = fc
  .record({
    largest: fc.integer({ min: 1, max: 128 }),
    flags: fc.integer({ min: 0, max: 255 }),
    rates: fc.integer({ min: 0, max: 255 }),
    learning: fc.integer({ min: 0, max: 3 }),
    lag: fc.oneof(fc.integer({ min: 1, max: ring - 1 }), fc.integer({ min: 1, max: 65535 })),
  })
  .map(({ largest, flags, rates, learning, lag }) => {
    const near = flags & columns ? lag : 1 + (lag % (ring - 1))
    const known = flags & sparse || largest === 1 ? flags & ~zeroLast : flags
    return Uint8Array.of(largest, known, rates, learning, near & 255, near >> 8)
  })

/** Runs of values within `largest`. */
const valuesWithin = (largest: number) => {
  const low = -largest
  const high = Math.min(127, largest)
  const value = fc.oneof(fc.integer({ min: low, max: high }), fc.constantFrom(0, low, high))
  const run = fc.tuple(value, fc.oneof({ weight: 6, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 400 })))
  return fc.array(run, { minLength: 1, maxLength: 60 })
}

const cases = tables.chain((table) =>
  fc
    .tuple(fc.constant(table), valuesWithin(table[0]!), fc.integer({ min: 1, max: 9 }))
    .map(([given, runs, rowsWanted]) => {
      const values = runs.flatMap(([value, count]) => Array<number>(count).fill(value))
      const rows = Math.min(rowsWanted, values.length)
      const rowElements = Math.floor(values.length / rows)
      const data = Int8Array.from(values.slice(0, rows * rowElements))
      return { table: given, tensor: { data, rows, rowElements, inner: rowElements } satisfies IntTensor }
    }),
)

function encoded(tensor: IntTensor, table: Uint8Array): Coded {
  const coded = encodeNative(arithmetic.id, tensor, table)
  expect(coded).not.toBeNull()
  return coded!
}

test('any parameters', () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 1, max: 700 }), ({ table, tensor }, piece) => {
      const coded = encoded(tensor, table)
      const elements = tensor.data.length
      const counts = Array.from({ length: Math.ceil(elements / piece) }, (_, i) =>
        Math.min(piece, elements - i * piece),
      )
      expect(decodeInPieces(arithmetic.id, coded, counts)).toEqual(tensor.data)
    }),
    { numRuns: 2000, seed: 20261122 },
  )
})

test('the largest magnitude at every place of a row', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.nat(),
      fc.integer({ min: 1, max: 128 }),
      (length, place, largest) => {
        const data = new Int8Array(3 * length)
        for (let row = 0; row < 3; row++) data[row * length + (place % length)] = -largest
        const tensor = { data, rows: 3, rowElements: length, inner: length }
        expect(arithmetic.decode(arithmetic.encode(tensor))).toEqual(data)
      },
    ),
    { numRuns: 100, seed: 20261122 },
  )
})

test('damaged tables and payloads give an error or a tensor', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 })
  const changed = (bytes: Uint8Array, at: readonly (readonly [number, number])[]) => {
    const copy = bytes.slice()
    for (const [place, value] of at) if (copy.length > 0) copy[place % copy.length] = value
    return copy
  }
  fc.assert(
    fc.property(cases, changes, fc.boolean(), ({ table, tensor }, at, inTable) => {
      const coded = encoded(tensor, table)
      const damaged = inTable
        ? { ...coded, table: changed(coded.table, at) }
        : { ...coded, payload: changed(coded.payload, at) }
      try {
        expect(arithmetic.decode(damaged).length).toBe(tensor.data.length)
      } catch (error) {
        expect(error instanceof AppError && error.code).toBe('pack.coded')
      }
    }),
    { numRuns: 2000, seed: 20261122 },
  )
})
