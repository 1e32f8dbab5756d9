// CSV with a header: numeric columns are the features, `target` the truth (text or small whole numbers are classes, other
// numbers regression), `split` (train, calibration, test), when it is there, the source's own splits.
import { readFileSync, statSync } from 'node:fs'
import { CsvError, parse } from 'csv-parse/sync'
import { AppError } from '../base/errors.ts'
import { noSplits, type RawDataset, type Splits } from './dataset.ts'
import { classesOf, noTruth, type Truth } from './truth.ts'

/** A file this large is better stored as npz. */
const maxBytes = 512 * 2 ** 20
/** Whole numbers above this are taken for quantities and not for classes. */
const maxClasses = 1000

export function openCsv(path: string, nameHint?: string): RawDataset {
  const [header, ...rows] = parseCsv(path)
  if (!header || rows.length === 0) throw new AppError('data.empty', { path })
  const target = header.indexOf('target')
  const split = header.indexOf('split')
  const features = header.map((_, i) => i).filter((i) => i !== target && i !== split)
  if (features.length === 0) throw new AppError('data.malformed', { path, problem: 'it has no feature column' })
  const data = new Float32Array(rows.length * features.length)
  for (const [r, row] of rows.entries())
    for (const [f, column] of features.entries())
      data[r * features.length + f] = numberAt(path, row[column] ?? '', r, header[column]!)
  const input = { name: nameHint ?? 'x', shape: [features.length], dtype: 'f32' as const, pieces: [data] }
  const truth =
    target < 0
      ? noTruth
      : truthColumn(
          path,
          rows.map((row) => row[target] ?? ''),
        )
  return { format: 'csv', inputs: [input], ...truth, splits: split < 0 ? noSplits : splitColumn(path, rows, split) }
}

export function parseCsv(path: string): string[][] {
  const { size } = statSync(path)
  if (size > maxBytes) throw new AppError('data.malformed', { path, problem: `${size} bytes are too many for a CSV` })
  try {
    return parse(readFileSync(path), { bom: true, skip_empty_lines: true, trim: true })
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    throw new AppError('data.malformed', { path, problem: cause.message }, { cause })
  }
}

function numberAt(path: string, text: string, row: number, column: string): number {
  const value = text === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value)) return value
  // the header is line 1
  throw new AppError('data.malformed', { path, problem: `line ${row + 2}, column ${column}: "${text}" is no number` })
}

function truthColumn(path: string, texts: readonly string[]): Truth {
  const empty = texts.indexOf('')
  if (empty >= 0) throw new AppError('data.labels', { path, problem: `line ${empty + 2} has no target` })
  const numbers = texts.map(Number)
  if (numbers.some((v) => !Number.isFinite(v))) return classesOf(texts)
  if (numbers.every((v) => Number.isInteger(v) && v >= 0 && v < maxClasses))
    return { ...noTruth, labels: Int32Array.from(numbers) }
  return { ...noTruth, targets: Float32Array.from(numbers), targetSize: 1 }
}

function splitColumn(path: string, rows: readonly string[][], column: number): Splits {
  const found: Record<string, number[]> = { train: [], calibration: [], test: [] }
  for (const [r, row] of rows.entries()) {
    const name = row[column] ?? ''
    const list = Object.hasOwn(found, name) ? found[name] : undefined
    if (!list) throw new AppError('data.malformed', { path, problem: `line ${r + 2}: the split "${name}" is unknown` })
    list.push(r)
  }
  const indices = (name: string) => (found[name]!.length > 0 ? Uint32Array.from(found[name]!) : null)
  return { train: indices('train'), calibration: indices('calibration'), test: indices('test') }
}
