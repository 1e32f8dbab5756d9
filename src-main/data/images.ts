// A folder of pictures: one folder a class, and over these, when they are there, one a split (train, calibration, test).

import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import { decodeBmp, isBmp, type Pixels } from './bmp.ts'
import type { RawDataset, Splits } from './dataset.ts'
import { applyPreprocess, type Preprocess } from './preprocess.ts'
import { noTruth } from './truth.ts'

const extensions = new Set(['.png', '.jpg', '.jpeg', '.bmp'])
const splitNames: Readonly<Record<string, keyof Splits>> = {
  train: 'train',
  calibration: 'calibration',
  test: 'test',
}
/** Decoded pixels that are held at once. */
const maxBytes = 4 * 2 ** 30
/** Pixels of one picture; libvips refuses larger ones before it decodes them. */
const maxPixels = 64 * 2 ** 20

interface Picture {
  readonly path: string
  readonly className: string
  readonly split: keyof Splits | null
}

export function listPictures(folder: string): Picture[] {
  const top = foldersIn(folder)
  const isSplit =
    top.length > 0 && top.every((name) => Object.hasOwn(splitNames, name) && foldersIn(join(folder, name)).length > 0)
  if (!isSplit) return picturesIn(folder, null)
  return top.flatMap((name) => picturesIn(join(folder, name), splitNames[name]!))
}

const foldersIn = (folder: string) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((e) => e.isDirectory())
    .map((e) => e.name)
    .sort()

function picturesIn(folder: string, split: keyof Splits | null): Picture[] {
  return foldersIn(folder).flatMap((className) =>
    readdirSync(join(folder, className))
      .filter((name) => extensions.has(extname(name).toLowerCase()))
      .sort()
      .map((name) => ({ path: join(folder, className, name), className, split })),
  )
}

export interface ImageOptions {
  readonly preprocess: Preprocess
  readonly nameHint?: string
  readonly signal?: AbortSignal
}

export async function openImages(folder: string, options: ImageOptions): Promise<RawDataset> {
  const pictures = listPictures(folder)
  if (pictures.length === 0) throw new AppError('data.empty', { path: folder })
  const classNames = [...new Set(pictures.map((p) => p.className))].sort()
  const labels = Int32Array.from(pictures, (p) => classNames.indexOf(p.className))
  const { shape, data } = await decodeAll(pictures, options)
  const input = { name: options.nameHint ?? 'x', shape, dtype: 'u8' as const, pieces: [data] }
  return { format: 'images', inputs: [input], ...noTruth, labels, classNames, splits: splitsOf(pictures) }
}

function splitsOf(pictures: readonly Picture[]): Splits {
  const of = (split: keyof Splits) => {
    const indices = pictures.flatMap((p, i) => (p.split === split ? [i] : []))
    return indices.length > 0 ? Uint32Array.from(indices) : null
  }
  return { train: of('train'), calibration: of('calibration'), test: of('test') }
}

/** All pictures as bytes of one size. Pictures of several sizes need a `resize`, which is done here, before rounding. */
async function decodeAll(pictures: readonly Picture[], { preprocess, signal }: ImageOptions) {
  const { resize } = preprocess
  let shape: readonly number[] | null = null
  let data = new Uint8Array(0)
  for (const [i, { path }] of pictures.entries()) {
    signal?.throwIfAborted()
    const pixels = fitted(await decode(path), resize)
    const found = [pixels.height, pixels.width, pixels.channels]
    if (shape === null) {
      shape = found
      const bytes = pixels.data.length * pictures.length
      if (bytes > maxBytes)
        throw new AppError('data.malformed', { path, problem: say`the pictures need ${bytes} bytes decoded` })
      data = new Uint8Array(bytes)
    }
    if (found.join() !== shape.join())
      throw new AppError('data.shape', {
        found: `[${found}] (${path}) after [${shape}]`,
        expected: say`pictures of one size`,
      })
    data.set(pixels.data, i * pixels.data.length)
  }
  return { shape: shape!, data }
}

function fitted(pixels: Pixels, resize: readonly [number, number] | undefined): Pixels {
  const { width, height, channels } = pixels
  if (!resize || (resize[0] === height && resize[1] === width)) return pixels
  const real = applyPreprocess(Float32Array.from(pixels.data), [height, width, channels], { resize: [...resize] })
  return { height: resize[0], width: resize[1], channels, data: Uint8Array.from(real.data, Math.round) }
}

/** Three channels, whatever the file has. */
async function decode(path: string): Promise<Pixels> {
  const bytes = new Uint8Array(readFileSync(path))
  if (isBmp(bytes)) return decodeBmp(path, bytes)
  const { default: sharp } = await import('sharp')
  try {
    const picture = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error' }).removeAlpha().toColourspace('srgb')
    const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, channels: info.channels, data: new Uint8Array(data) }
  } catch (cause) {
    const problem = say`the picture cannot be decoded (${cause instanceof Error ? cause.message : say`unknown reason`})`
    throw new AppError('data.malformed', { path, problem }, { cause })
  }
}
