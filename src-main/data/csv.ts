// Tables: a CSV with a header or without one. One column is the truth (text or small whole numbers are classes, other numbers
// regression), `split` (train, calibration, test), when it is there, the source's own splits, the others are the features.
import { readFileSync, statSync } from 'node:fs'
import { CsvError, parse } from 'csv-parse/sync'
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import { noSplits, type RawDataset, type Splits } from './dataset.ts'
import type { Preprocess } from './preprocess.ts'
import { areClasses, classesOf, noTruth, type Truth } from './truth.ts'

/** A file this large is better stored as npz. */
const maxBytes = 512 * 2 ** 20

/** How tables write that a value is not there. */
const missingWords = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '?'])
const isMissing = (text: string) => missingWords.has(text.toLowerCase())
/** Labels besides: a class may well be called "none" or "null". */
const noLabels = new Set(['', 'na', 'n/a', 'nan', '?'])
const isNumber = (text: string) => text !== '' && Number.isFinite(Number(text))

export interface Row {
  /** In the file, from 1, where the row ends. */
  readonly line: number
  readonly cells: readonly string[]
}

interface Table {
  readonly path: string
  readonly header: readonly string[]
  readonly rows: readonly Row[]
}

export interface CsvOptions {
  readonly preprocess: Preprocess
  readonly nameHint?: string
}

export function openCsv(path: string, { preprocess, nameHint }: CsvOptions): RawDataset {
  const { table, note: headerNote } = readTable(path)
  const { target, note: targetNote } = targetOf(table, preprocess)
  const split = table.header.indexOf('split')
  const left = new Set(preprocess.without)
  const features = table.header.flatMap((name, i) => (i === target || i === split || left.has(name) ? [] : [i]))
  if (features.length === 0) throw new AppError('data.malformed', { path, problem: say`it has no feature column` })
  const { rows, note: missingNote } = withoutGaps(table, features, target, preprocess)
  const data = values({ ...table, rows }, features, preprocess)
  const input = { name: nameHint ?? 'x', shape: [features.length], dtype: 'f32' as const, pieces: [data] }
  const dropped = table.header.filter((name) => left.has(name))
  const notes = [headerNote, targetNote, missingNote].filter((note) => note !== null)
  if (dropped.length > 0) notes.push(say`Left out as asked: the columns ${dropped.join(', ')}.`)
  return {
    ...{ format: 'csv', inputs: [input], notes },
    ...(target < 0 ? noTruth : truthColumn(rows, target)),
    splits: split < 0 ? noSplits : splitColumn(path, rows, split),
    columns: { features: features.map((i) => table.header[i]!), target: table.header[target] ?? null },
  }
}

function readTable(path: string): { table: Table; note: Note | null } {
  const all = parseRows(path)
  const first = all[0]?.cells
  if (!first) throw new AppError('data.empty', { path })
  const headless = first.every((text) => isNumber(text) || isMissing(text))
  const body = headless ? all : all.slice(1)
  if (body.length === 0) throw new AppError('data.empty', { path })
  const header = headless ? first.map((_, i) => `column ${i + 1}`) : first
  const twice = header.find((name, i) => header.indexOf(name) !== i)
  if (twice !== undefined)
    throw new AppError('data.malformed', { path, problem: say`two columns are called "${twice}"` })
  const note = headless
    ? say`The first line holds numbers, so the columns have no names: they are counted from 1.`
    : null
  return { table: { path, header, rows: body }, note }
}

export function parseRows(path: string): Row[] {
  const { size } = statSync(path)
  if (size > maxBytes)
    throw new AppError('data.malformed', { path, problem: say`${size} bytes are too many for a CSV` })
  const bytes = readFileSync(path)
  const rows: Row[] = []
  // The parser counts a CR LF within quotes as two lines.
  let countedTwice = 0
  const take = (cells: string[], { lines }: { readonly lines: number }) => {
    for (const text of cells) countedTwice += text.includes('\r\n') ? text.split('\r\n').length - 1 : 0
    rows.push({ line: lines - countedTwice, cells })
    return null
  }
  const settings = { bom: true, skip_empty_lines: true, trim: true, delimiter: delimiterOf(bytes) }
  try {
    parse(bytes, { ...settings, on_record: take })
    return rows
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    const { lines, record } = cause
    if (Array.isArray(record) && typeof lines === 'number')
      throw new AppError('data.row', { path, line: lines - countedTwice, found: record.length }, { cause })
    throw new AppError('data.malformed', { path, problem: cause.message }, { cause })
  }
}

/** Spreadsheets of some countries put semicolons between cells; the first line shows it. */
function delimiterOf(bytes: Uint8Array): string {
  const head = new TextDecoder().decode(bytes.subarray(0, 4096))
  const line = head.slice(0, head.search(/[\r\n]|$/))
  const count = (sign: string) => line.split(sign).length
  return [',', ';', '\t'].reduce((best, sign) => (count(sign) > count(best) ? sign : best))
}

const targetNames = ['target', 'label', 'labels', 'class', 'y']

