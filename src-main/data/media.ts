// A folder of pictures or recordings: which files are samples, what their classes are and which split they belong to. Classes
// are the names of folders (under folders named after splits, when these are there) or come from a list, a CSV with a column of
// file names and one of labels.
import { readdirSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import { parseRows } from './csv.ts'
import { noSplits, type Splits } from './dataset.ts'
import type { Preprocess } from './preprocess.ts'
import { classesOf, noTruth, type Truth } from './truth.ts'

export type MediaKind = 'images' | 'audio'

const extensions: Readonly<Record<string, MediaKind>> = {
  ...{ '.png': 'images', '.jpg': 'images', '.jpeg': 'images', '.bmp': 'images', '.webp': 'images' },
  '.wav': 'audio',
}

const splitNames: Readonly<Record<string, keyof Splits>> = {
  ...{ train: 'train', training: 'train', test: 'test', testing: 'test' },
  ...{ calibration: 'calibration', val: 'calibration', valid: 'calibration', validation: 'calibration' },
}

export interface MediaFile {
  readonly path: string
  /** In the data set's folder, with forward slashes. */
  readonly name: string
}

export interface Listing {
  readonly kind: MediaKind
  readonly files: readonly MediaFile[]
  readonly truth: Truth
  readonly splits: Splits
  readonly notes: readonly Note[]
  /**
   * All files that the set is of, the list of labels as well, and those that the record leaves out: the content of a folder
   * does not depend on how it is prepared.
   */
  readonly sources: readonly string[]
}

interface Found extends MediaFile {
  /** Folders below the one that holds the classes. */
  readonly className: string | null
  readonly split: keyof Splits | null
}

/** null when the folder has neither pictures nor recordings. */
export function listMedia(folder: string, { without = [] }: Preprocess): Listing | null {
  const names = filesBelow(folder, '', 0)
  const kind = kindOf(names)
  if (!kind) return null
  const left = new Set(without)
  const all = names.filter((name) => extensions[extname(name).toLowerCase()] === kind)
  const placed = placeAll(folder, all)
  const classes = new Set(placed.map(({ className }) => className).filter((name) => name !== null))
  // One folder tells no classes apart; a list beside it may.
  const { list, notes } = classes.size > 1 ? { list: null, notes: [] } : listBeside(folder, names, all)
  const classified = list === null && classes.size > 0
  const samples = placed.filter(({ className }) => !classified || className !== null)
  const files = samples.filter(({ name }) => !left.has(name))
  if (files.length === 0) throw new AppError('data.empty', { path: folder })
  const truth = list ? listed(list, files) : classified ? classesOf(files.map(({ className }) => className!)) : noTruth
  const used = new Set([...files.map(({ name }) => name), ...without, list?.name])
  const ignored = names.filter((name) => !used.has(name))
  const dropped = all.filter((name) => left.has(name))
  return {
    kind,
    files,
    truth,
    splits: splitsOf(files),
    notes: [
      ...notes,
      ...(list ? [say`Labels are from ${list.name}.`] : []),
      ...(classified ? [say`Labels are the names of the folders.`] : []),
      ...(dropped.length > 0 ? [say`Left out as asked (${dropped.length}): ${named(dropped)}.`] : []),
      ...(ignored.length > 0 ? [say`Left out, as they are no samples (${ignored.length}): ${named(ignored)}.`] : []),
    ],
    sources: [...samples.map(({ path }) => path), ...(list ? [join(folder, list.name)] : [])],
  }
}

/** The first of them. */
const named = (names: readonly string[]) => `${names.slice(0, 3).join(', ')}${names.length > 3 ? '…' : ''}`

const mostDepth = 8

/** In the order of names, folder by folder; hidden files are none. */
function filesBelow(folder: string, prefix: string, depth: number): string[] {
  if (depth > mostDepth) return []
  const entries = readdirSync(join(folder, prefix), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== '__MACOSX' && name !== 'Thumbs.db')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => prefix + name)
  return [
    ...files,
    ...entries.filter((e) => e.isDirectory()).flatMap(({ name }) => filesBelow(folder, `${prefix}${name}/`, depth + 1)),
  ]
}

/** What most of the files are. */
function kindOf(names: readonly string[]): MediaKind | null {
  const count = (kind: MediaKind) => names.filter((name) => extensions[extname(name).toLowerCase()] === kind).length
  const [images, audio] = [count('images'), count('audio')]
  return images + audio === 0 ? null : images >= audio ? 'images' : 'audio'
}

function placeAll(folder: string, names: readonly string[]): Found[] {
  const root = commonFolder(names)
  const below = names.map((name) => name.slice(root.length).split('/'))
  const tops = new Set(below.map((parts) => (parts.length > 1 ? parts[0]! : '')))
  const bySplit = [...tops].every((top) => Object.hasOwn(splitNames, top.toLowerCase()))
  return names.map((name, i) => {
    const parts = below[i]!
    const split = bySplit ? splitNames[parts[0]!.toLowerCase()]! : null
    const className = parts.slice(split ? 1 : 0, -1)[0] ?? null
    // Speech Commands keeps noise to mix in, which is no class, in _background_noise_.
    return { path: join(folder, name), name, split, className: className?.startsWith('_') ? null : className }
  })
}

/** Folders that hold nothing but one folder say nothing, unless they are the one class, or the one split, that there is. */
function commonFolder(names: readonly string[]): string {
  const folders = names.map((name) => name.slice(0, name.lastIndexOf('/') + 1))
  let common = ''
  for (;;) {
    const next = folders[0]!.slice(common.length).split('/')[0]!
    const longer = `${common}${next}/`
    const isLast = folders.every((folder) => folder === longer)
    const isSplit = Object.hasOwn(splitNames, next.toLowerCase())
    if (next === '' || isSplit || isLast || !folders.every((folder) => folder.startsWith(longer))) return common
    common = longer
  }
}

