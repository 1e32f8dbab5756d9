// What a user hands over, as local files: an upload, or a path where paths are allowed.
import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { z } from 'zod'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import type { fileSourceInput } from '../contract/model.ts'
import type { ServiceContext } from './context.ts'
import type { Uploads } from './uploads.ts'

export interface LocalInput extends AsyncDisposable {
  /** The file, or the folder, that was meant. */
  readonly path: string
  readonly name: string
}

export async function openInput(
  context: ServiceContext,
  uploads: Uploads,
  source: z.infer<typeof fileSourceInput>,
): Promise<LocalInput> {
  if (source.kind === 'path') {
    if (!context.pathsAllowed)
      throw new AppError('usage.invalid', { problem: say`Files must be uploaded to this host.` })
    const path = resolve(source.path)
    await stat(path).catch((cause) => {
      throw new AppError('usage.missingFile', { path: source.path }, { cause })
    })
    return { path, name: basename(path), async [Symbol.asyncDispose]() {} }
  }
  const { dir, paths } = uploads.complete(source.upload)
  const first = paths[0]!
  const top = first.split('/')[0]!
  // One file, or one dropped folder: that. Several loose files (a model with its weights, IDX files): the folder they are in.
  const single = paths.length === 1 || paths.every((path) => path.startsWith(`${top}/`))
  return {
    path: single ? join(dir, paths.length === 1 ? first : top) : dir,
    name: single ? basename(paths.length === 1 ? first : top) : nameOfLoose(paths),
    [Symbol.asyncDispose]: () => uploads.discard(source.upload),
  }
}

/** Loose files are called after the first of those that are not labels: the images of an IDX pair, the samples of raw files. */
export function nameOfLoose(paths: readonly string[]): string {
  const names = paths.map((path) => basename(path)).sort()
  const model = names.find((name) => /\.(onnx|tflite)$/i.test(name))
  if (model) return model
  const samples = names.filter((name) => !/label/i.test(name))
  const [first = 'files', ...more] = samples.length > 0 ? samples : names
  return more.length === 0 ? first : `${first} and ${more.length} more`
}
