// Samples as raw bytes: MLPerf Tiny's folder of .bin files with y_labels.csv (file, classes, class), and the same samples
// in one file, inputs_<type>.bin with labels_u8.bin. The files say no type; the model that reads them does.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { concatBytes } from '../base/bytes.ts'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import { type DType, dtypes } from '../ir/dtype.ts'
import { arrayOf, elementsOf } from '../ir/tensor.ts'
import { parseRows } from './csv.ts'
import { noSplits, type RawDataset, type RawInput } from './dataset.ts'
import { noTruth } from './truth.ts'

/** How to read the bytes of a sample. */
export interface SampleType {
  readonly dtype: DType
  /** Without the batch; a flat row when left out. Files with four bytes an element hold float32. */
  readonly shape?: readonly number[]
  /** Of the model's input, when the bytes are its integers. */
  readonly quant?: { readonly scale: number; readonly zeroPoint: number }
}

export const labelsFile = 'y_labels.csv'

export interface RawFiles {
  readonly samples: readonly string[]
  readonly labels: Int32Array
}

/** The list in y_labels.csv, the files beside it. */
export function listedFiles(list: string): RawFiles {
  const folder = dirname(list)
  const rows = parseRows(list).filter(({ cells }) => cells[0]?.endsWith('.bin'))
  if (rows.length === 0) throw new AppError('data.empty', { path: list })
  const labels = Int32Array.from(rows, ({ cells, line }) => {
    const label = Number(cells[2])
    if (Number.isInteger(label) && label >= 0) return label
    throw new AppError('data.labels', { path: list, problem: say`line ${line} has the class "${cells[2] ?? ''}"` })
  })
  return { samples: rows.map(({ cells }) => inside(list, folder, cells[0]!)), labels }
}

/** A list must not reach out of its folder. */
function inside(list: string, folder: string, name: string): string {
  const path = join(folder, name)
  const way = relative(folder, path)
  if (way.startsWith('..') || isAbsolute(name))
    throw new AppError('data.malformed', { path: list, problem: say`it names ${name}` })
  if (!existsSync(path))
    throw new AppError('data.malformed', { path: list, problem: say`it names ${name}, which is missing` })
  return path
}

export function openRawList(list: string, type: SampleType | undefined, nameHint?: string): RawDataset {
  const { samples, labels } = listedFiles(list)
  const parts = samples.map((path) => new Uint8Array(readFileSync(path)))
  const odd = parts.findIndex((part) => part.byteLength !== parts[0]!.byteLength)
  if (odd >= 0) {
    const problem = say`${parts[odd]!.byteLength} bytes, the samples before have ${parts[0]!.byteLength}`
    throw new AppError('data.malformed', { path: samples[odd]!, problem })
  }
  const input = rawInput(list, concatBytes(parts), labels.length, type ?? { dtype: 'u8' }, nameHint)
  return { format: 'raw', inputs: [input], ...noTruth, labels, splits: noSplits }
}

const pairNames = [
  { inputs: 'inputs_int8.bin', dtype: 'i8' },
  { inputs: 'inputs_u8.bin', dtype: 'u8' },
  { inputs: 'inputs_f32.bin', dtype: 'f32' },
] as const

export const pairLabels = 'labels_u8.bin'

export function findRawPair(folder: string) {
  if (!existsSync(join(folder, pairLabels))) return null
  return pairNames.find(({ inputs }) => existsSync(join(folder, inputs))) ?? null
}

export function openRawPair(folder: string, type: SampleType | undefined, nameHint?: string): RawDataset {
  const pair = findRawPair(folder)!
  const labels = Int32Array.from(readFileSync(join(folder, pairLabels)))
  if (labels.length === 0) throw new AppError('data.empty', { path: folder })
  const path = join(folder, pair.inputs)
  const bytes = new Uint8Array(readFileSync(path))
  const input = rawInput(path, bytes, labels.length, { ...type, dtype: pair.dtype }, nameHint)
  return { format: 'raw', inputs: [input], ...noTruth, labels, splits: noSplits }
}

function rawInput(path: string, bytes: Uint8Array, count: number, type: SampleType, nameHint = 'x'): RawInput {
  const sampleBytes = bytes.byteLength / count
  const dtype = type.shape && sampleBytes === 4 * elementsOf(type.shape) ? 'f32' : type.dtype
  const sampleElements = sampleBytes / dtypes[dtype].bytes
  if (!Number.isInteger(sampleElements))
    throw new AppError('data.malformed', {
      path,
      problem: say`${bytes.byteLength} bytes are not ${count} equal samples`,
    })
  const shape = type.shape ?? [sampleElements]
  if (elementsOf(shape) !== sampleElements)
    throw new AppError('data.shape', { found: `[${sampleElements}]`, expected: `[${shape}]` })
  return {
    name: nameHint,
    shape,
    dtype,
    pieces: [arrayOf(dtype, bytes)],
    quant: dtype === 'f32' ? undefined : type.quant,
  }
}
