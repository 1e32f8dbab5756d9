// Whatever the bytes, opening a data set ends in a data set or in an error of the catalogue.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { AppError } from '../../src-main/base/errors.ts'
import { parseNpy } from '../../src-main/data/npy.ts'
import { writeNpz } from '../../src-main/data/npz.ts'
import { openDataset } from '../../src-main/data/open.ts'
import type { Preprocess } from '../../src-main/data/preprocess.ts'
import { resample } from '../../src-main/data/resample.ts'
import { resizeImage } from '../../src-main/data/resize.ts'
import { splitIndices } from '../../src-main/data/split.ts'
import { idx } from '../unit/data/files.ts'
import { chunk, tone, wav } from '../unit/data/wav-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'shoehorn-data-'))
afterAll(() => rmSync(folder, { recursive: true }))

function outcome(name: string, bytes: Uint8Array): Promise<string> {
  writeFileSync(join(folder, name), bytes)
  return outcomeOf(join(folder, name))
}

async function outcomeOf(path: string, preprocess: Preprocess = {}): Promise<string> {
  try {
    const data = await openDataset(path, { preprocess })
    data.read([0, data.count - 1])
    return 'samples'
  } catch (error) {
    if (error instanceof AppError) return error.code.split('.')[0]!
    throw error
  }
}

const x = { dtype: 'i16' as const, shape: [4, 3], data: Int16Array.from({ length: 12 }, (_, i) => i * 100) }
const y = { dtype: 'u8' as const, shape: [4], data: Uint8Array.of(0, 1, 1, 0) }
const wholes: Record<string, Uint8Array> = {
  'd.npz': writeNpz({ x, y }),
  'train-images-idx3-ubyte': idx(8, [2, 2, 2], Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)),
  'zipped-images-idx3-ubyte.gz': gzipSync(idx(8, [2, 2, 2], Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))),
  'd.csv': new TextEncoder().encode('a,b,target\n1,2,x\n3,4,y\n'),
}

const change = (length: number) =>
  fc.array(fc.record({ at: fc.nat(length - 1), value: fc.integer({ min: 0, max: 255 }) }), {
    minLength: 1,
    maxLength: 6,
  })

test.each(Object.keys(wholes))('%s: bytes changed or cut off', async (name) => {
  const whole = wholes[name]!
  expect(await outcome(name, whole)).toBe('samples')
  await fc.assert(
    fc.asyncProperty(change(whole.length), fc.nat(whole.length), fc.boolean(), async (changes, end, cut) => {
      const bytes = Uint8Array.from(whole)
      for (const { at, value } of changes) bytes[at] = value
      expect(['samples', 'data']).toContain(await outcome(name, cut ? bytes.subarray(0, end) : bytes))
    }),
    { numRuns: 400, seed: 20261122 },
  )
})

const png = await sharp(Buffer.from(Array.from({ length: 48 }, (_, i) => (i * 37) % 251)), {
  raw: { width: 4, height: 4, channels: 3 },
})
  .png()
  .toBuffer()
const members = {
  'pictures/a/1.png': png,
  'sounds/a/1.wav': wav({ bits: 24, frames: tone(60, 500, 8000), extra: chunk('LIST', Uint8Array.of(1, 2)) }),
  'listed/labels.csv': new TextEncoder().encode('file,label\n1.wav,x\n'),
}
/** What is whole beside the damaged file. */
const beside = {
  'pictures/b/2.png': png,
  'sounds/b/2.wav': wav({ frames: tone(60, 500, 8000) }),
  'listed/1.wav': wav({ frames: tone(60, 500, 8000) }),
}

test.each(Object.entries(members))('%s in a folder: bytes changed or cut off', async (name, whole) => {
  for (const [path, bytes] of Object.entries(beside)) write(path, bytes)
  write(name, whole)
  const set = join(folder, name.split('/')[0]!)
  expect(await outcomeOf(set)).toBe('samples')
  await fc.assert(
    fc.asyncProperty(change(whole.length), fc.nat(whole.length), fc.boolean(), async (changes, end, cut) => {
      const bytes = Uint8Array.from(whole)
      for (const { at, value } of changes) bytes[at] = value
      write(name, cut ? bytes.subarray(0, end) : bytes)
      expect(['samples', 'data']).toContain(await outcomeOf(set))
    }),
    { numRuns: 200, seed: 20261122 },
  )
})

