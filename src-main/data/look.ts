// A data set looked at without reading all of it: how many samples, their truth and splits, and single samples as the files
// have them. Of a folder only those files are decoded that are asked for; other formats are read whole.
import { AppError } from '../base/errors.ts'
import { elementsOf } from '../ir/tensor.ts'
import { type Dataset, type DatasetInput, splitsFor } from './dataset.ts'
import { decodePicture, sized } from './images.ts'
import type { Listing } from './media.ts'
import { mediaIn, type OpenOptions, openDataset } from './open.ts'
import { type Preparer, type Preprocess, preparer } from './preprocess.ts'
import { decodeSound, formed } from './sounds.ts'
import { inOrder } from './truth.ts'

export interface Look
  extends Pick<Dataset, 'format' | 'count' | 'labels' | 'targets' | 'classNames' | 'splits' | 'columns'> {
  readonly inputs: readonly DatasetInput[]
  /** Name of the file that a sample is; null when a file holds several. */
  file(index: number): string | null
  /** Of the first input, before the record is applied: a picture in its own size, a recording at its own rate. */
  stored(index: number): Promise<StoredSample>
  /** Of every input, for checks of the values; null where that would mean to decode a folder. */
  readonly read: Dataset['read'] | null
}

export interface StoredSample {
  readonly shape: readonly number[]
  readonly data: ArrayLike<number>
  /** The same sample as a model would get it. */
  prepared(): { readonly shape: readonly number[]; readonly data: Float32Array }
}

/** @param known sets that were read whole, for the caller to keep; @param sha256 of the set's content, when it is known */
export async function lookAt(
  path: string,
  preprocess: Preprocess,
  known: DatasetCache,
  sha256?: string,
): Promise<Look> {
  const listing = known.listing(path, preprocess)
  if (listing) return lookAtMedia(listing, preprocess)
  return lookAtWhole(await known.open(path, preprocess, sha256), preprocess)
}

async function lookAtMedia(listing: Listing, preprocess: Preprocess): Promise<Look> {
  const { kind, files } = listing
  const truth = inOrder(files[0]!.name, listing.truth, preprocess.classes)
  const read = kind === 'images' ? pictureReader(listing, preprocess) : soundReader(listing, preprocess)
  const first = await read(0)
  const rawShape = kind === 'images' ? [...(preprocess.resize ?? first.shape.slice(0, 2)), 3] : [first.formedLength]
  const shape = shapeOrRaw(rawShape, preprocess)
  const splits = splitsFor({ splits: listing.splits, labels: truth.labels }, files.length, preprocess)
  return {
    ...{ format: kind, count: files.length, labels: truth.labels, targets: null, classNames: truth.classNames },
    ...{ splits, columns: null, read: null },
    inputs: [{ name: 'x', shape, rawShape, dtype: kind === 'images' ? 'u8' : 'f32' }],
    file: (index) => files[index]?.name ?? null,
    stored: read,
  }
}

function shapeOrRaw(rawShape: readonly number[], preprocess: Preprocess): readonly number[] {
  try {
    return preparer(rawShape, preprocess).shape
  } catch (error) {
    if (error instanceof AppError) return rawShape
    throw error
  }
}

type MediaReader = (index: number) => Promise<StoredSample & { readonly formedLength: number }>

function pictureReader({ files }: Listing, preprocess: Preprocess): MediaReader {
  const prepare = preparedBy(preprocess)
  return async (index) => {
    const picture = await decodePicture(files[index]!)
    const { height, width, channels, data } = picture
    const prepared = () => {
      const to = sized(picture, preprocess)
      return prepare(Float32Array.from(to.data), [to.height, to.width, to.channels])
    }
    return { shape: [height, width, channels], data, prepared, formedLength: 0 }
  }
}

function soundReader({ files }: Listing, preprocess: Preprocess): MediaReader {
  const prepare = preparedBy(preprocess)
  return async (index) => {
    const sound = decodeSound(files[index]!)
    let wave: Float32Array | null = null
    const formedOnce = () => {
      wave ??= formed(sound, preprocess)
      return wave
    }
    const length = preprocess.length ?? formedOnce().length
    const record = { rate: sound.info.rate, ...preprocess }
    const prepared = () => (record.rate === preprocess.rate ? prepare : preparedBy(record))(formedOnce(), [length])
    return { shape: [sound.data.length], data: sound.data, prepared, formedLength: length }
  }
}

/** Samples of one shape share the work of finding out what to do with it. */
function preparedBy(preprocess: Preprocess) {
  const known = new Map<string, Preparer>()
  return (data: Float32Array, shape: readonly number[]) => {
    const key = shape.join()
    const found = known.get(key) ?? preparer(shape, preprocess)
    known.set(key, found)
    const out = new Float32Array(elementsOf(found.shape))
    found.write(data, out, 0)
    return { shape: found.shape, data: out }
  }
}

function lookAtWhole(stored: Dataset, preprocess: Preprocess): Look {
  const set = inOrder(stored.path, stored, preprocess.classes)
  const input = set.inputs[0]!
  const prepare = preparedBy(preprocess)
  return {
    ...{ format: set.format, count: set.count, labels: set.labels, targets: set.targets, classNames: set.classNames },
    ...{ splits: splitsFor(set, set.count, preprocess), columns: set.columns },
    inputs: set.inputs.map((each) => ({ ...each, shape: shapeOrRaw(each.rawShape, preprocess) })),
    file: () => null,
    read: set.read,
    async stored(index) {
      const data = set.read([index])[input.name]!
      return { shape: input.rawShape, data, prepared: () => prepare(data, input.rawShape) }
    },
  }
}

const mostListings = 4

/** For folders and files that do not change. Sets that were read whole stay until memory is wanted. Only what decides how a file is read tells them apart. */
export class DatasetCache {
  readonly #opened = new Map<string, WeakRef<Dataset>>()
  /** A screen asks several things of a set at once. */
  readonly #opening = new Map<string, Promise<Dataset>>()

  readonly #listings = new Map<string, Listing | null>()

  /** The last few folders: one of a hundred thousand files takes a while to go through. */
  listing(path: string, preprocess: Preprocess): Listing | null {
    const key = `${path} ${JSON.stringify(preprocess.without ?? [])}`
    const known = this.#listings.get(key)
    if (known !== undefined) return known
    const found = mediaIn(path, preprocess)
    this.#listings.set(key, found)
    for (const old of [...this.#listings.keys()].slice(0, -mostListings)) this.#listings.delete(old)
    return found
  }

  open(path: string, { target, missing, without }: Preprocess, sha256?: string): Promise<Dataset> {
    const reading: Preprocess = {
      ...(target === undefined ? {} : { target }),
      ...(missing === undefined ? {} : { missing }),
      ...(without === undefined ? {} : { without }),
    }
    const key = `${path} ${JSON.stringify(reading)}`
    const known = this.#opened.get(key)?.deref()
    if (known) return Promise.resolve(known)
    const pending = this.#opening.get(key) ?? this.#read(key, path, { preprocess: reading, sha256 })
    this.#opening.set(key, pending)
    return pending
  }

  async #read(key: string, path: string, options: OpenOptions): Promise<Dataset> {
    try {
      const opened = await openDataset(path, options)
      this.#opened.set(key, new WeakRef(opened))
      return opened
    } finally {
      this.#opening.delete(key)
    }
  }
}
