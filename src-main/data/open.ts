// Finds out what kind of data set a path is, reads it and puts the preprocessing on top.
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, existsSync, openSync, readSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, relative } from 'node:path'
import { AppError } from '../base/errors.ts'
import { openCsv } from './csv.ts'
import { type Dataset, dataset, type RawDataset } from './dataset.ts'
import { idxFilesIn, idxPairs, isIdxName, openIdx } from './idx.ts'
import { listPictures, openImages } from './images.ts'
import { openNpy, openNpz } from './npz.ts'
import { type Preprocess, preprocessSchema } from './preprocess.ts'
import { findRawPair, labelsFile, listedFiles, openRawList, openRawPair, pairLabels, type SampleType } from './raw.ts'

export interface OpenOptions {
  readonly preprocess?: Preprocess
  /** Name of the single input, usually the model's. */
  readonly nameHint?: string
  /** How to read raw .bin samples: the type, shape and quantisation of the model's input. */
  readonly sample?: SampleType
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
    throw new AppError('data.preprocess', { problem: checked.error.issues[0]?.message ?? 'it is not valid' })
  const preprocess = checked.data
  const isFolder = statSync(path).isDirectory()
  const found = isFolder ? findInFolder(path) : findFile(path)
  const sha256 = await contentHash(path, isFolder, found.files, options.signal)
  const raw = await found.read({ ...options, preprocess })
  return dataset(path, sha256, raw, preprocess)
}

function findFile(path: string): Found {
  const name = basename(path)
  const extension = extname(name).toLowerCase()
  const folder = dirname(path)
  if (name === labelsFile) return rawList(path)
  if (name === pairLabels || /^inputs_(int8|u8|f32)\.bin$/.test(name)) return findInFolder(folder)
  if (extension === '.npz') return { files: [path], read: ({ nameHint }) => openNpz(path, nameHint) }
  if (extension === '.npy') return { files: [path], read: ({ nameHint }) => openNpy(path, nameHint) }
  if (extension === '.csv') return { files: [path], read: ({ nameHint }) => openCsv(path, nameHint) }
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
  throw new AppError('data.unknownFormat', { path, problem: 'neither its name nor its first bytes say what it is' })
}

function findInFolder(folder: string): Found {
  if (existsSync(join(folder, labelsFile))) return rawList(join(folder, labelsFile))
  const pair = findRawPair(folder)
  if (pair) {
    const files = [join(folder, pair.inputs), join(folder, pairLabels)]
    return { files, read: ({ sample, nameHint }) => openRawPair(folder, sample, nameHint) }
  }
  if (idxFilesIn(folder).length > 0) return idx(folder, true)
  const pictures = listPictures(folder)
  if (pictures.length > 0) return { files: pictures.map((p) => p.path), read: (options) => openImages(folder, options) }
  throw new AppError('data.unknownFormat', { path: folder, problem: 'the folder holds no known files' })
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
