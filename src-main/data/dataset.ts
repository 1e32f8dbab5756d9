// A data set in memory: samples in their own element type, labels or targets, and the preprocessing that turns a sample
// into what a model takes. Readers (npz.ts, idx.ts, ...) make a RawDataset; dataset() puts the preprocessing on top.
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import { type DType, dtypes, type TypedArray } from '../ir/dtype.ts'
import { elementsOf, halfToFloat } from '../ir/tensor.ts'
import { type Preprocess, preparer } from './preprocess.ts'
import { splitIndices } from './split.ts'
import { inOrder } from './truth.ts'

export type DatasetFormat = 'npz' | 'npy' | 'idx' | 'images' | 'audio' | 'csv' | 'raw'

/** Sample indices the source itself assigns; null where it assigns none. */
export interface Splits {
  readonly train: Uint32Array | null
  readonly calibration: Uint32Array | null
  readonly test: Uint32Array | null
}

export const noSplits: Splits = { train: null, calibration: null, test: null }

export interface DatasetInput {
  readonly name: string
  /** Of one sample after preprocessing, without the batch. */
  readonly shape: readonly number[]
  /** Of one sample as stored. */
  readonly rawShape: readonly number[]
  /** As stored. */
  readonly dtype: DType
}

export interface Dataset {
  readonly format: DatasetFormat
  readonly path: string
  /** Of the content: the file's bytes, or every file's name and bytes in order. */
  readonly sha256: string
  readonly count: number
  readonly inputs: readonly DatasetInput[]
  /** Class of each sample; null for regression and for data without truth. */
  readonly labels: Int32Array | null
  /** Regression truth, `targetSize` numbers a sample. */
  readonly targets: Float32Array | null
  readonly targetSize: number
  readonly classNames: readonly string[] | null
  readonly splits: Splits
  /** With what the reader chose where the record left it open. */
  readonly preprocess: Preprocess
  /** What the reader chose or left out. */
  readonly notes: readonly Note[]
  /** Names of the columns that a table's samples and truth come from; null for what is no table. */
  readonly columns: TableColumns | null
  /** Samples by input name, one after the other, as real numbers after preprocessing. */
  read(indices: ArrayLike<number>): Record<string, Float32Array>
  /** Samples as stored. */
  readRaw(indices: ArrayLike<number>): Record<string, TypedArray>
}

export interface TableColumns {
  readonly features: readonly string[]
  readonly target: string | null
}

/** Elements of all samples of one input; several pieces when the source has several files. */
export interface RawInput {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly pieces: readonly TypedArray[]
  /** Integers that stand for (q - zeroPoint) * scale; left out when they are the numbers themselves. */
  readonly quant?: { readonly scale: number; readonly zeroPoint: number }
}

export interface RawDataset {
  readonly format: DatasetFormat
  readonly inputs: readonly RawInput[]
  readonly labels: Int32Array | null
  readonly targets: Float32Array | null
  readonly targetSize: number
  readonly classNames: readonly string[] | null
  readonly splits: Splits
  /** The record with what the reader chose; left out when it chose nothing. */
  readonly preprocess?: Preprocess
  readonly notes?: readonly Note[]
  readonly columns?: TableColumns
}

export function dataset(path: string, sha256: string, stored: RawDataset, asked: Preprocess): Dataset {
  const preprocess = stored.preprocess ?? asked
  const raw = inOrder(path, stored, preprocess.classes)
  const columns = raw.inputs.map((input) => column(path, input, preprocess))
  const count = columns[0]?.count ?? 0
  if (count === 0) throw new AppError('data.empty', { path })
  checkCounts(path, raw, columns)
  const byName = <T>(part: (c: Column) => T) => Object.fromEntries(columns.map((c) => [c.input.name, part(c)]))
  return {
    format: raw.format,
    path,
    sha256,
    count,
    inputs: columns.map((c) => c.input),
    labels: raw.labels,
    targets: raw.targets,
    targetSize: raw.targetSize,
    classNames: raw.classNames,
    splits: splitsFor(raw, count, preprocess),
    preprocess,
    notes: raw.notes ?? [],
    columns: raw.columns ?? null,
    read: (indices) => byName((c) => c.read(indices)),
    readRaw: (indices) => byName((c) => c.readRaw(indices)),
  }
}

