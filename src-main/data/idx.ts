// IDX (the format of MNIST), plain or in gzip: a folder with train-/t10k- pairs, or one images file and its labels beside.

import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ByteReader, concatInts } from '../base/bytes.ts'
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import type { DType } from '../ir/dtype.ts'
import { arrayOf, elementsOf } from '../ir/tensor.ts'
import type { RawDataset, Splits } from './dataset.ts'
import { gunzipBounded } from './inflate.ts'
import type { NumericArray } from './npy.ts'
import { inputOf, range } from './npz.ts'
import { noTruth, truthOf } from './truth.ts'

const elementTypes: Readonly<Record<number, { dtype: DType; bytes: number }>> = {
  8: { dtype: 'u8', bytes: 1 },
  9: { dtype: 'i8', bytes: 1 },
  11: { dtype: 'i16', bytes: 2 },
  12: { dtype: 'i32', bytes: 4 },
  13: { dtype: 'f32', bytes: 4 },
  14: { dtype: 'f64', bytes: 8 },
}

const imagesName = /^(.*?)-?images[-.]idx\d-ubyte(\.gz)?$/
const labelsOf = (name: string) => name.replace(/images([-.])idx\d/, 'labels$1idx1')

export const isIdxName = (name: string) => /idx\d-(u?byte|short|int|float|double)(\.gz)?$/.test(name)

export function idxFilesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => imagesName.test(name))
    .sort()
}

/** Files of the data set at `path`, images first, each with its labels when they are there. */
export function idxPairs(path: string, isFolder: boolean): { images: string; labels: string | null; split: string }[] {
  const folder = isFolder ? path : dirname(path)
  const names = isFolder ? idxFilesIn(folder) : [basename(path)]
  return names.map((name) => {
    const beside = [labelsOf(name), labelsOf(name).replace(/\.gz$/, ''), `${labelsOf(name)}.gz`]
    const labels = beside.find((candidate) => candidate !== name && existsSync(join(folder, candidate)))
    const split = imagesName.exec(name)?.[1] ?? ''
    return { images: join(folder, name), labels: labels === undefined ? null : join(folder, labels), split }
  })
}

export async function openIdx(path: string, isFolder: boolean, nameHint?: string): Promise<RawDataset> {
  const pairs = idxPairs(path, isFolder)
  const images = await Promise.all(pairs.map(({ images }) => readIdx(images)))
  const truths = await Promise.all(
    pairs.map(async ({ labels }) => (labels ? truthOf(labels, await readIdx(labels)).labels : null)),
  )
  const input = inputOf(path, nameHint ?? 'x', images)
  const complete = truths.every((labels) => labels !== null)
  const labels = complete ? concatInts(truths.filter((part) => part !== null)) : null
  const counts = images.map((array) => array.shape[0]!)
  return {
    format: 'idx',
    inputs: [input],
    ...noTruth,
    labels,
    splits: splitsOf(
      pairs.map((p) => p.split),
      counts,
    ),
  }
}

/** The source's own splits, when it has both. */
function splitsOf(names: readonly string[], counts: readonly number[]): Splits {
  const splits: Record<'train' | 'calibration' | 'test', Uint32Array | null> = {
    train: null,
    calibration: null,
    test: null,
  }
  if (names.length < 2) return splits
  let at = 0
  for (const [i, name] of names.entries()) {
    const end = at + counts[i]!
    if (name === 'train') splits.train = range(at, end)
    if (name === 't10k' || name === 'test') splits.test = range(at, end)
    at = end
  }
  return splits
}

async function readIdx(path: string): Promise<NumericArray> {
  const stored = await readFile(path)
  const bytes = stored[0] === 0x1f && stored[1] === 0x8b ? await gunzipBounded(path, stored) : new Uint8Array(stored)
  const fail = (problem: Note): never => {
    throw new AppError('data.malformed', { path, problem })
  }
  const head = new ByteReader(bytes, () => fail(say`it ends within its header`))
  const zeros = head.u16()
  const type = elementTypes[head.u8()]
  const rank = head.u8()
  if (zeros !== 0 || !type || rank < 1 || rank > 8) return fail(say`it does not start like an IDX file`)
  const shape = Array.from({ length: rank }, () => bigEndian(head))
  const expected = elementsOf(shape) * type.bytes
  if (head.remaining !== expected) fail(say`[${shape}] ${type.dtype} needs ${expected} bytes, it has ${head.remaining}`)
  const data = head.slice(expected).slice()
  if (type.bytes > 1) for (let at = 0; at < data.length; at += type.bytes) data.subarray(at, at + type.bytes).reverse()
  return { dtype: type.dtype, shape, data: arrayOf(type.dtype, data) }
}

const bigEndian = (head: ByteReader) => ((head.u8() << 24) | (head.u8() << 16) | (head.u8() << 8) | head.u8()) >>> 0