/** -1 when nothing says which column it is. */
function targetOf(
  { path, header, rows }: Table,
  { target, without = [] }: Preprocess,
): { target: number; note: Note | null } {
  if (target !== undefined) {
    const at = header.indexOf(target)
    if (at < 0) throw new AppError('data.column', { path, column: target, columns: header.slice(0, 50).join(', ') })
    return { target: at, note: say`Labels are the column ${target}.` }
  }
  const lower = header.map((name) => name.toLowerCase())
  const named = targetNames.map((name) => lower.indexOf(name)).find((at) => at >= 0 && !without.includes(header[at]!))
  if (named !== undefined) return { target: named, note: say`Labels are the column ${header[named]!}.` }
  const texts = header.flatMap((name, i) => (name === 'split' || without.includes(name) || !isText(rows, i) ? [] : [i]))
  if (texts.length !== 1) return { target: -1, note: null }
  return { target: texts[0]!, note: say`Labels are the column ${header[texts[0]!]!}, the only one with text.` }
}

/** No cell of it is a number. */
function isText(rows: readonly Row[], column: number): boolean {
  const found = rows.map(({ cells }) => cells[column] ?? '').filter((text) => !isMissing(text))
  return found.length > 0 && found.every((text) => !isNumber(text))
}

function withoutGaps(table: Table, features: readonly number[], target: number, { missing }: Preprocess) {
  const gaps = (row: Row) => features.filter((i) => isMissing(row.cells[i] ?? ''))
  const incomplete = table.rows.filter((row) => gaps(row).length > 0)
  const unlabelled = target < 0 ? [] : withoutLabel(table.rows, target)
  if (missing === 'drop') {
    const left = new Set([...incomplete, ...unlabelled])
    const rows = table.rows.filter((row) => !left.has(row))
    if (rows.length === 0) throw new AppError('data.empty', { path: table.path })
    return { rows, note: left.size > 0 ? say`Rows left out for their empty cells: ${left.size}.` : null }
  }
  const [first] = incomplete
  const cells = incomplete.reduce((sum, row) => sum + gaps(row).length, 0)
  const named = first && { line: first.line, column: table.header[gaps(first)[0]!]! }
  if (first && missing === undefined) throw new AppError('data.missing', { path: table.path, count: cells, ...named })
  const [bare] = unlabelled
  if (bare) throw new AppError('data.unlabelled', { path: table.path, count: unlabelled.length, line: bare.line })
  return { rows: table.rows, note: first ? say`Empty cells that got the mean of their column: ${cells}.` : null }
}

/** Among numbers "none" and "null" are no classes. */
function withoutLabel(rows: readonly Row[], target: number): Row[] {
  const label = ({ cells }: Row) => cells[target] ?? ''
  const known = rows.map(label).filter((text) => !isMissing(text))
  const areNumbers = known.length > 0 && known.every(isNumber)
  return rows.filter((row) => (areNumbers ? isMissing(label(row)) : noLabels.has(label(row).toLowerCase())))
}

function values({ path, header, rows }: Table, features: readonly number[], { missing }: Preprocess): Float32Array {
  const data = new Float32Array(rows.length * features.length)
  for (const [f, column] of features.entries()) {
    const numbers = rows.map((row) => numberAt(path, row, column, header, rows))
    const known = numbers.filter((value) => value !== null)
    const mean = known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length
    for (const [r, value] of numbers.entries()) data[r * features.length + f] = value ?? (missing === 'mean' ? mean : 0)
  }
  return data
}

function numberAt(
  path: string,
  row: Row,
  column: number,
  header: readonly string[],
  rows: readonly Row[],
): number | null {
  const text = row.cells[column] ?? ''
  if (isMissing(text)) return null
  const value = Number(text)
  if (Number.isFinite(value)) return value
  const without = header.filter((name, i) => name !== 'split' && isText(rows, i))
  const columns = without.length > 0 ? without : [header[column]!]
  throw new AppError('data.text', { path, line: row.line, column: header[column]!, text, columns })
}

function truthColumn(rows: readonly Row[], target: number): Truth {
  const texts = rows.map(({ cells }) => cells[target] ?? '')
  const numbers = texts.map(Number)
  if (numbers.some((v) => !Number.isFinite(v))) return classesOf(texts)
  if (areClasses(numbers)) return { ...noTruth, labels: Int32Array.from(numbers) }
  return { ...noTruth, targets: Float32Array.from(numbers), targetSize: 1 }
}

function splitColumn(path: string, rows: readonly Row[], column: number): Splits {
  const found: Record<string, number[]> = { train: [], calibration: [], test: [] }
  for (const [r, { line, cells }] of rows.entries()) {
    const name = cells[column] ?? ''
    const list = Object.hasOwn(found, name) ? found[name] : undefined
    if (!list)
      throw new AppError('data.malformed', { path, problem: say`line ${line}: the split "${name}" is unknown` })
    list.push(r)
  }
  const indices = (name: string) => (found[name]!.length > 0 ? Uint32Array.from(found[name]!) : null)
  return { train: indices('train'), calibration: indices('calibration'), test: indices('test') }
}
