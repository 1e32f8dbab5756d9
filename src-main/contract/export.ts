// Packs as C libraries for an application's own build.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { dataSetId, jobId, modelId, runId } from './ids.ts'

export const libraryFormat = z.enum(['c', 'arduino', 'zephyr', 'espidf'])
export type LibraryFormat = z.infer<typeof libraryFormat>

const bytes = z.number().int().nonnegative()

/** Measured from a build of the library that links what an application calls. */
export const librarySize = z.object({
  core: z.string(),
  /** Code and constants of the runtime, without the pack. */
  codeBytes: bytes,
  packBytes: bytes,
  flashBytes: bytes,
  /** Static RAM; the arena is the application's and comes on top. */
  ramBytes: bytes,
  compiler: z.string(),
})
export type LibrarySize = z.infer<typeof librarySize>

const base = oc.errors(appErrors)

export const exportContract = {
  /** The pack of a run as a library, in a zip archive. */
  library: base
    .input(z.object({ run: runId, as: libraryFormat, name: z.string().max(100).optional() }))
    .output(z.object({ fileName: z.string(), mediaType: z.string(), data: z.instanceof(Blob) })),
  /** The compressed graph of a run as ONNX, made again from its record; gives the job to watch. */
  graph: base.input(z.object({ run: runId })).output(z.object({ job: jobId })),
  /** Raw outputs of every sample, an npz: the model as it is, in ONNX Runtime on the host. Its files are read as those of a graph. */
  outputs: base.input(z.object({ model: modelId, data: dataSetId })).output(z.object({ job: jobId })),
  /** Of a job that is done: the model, and the weights beside it when they are too large for one file. */
  graphFiles: base.input(z.object({ job: jobId })).output(z.array(z.object({ name: z.string(), bytes }))),
  readGraph: base
    .input(z.object({ job: jobId, file: z.number().int().nonnegative(), offset: bytes }))
    .output(z.object({ data: z.instanceof(Blob) })),
  discardGraph: base.input(z.object({ job: jobId })),
}
