import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { uploadId } from './ids.ts'

/** Where there is only the contract's own transport, files come in chunks. */
export const maxChunkBytes = 1 << 20

/** Of the addresses that take a whole upload. */
export const uploadFolder = '/upload/'

const base = oc.errors(appErrors)

export const uploadsContract = {
  /** Several files (a folder of images) have relative paths with forward slashes. */
  begin: base
    .input(
      z.object({
        files: z
          .array(z.object({ path: z.string().min(1).max(1024), bytes: z.number().int().nonnegative() }))
          .min(1)
          .max(200_000),
      }),
    )
    .output(
      z.object({
        id: uploadId,
        /** Takes all files in one PUT, one behind the other as declared; null: they come in chunks. */
        address: z.string().nullable(),
      }),
    ),
  chunk: base.input(
    z.object({
      id: uploadId,
      file: z.number().int().nonnegative(),
      offset: z.number().int().nonnegative(),
      data: z.instanceof(Blob),
    }),
  ),
  cancel: base.input(z.object({ id: uploadId })),
}
