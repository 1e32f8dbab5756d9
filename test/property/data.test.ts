// Whatever the bytes, opening a data set ends in a data set or in an error of the catalogue.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { AppError } from '../../src-main/base/errors.ts'
import { parseNpy } from '../../src-main/data/npy.ts'
import { writeNpz } from '../../src-main/data/npz.ts'
import { openDataset } from '../../src-main/data/open.ts'
import { idx } from '../unit/data/files.ts'

const folder = mkdtempSync(join(tmpdir(), 'shoehorn-data-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function outcome(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  try {
    const data = await openDataset(path)
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