/** The source's own; without any, those that the record asks for. */
export function splitsFor(
  { splits, labels }: Pick<RawDataset, 'splits' | 'labels'>,
  count: number,
  { split }: Preprocess,
) {
  if (!split || splits.train || splits.calibration || splits.test) return splits
  const { seed, test, calibration } = split
  const train = Math.max(0, 1 - test - calibration)
  const parts = splitIndices({ count, labels, seed, fractions: { train, calibration, test } })
  const orNone = (indices: Uint32Array) => (indices.length > 0 ? indices : null)
  return { train: orNone(parts.train), calibration: orNone(parts.calibration), test: orNone(parts.test) }
}

function checkCounts(path: string, raw: RawDataset, columns: readonly Column[]) {
  const count = columns[0]!.count
  const odd = columns.find((c) => c.count !== count)
  if (odd) {
    const problem = say`${odd.input.name} has ${odd.count} samples, ${columns[0]!.input.name} has ${count}`
    throw new AppError('data.malformed', { path, problem })
  }
  const truths = raw.labels?.length ?? (raw.targets ? raw.targets.length / raw.targetSize : count)
  if (truths !== count) throw new AppError('data.labels', { path, problem: say`${truths} for ${count} samples` })
  const wrong = raw.labels?.findIndex((label) => label < 0) ?? -1
  if (wrong >= 0)
    throw new AppError('data.labels', { path, problem: say`sample ${wrong} has the class ${raw.labels![wrong]}` })
}

interface Column {
  readonly input: DatasetInput
  readonly count: number
  read(indices: ArrayLike<number>): Float32Array
  readRaw(indices: ArrayLike<number>): TypedArray
}

function column(path: string, raw: RawInput, preprocess: Preprocess): Column {
  const size = elementsOf(raw.shape)
  if (size === 0)
    throw new AppError('data.malformed', { path, problem: say`samples of shape [${raw.shape}] are empty` })
  const prepared = preparer(raw.shape, preprocess)
  const sampleSize = elementsOf(prepared.shape)
  const count = raw.pieces.reduce((sum, piece) => sum + piece.length / size, 0)
  const sample = sampleFinder(raw.pieces, size, count)
  return {
    input: { name: raw.name, shape: prepared.shape, rawShape: raw.shape, dtype: raw.dtype },
    count,
    read(indices) {
      const result = new Float32Array(indices.length * sampleSize)
      const real = new Float32Array(size)
      for (let i = 0; i < indices.length; i++) {
        toReal(sample(indices[i]!), raw, real)
        prepared.write(real, result, i * sampleSize)
      }
      return result
    },
    readRaw(indices) {
      const result = new dtypes[raw.dtype].array(indices.length * size)
      for (let i = 0; i < indices.length; i++) copyInto(result, sample(indices[i]!), i * size)
      return result
    },
  }
}

function sampleFinder(pieces: readonly TypedArray[], size: number, count: number): (i: number) => TypedArray {
  const starts: number[] = []
  let next = 0
  for (const piece of pieces) {
    starts.push(next)
    next += piece.length / size
  }
  return (i) => {
    if (!Number.isInteger(i) || i < 0 || i >= count) throw new RangeError(`sample ${i} of ${count}`)
    let p = pieces.length - 1
    while (starts[p]! > i) p--
    const at = (i - starts[p]!) * size
    return pieces[p]!.subarray(at, at + size)
  }
}

function toReal(sample: TypedArray, raw: RawInput, real: Float32Array) {
  const { scale, zeroPoint } = raw.quant ?? { scale: 1, zeroPoint: 0 }
  const half = raw.dtype === 'f16'
  for (let i = 0; i < real.length; i++) {
    const value = Number(sample[i])
    real[i] = half ? halfToFloat(value) : (value - zeroPoint) * scale
  }
}

function copyInto(to: TypedArray, from: TypedArray, at: number) {
  const target = new Uint8Array(to.buffer, to.byteOffset, to.byteLength)
  target.set(new Uint8Array(from.buffer, from.byteOffset, from.byteLength), at * from.BYTES_PER_ELEMENT)
}
