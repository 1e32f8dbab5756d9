// What a user hands over, as local files: an upload, or a path where paths are allowed.
import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { z } from 'zod'
import { AppError } from '../base/errors.ts'
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
    if (!context.pathsAllowed) throw new AppError('usage.invalid', { problem: 'Files must be uploaded to this host.' })
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
    name: single ? basename(paths.length === 1 ? first : top) : 'files',
    [Symbol.asyncDispose]: () => uploads.discard(source.upload),
  }
}