function write(name: string, bytes: Uint8Array) {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), bytes)
}

test('any table of cells', async () => {
  const cell = fc.oneof(
    fc.constantFrom('', 'NA', '1', '2.5', 'cat', '-1e400', '"', 'split', 'target', 'train'),
    fc.string(),
  )
  const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 })
  const sign = fc.constantFrom(',', ';', '\t')
  await fc.assert(
    fc.asyncProperty(table, sign, fc.constantFrom(undefined, 'mean', 'drop'), async (rows, between, missing) => {
      write('any.csv', new TextEncoder().encode(rows.map((row) => row.join(between)).join('\n')))
      const preprocess = missing === undefined ? {} : { missing: missing as 'mean' | 'drop' }
      expect(['samples', 'data']).toContain(await outcomeOf(join(folder, 'any.csv'), preprocess))
    }),
    { numRuns: 600, seed: 20261122 },
  )
})

test('a resized picture has no value that it had not before, but for black bars', () => {
  const side = fc.integer({ min: 1, max: 12 })
  const mode = fc.constantFrom('stretch' as const, 'fit' as const, 'crop' as const)
  fc.assert(
    fc.property(side, side, side, side, mode, fc.nat(255), (height, width, toHeight, toWidth, resizeMode, level) => {
      const from = { height, width, channels: 1, layout: 'nhwc' as const }
      const values = new Float32Array(height * width).fill(level)
      const found = resizeImage(values, from, { ...from, height: toHeight, width: toWidth }, resizeMode)
      const allowed = resizeMode === 'fit' ? [0, level] : [level]
      expect(found.length).toBe(toHeight * toWidth)
      expect(found.every((value) => allowed.some((each) => Math.abs(each - value) < 1e-3))).toBe(true)
      expect(found.some((value) => Math.abs(value - level) < 1e-3)).toBe(true)
    }),
    { numRuns: 1000, seed: 20261122 },
  )
})

test('splits share no sample and leave none out', () => {
  const part = fc.integer({ min: 0, max: 50 })
  const labels = fc.array(fc.nat(4), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(labels, fc.nat(1000), part, part, (classes, seed, test, calibration) => {
      const fractions = { test: test / 100, calibration: calibration / 100, train: 1 - (test + calibration) / 100 }
      const split = splitIndices({ count: classes.length, labels: classes, seed, fractions })
      const all = [...split.train, ...split.calibration, ...split.test].sort((a, b) => a - b)
      expect(all).toEqual([...classes.keys()])
      expect(Math.abs(split.test.length - classes.length * fractions.test)).toBeLessThan(2)
    }),
    { numRuns: 1000, seed: 20261122 },
  )
})

test('any two rates: as long as the time is, and no louder than it was', () => {
  const rate = fc.integer({ min: 100, max: 384_000 })
  fc.assert(
    fc.property(rate, rate, fc.integer({ min: 1, max: 300 }), (from, to, length) => {
      fc.pre(to / from < 50)
      const found = resample(new Float32Array(length).fill(0.5), from, to)
      expect(found.length).toBe(Math.max(1, Math.round((length * to) / from)))
      expect(found.every((value) => Number.isFinite(value) && Math.abs(value) < 0.6)).toBe(true)
    }),
    { numRuns: 60, seed: 20261122 },
  )
})

test('any header of a NumPy array', () => {
  const size = fc.oneof(fc.nat(5), fc.constantFrom(2 ** 31, 2 ** 53, 10 ** 30))
  const header = fc.record({
    descr: fc.constantFrom('<f4', '|u1', '>i8', '<U3', '<f2', '<c8', '|S4', '<V9'),
    fortran: fc.boolean(),
    shape: fc.array(size, { maxLength: 9 }),
  })
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 64 }), ({ descr, fortran, shape }, data) => {
      const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape.map((v) => BigInt(v)).join(', ')},), }\n`
      const head = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]
      const bytes = Uint8Array.of(...head, ...new TextEncoder().encode(text), ...data)
      try {
        expect(parseNpy('p', bytes).data.length).toBeLessThanOrEqual(64)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
      }
    }),
    { numRuns: 3000, seed: 20261122 },
  )
})
