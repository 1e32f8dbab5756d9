// Pictures out of a folder (media.ts), decoded to bytes of one size. Pictures of several sizes are brought to the size of the
// record, or to the one that most of them have.
import { readFileSync } from 'node:fs'
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import { fileSource } from '../base/source.ts'
import { bmpHeadBytes, bmpSize, decodeBmp, isBmp, type Pixels } from './bmp.ts'
import type { RawDataset } from './dataset.ts'
import { assertHeld, type Listing, type MediaFile, mostBytes, mostFrequent, readAll } from './media.ts'
import type { Preprocess } from './preprocess.ts'
import { resizeImage } from './resize.ts'

/** Loaded when there are pictures to decode. */
type Sharp = typeof import('sharp')['default']

/** Pixels of one picture; libvips refuses larger ones before it decodes them. */
const maxPixels = 64 * 2 ** 20

export interface MediaOptions {
  readonly preprocess: Preprocess
  readonly nameHint?: string
  readonly signal?: AbortSignal
}

interface Size {
  readonly width: number
  readonly height: number
}

export async function openImages(
  listing: Listing,
  { preprocess, nameHint, signal }: MediaOptions,
): Promise<RawDataset> {
  const { files, truth, splits, notes } = listing
  const sizes: Size[] = []
  const measured = readAll(files, async (file) => sizes.push(await sizeOf(file)), signal)
  // Sizes stand in the first bytes: what is broken further on is told with the rest.
  await measured.catch(async (error) => {
    await readAll(files, decodePicture, signal)
    throw error
  })
  const { resize, note } = commonSize(sizes, preprocess)
  const [height, width] = resize ?? [sizes[0]!.height, sizes[0]!.width]
  const sampleBytes = height * width * 3
  assertHeld(files[0]!.path, sampleBytes * files.length)
  const data = new Uint8Array(sampleBytes * files.length)
  const prepared = { ...preprocess, ...(resize ? { resize } : {}) }
  await readAll(
    files,
    async (file, i) => data.set(sized(await decodePicture(file), prepared).data, i * sampleBytes),
    signal,
  )
  const input = { name: nameHint ?? 'x', shape: [height, width, 3], dtype: 'u8' as const, pieces: [data] }
  return {
    ...{ format: 'images', inputs: [input], ...truth, splits, preprocess: prepared },
    notes: note ? [note, ...notes] : notes,
  }
}

export function commonSize(
  sizes: readonly Size[],
  { resize }: Preprocess,
): { resize?: [number, number]; note: Note | null } {
  const text = ({ width, height }: Size) => `${height} × ${width}`
  const area = ({ width, height }: Size) => width * height
  const different = new Set(sizes.map(text)).size
  const common = mostFrequent(sizes, area, text)
  const taken = resize ?? held(common, sizes.length)
  const isAsItIs = taken[0] === common.height && taken[1] === common.width
  if (different === 1 && (resize || isAsItIs)) return { ...(resize ? { resize } : {}), note: null }
  if (different === 1)
    return {
      resize: taken,
      note: say`At ${text(common)} the pictures do not fit into memory together. All are brought to ${taken.join(' × ')}.`,
    }
  const sorted = sizes.toSorted((a, b) => area(a) - area(b))
  const [smallest, largest] = [text(sorted[0]!), text(sorted.at(-1)!)]
  const note = say`The pictures have ${different} sizes, from ${smallest} to ${largest}. All are brought to ${taken.join(' × ')}.`
  return { resize: taken, note }
}

/** What photographs out of a camera take together when they were made smaller for it. */
const reducedBytes = 2 ** 29

/** The size itself, or one of the same proportions at which so many can be held at once. */
function held({ width, height }: Size, count: number): [number, number] {
  const bytes = width * height * 3 * count
  if (bytes <= mostBytes) return [height, width]
  const factor = Math.sqrt(reducedBytes / bytes)
  return [Math.max(1, Math.floor(height * factor)), Math.max(1, Math.floor(width * factor))]
}

/** A picture at the size of the record, rounded back to bytes; as it is without one. */
export function sized(pixels: Pixels, { resize, resizeMode }: Preprocess): Pixels {
  const { width, height, channels, data } = pixels
  if (!resize || (resize[0] === height && resize[1] === width)) return pixels
  const from = { height, width, channels, layout: 'nhwc' as const }
  const real = resizeImage(data, from, { ...from, height: resize[0], width: resize[1] }, resizeMode)
  return { height: resize[0], width: resize[1], channels, data: Uint8Array.from(real, Math.round) }
}

/** Without decoding it. A picture that a camera took on its side has the sizes that it is looked at with. */
async function sizeOf(file: MediaFile): Promise<Size> {
  const { head, size } = headOf(file.path)
  if (isBmp(head)) return bmpSize(file.path, head, size)
  return decoding(file, async (sharp) => {
    const { width, height, autoOrient } = await sharp(file.path, { limitInputPixels: maxPixels }).metadata()
    return autoOrient ?? { width, height }
  })
}

function headOf(path: string): { head: Uint8Array; size: number } {
  const source = fileSource(path)
  try {
    return { head: source.read(0, bmpHeadBytes), size: source.size }
  } finally {
    source.close()
  }
}

/** Three channels, whatever the file has, upright as its EXIF orientation says. */
export async function decodePicture(file: MediaFile): Promise<Pixels> {
  const bytes = new Uint8Array(readFileSync(file.path))
  if (isBmp(bytes)) return decodeBmp(file.path, bytes)
  return decoding(file, async (sharp) => {
    const picture = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error' })
    const colours = picture.autoOrient().removeAlpha().toColourspace('srgb')
    const { data, info } = await colours.raw().toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, channels: info.channels, data: new Uint8Array(data) }
  })
}

async function decoding<T>({ path }: MediaFile, decode: (sharp: Sharp) => Promise<T>): Promise<T> {
  const { default: sharp } = await import('sharp')
  // A file in its cache stays open, and Windows deletes none that is.
  sharp.cache(false)
  try {
    return await decode(sharp)
  } catch (cause) {
    const problem = say`the picture cannot be decoded (${cause instanceof Error ? cause.message : say`unknown reason`})`
    throw new AppError('data.malformed', { path, problem }, { cause })
  }
}