interface LabelList {
  readonly name: string
  readonly labelOf: ReadonlyMap<string, string>
  readonly path: string
}

const labelColumns = /^(label|labels|class|class_?name|category|target|y)$/i

/** A list of labels is smaller: a name and a label of each of some hundred thousand files. */
const mostListBytes = 64 * 2 ** 20

interface Beside {
  readonly list: LabelList | null
  /** What is said of tables that cannot be read: others may lie there, and one of them may be meant as the list. */
  readonly notes: readonly Note[]
}

/** A CSV at the top with a column of file names, and the column named like labels or, without one, the next. */
function listBeside(folder: string, names: readonly string[], samples: readonly string[]): Beside {
  const known = new Set(samples.flatMap(shortNames))
  const notes: Note[] = []
  for (const name of names.filter((each) => !each.includes('/') && /\.csv$/i.test(each))) {
    const path = join(folder, name)
    const rows = rowsOrProblem(path, name)
    if (!Array.isArray(rows)) {
      notes.push(say`Not taken for the list of labels: ${rows}`)
      continue
    }
    const probe = rows[1] ?? rows[0] ?? []
    const nameAt = probe.findIndex((text) => known.has(text))
    if (nameAt < 0 || probe.length < 2) continue
    const header = known.has(rows[0]![nameAt] ?? '') ? null : rows[0]!
    const named = header?.findIndex((column) => labelColumns.test(column)) ?? -1
    const labelAt = named >= 0 ? named : (nameAt + 1) % probe.length
    const body = header ? rows.slice(1) : rows
    const labelOf = new Map(body.map((row) => [row[nameAt] ?? '', row[labelAt] ?? '']))
    return { list: { name, path, labelOf }, notes }
  }
  return { list: null, notes }
}

function rowsOrProblem(path: string, name: string): (readonly string[])[] | Note {
  if (statSync(path).size > mostListBytes) return say`${name} has more than ${mostListBytes / 2 ** 20} MiB.`
  try {
    return parseRows(path).map(({ cells }) => cells)
  } catch (error) {
    if (error instanceof AppError && error.code === 'data.row')
      return say`line ${Number(error.data.line)} of ${name} has another number of cells than the first.`
    if (error instanceof AppError && error.code === 'data.malformed') return say`${name} cannot be read as a table.`
    throw error
  }
}

/** A list names files with or without their folder, and with or without what is behind the dot. */
function shortNames(name: string): string[] {
  const base = name.slice(name.lastIndexOf('/') + 1)
  return [name, base, base.slice(0, base.length - extname(base).length)]
}

function listed({ labelOf, path }: LabelList, files: readonly MediaFile[]): Truth {
  const labels = files.map(({ name }) =>
    shortNames(name)
      .map((each) => labelOf.get(each))
      .find(Boolean),
  )
  const missing = labels.indexOf(undefined)
  if (missing < 0) return classesOf(labels.map((label) => label!))
  const count = labels.filter((label) => label === undefined).length
  throw new AppError('data.labels', {
    path,
    problem: say`${count} files have no label, the first is ${files[missing]!.name}`,
  })
}

function splitsOf(files: readonly Found[]): Splits {
  const of = (split: keyof Splits) => {
    const indices = files.flatMap((file, i) => (file.split === split ? [i] : []))
    return indices.length > 0 ? Uint32Array.from(indices) : null
  }
  return files.some(({ split }) => split)
    ? { train: of('train'), calibration: of('calibration'), test: of('test') }
    : noSplits
}

/** What several samples have in common most often; of equals the smaller. */
export function mostFrequent<T>(values: readonly T[], size: (value: T) => number, key: (value: T) => string): T {
  const groups = [...Map.groupBy(values, key).values()]
  return groups.toSorted((a, b) => b.length - a.length || size(a[0]!) - size(b[0]!))[0]![0]!
}

/** Samples in memory at once, decoded. */
export const mostBytes = 4 * 2 ** 30

/** @param more for whoever offers a way out */
export function assertHeld(path: string, bytes: number, more: { readonly rate?: number } = {}) {
  if (bytes <= mostBytes) return
  throw new AppError('data.tooLarge', {
    path,
    megabytes: Math.ceil(bytes / 2 ** 20),
    most: mostBytes / 2 ** 20,
    ...more,
  })
}

/** Others on the same thread get their turn after so long. */
const turnMs = 20

/** Reads every file; what cannot be read is told at once, all of it, so that it can be left out in one step. */
export async function readAll<T>(
  files: readonly MediaFile[],
  read: (file: MediaFile, index: number) => T | Promise<T>,
  signal?: AbortSignal,
): Promise<void> {
  const broken: { name: string; problem: unknown }[] = []
  let turnedAtMs = performance.now()
  for (const [index, file] of files.entries()) {
    signal?.throwIfAborted()
    if (performance.now() - turnedAtMs > turnMs) {
      await nextTurn()
      turnedAtMs = performance.now()
    }
    try {
      await read(file, index)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'data.malformed') throw error
      broken.push({ name: file.name, problem: error.data.problem })
    }
  }
  const [first] = broken
  if (!first) return
  const without = broken.map(({ name }) => name).slice(0, 10_000)
  throw new AppError('data.unreadable', { path: first.name, problem: first.problem, count: broken.length, without })
}
