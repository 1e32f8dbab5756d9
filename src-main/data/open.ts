// Finds out what kind of data set a path is, reads it and puts the preprocessing on top.
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, relative } from 'node:path'
import { AppError } from '../base/errors.ts'
import { issueNote } from '../base/issue.ts'
import { say } from '../base/note.ts'
import { openCsv } from './csv.ts'
import { type Dataset, dataset, type RawDataset } from './dataset.ts'
import { idxFilesIn, idxPairs, isIdxName, openIdx } from './idx.ts'
import { openImages } from './images.ts'
import { type Listing, listMedia } from './media.ts'
import { openNpy, openNpyPair, openNpz } from './npz.ts'
import { type Preprocess, preprocessSchema } from './preprocess.ts'
import { findRawPair, labelsFile, listedFiles, openRawList, openRawPair, pairLabels, type SampleType } from './raw.ts'
import { openSounds } from './sounds.ts'

export interface OpenOptions {
  readonly preprocess?: Preprocess
  /** Name of the single input, usually the model's. */
  readonly nameHint?: string
  /** How to read raw .bin samples: the type, shape and quantisation of the model's input. */
  readonly sample?: SampleType
  /** Of its content, when that is known and cannot have changed: it is not computed again. */
  readonly sha256?: string
  readonly signal?: AbortSignal
}

/** What was found at a path: the files whose content is hashed, and how to read them. */
interface Found {
  readonly files: readonly string[]
  read(options: OpenOptions & { preprocess: Preprocess }): RawDataset | Promise<RawDataset>
}

export async function openDataset(path: string, options: OpenOptions = {}): Promise<Dataset> {
  if (!existsSync(path)) throw new AppError('usage.missingFile', { path })
  const checked = preprocessSchema.safeParse(options.preprocess ?? {})
  if (!checked.success)
    throw new AppError('data.preprocess', { problem: issueNote(checked.error.issues[0]?.message ?? '') })
  const { unreadable, ...preprocess } = checked.data
  try {
    return await openAs(path, preprocess, options)
  } catch (error) {
    const isPartly = unreadable === 'skip' && error instanceof AppError && error.code === 'data.unreadable'
    if (!isPartly || !Array.isArray(error.data.without)) throw error
    return openAs(path, { ...preprocess, without: [...(preprocess.without ?? []), ...error.data.without] }, options)
  }
}

async function openAs(path: string, preprocess: Preprocess, options: OpenOptions): Promise<Dataset> {
  const isFolder = statSync(path).isDirectory()
  const found = isFolder ? findInFolder(path, preprocess) : findFile(path, preprocess)
  const sha256 = options.sha256 ?? (await contentHash(path, isFolder, found.files, options.signal))
  const raw = await found.read({ ...options, preprocess })
  return dataset(path, sha256, raw, preprocess)
}

function findFile(path: string, preprocess: Preprocess): Found {
  const name = basename(path)
  const extension = extname(name).toLowerCase()
  const folder = dirname(path)
  if (name === labelsFile) return rawList(path)
  if (name === pairLabels || /^inputs_(int8|u8|f32)\.bin$/.test(name)) return findInFolder(folder, preprocess)
  if (extension === '.npz') return { files: [path], read: ({ nameHint }) => openNpz(path, nameHint) }
  if (extension === '.npy') return { files: [path], read: ({ nameHint }) => openNpy(path, nameHint) }
  if (extension === '.csv') return { files: [path], read: (options) => openCsv(path, options) }
  if (isIdxName(name)) return idx(path, false)
  return bySignature(path)
}

/** A file whose name says nothing. */
function bySignature(path: string): Found {
  const head = firstBytes(path, 8)
  if (head[0] === 0x50 && head[1] === 0x4b) return { files: [path], read: ({ nameHint }) => openNpz(path, nameHint) }
  if (head[0] === 0x93 && head[1] === 0x4e) return { files: [path], read: ({ nameHint }) => openNpy(path, nameHint) }
  if ((head[0] === 0x1f && head[1] === 0x8b) || (head[0] === 0 && head[1] === 0 && head.length === 8))
    return idx(path, false)
  throw new AppError('data.unknownFormat', { path, problem: say`neither its name nor its first bytes say what it is` })
}

/** The pictures or recordings of a folder, when that is what it is; null for every other data set. */
export function mediaIn(path: string, preprocess: Preprocess): Listing | null {
  if (!existsSync(path) || !statSync(path).isDirectory()) return null
  const isOther = existsSync(join(path, labelsFile)) || findRawPair(path) !== null || idxFilesIn(path).length > 0
  return isOther ? null : listMedia(path, preprocess)
}

function findInFolder(folder: string, preprocess: Preprocess): Found {
  if (existsSync(join(folder, labelsFile))) return rawList(join(folder, labelsFile))
  const pair = findRawPair(folder)
  if (pair) {
    const files = [join(folder, pair.inputs), join(folder, pairLabels)]
    return { files, read: ({ sample, nameHint }) => openRawPair(folder, sample, nameHint) }
  }
  if (idxFilesIn(folder).length > 0) return idx(folder, true)
  const listing = listMedia(folder, preprocess)
  if (listing) {
    const open = listing.kind === 'images' ? openImages : openSounds
    return { files: listing.sources, read: (options) => open(listing, options) }
  }
  return findTables(folder, preprocess)
}

/** A folder around one file, or around one array of samples and one of truth. */
function findTables(folder: string, preprocess: Preprocess): Found {
  const names = readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort()
  const tables = names.filter((name) => /\.(npz|npy|csv)$/i.test(name))
  const [first, second] = tables.map((name) => join(folder, name))
  if (first && tables.length === 1) return findFile(first, preprocess)
  if (first && second && tables.length === 2 && tables.every((name) => /\.npy$/i.test(name)))
    return { files: [first, second], read: ({ nameHint }) => openNpyPair([first, second], nameHint) }
  const kinds = [...new Set(names.map((name) => extname(name).toLowerCase() || name))].slice(0, 4).join(', ')
  const problem =
    names.length === 0
      ? say`the folder is empty`
      : tables.length > 1
        ? say`the folder holds ${tables.length} data sets (${tables.slice(0, 3).join(', ')})`
        : say`the folder holds only ${kinds}`
  throw new AppError('data.unknownFormat', { path: folder, problem })
}

const rawList = (list: string): Found => ({
  files: [list, ...listedFiles(list).samples],
  read: ({ sample, nameHint }) => openRawList(list, sample, nameHint),
})

function idx(path: string, isFolder: boolean): Found {
  const files = idxPairs(path, isFolder).flatMap(({ images, labels }) => (labels ? [images, labels] : [images]))
  return { files, read: ({ nameHint }) => openIdx(path, isFolder, nameHint) }
}

function firstBytes(path: string, count: number): Uint8Array {
  const file = openSync(path, 'r')
  try {
    const bytes = new Uint8Array(count)
    return bytes.subarray(0, readSync(file, bytes, 0, count, 0))
  } finally {
    closeSync(file)
  }
}

/** One file: SHA-256 of its bytes. Several: of their names, sizes and bytes in order. */
async function contentHash(
  path: string,
  isFolder: boolean,
  files: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256')
  const base = isFolder ? path : dirname(path)
  for (const file of files) {
    if (files.length > 1) hash.update(`${relative(base, file)}\n${statSync(file).size}\n`)
    for await (const chunk of createReadStream(file, { signal })) hash.update(chunk)
  }
  return hash.digest('hex')
}
