import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { jobId } from './ids.ts'
import { fileSourceInput } from './model.ts'

/** Weights alone, without loss: any ONNX, TFLite or npz into a container, and back bit for bit. */
export const encodingKind = z.enum(['encode', 'decode'])
export type EncodingKind = z.infer<typeof encodingKind>

const bytes = z.number().int().nonnegative()
const codedBytes = z.object({ name: z.string(), bytes })

export const codedTensor = z.object({
  name: z.string(),
  dtype: z.string(),
  shape: z.array(z.number().int()),
  originalBytes: bytes,
  encodedBytes: bytes,
  /** Codings and codecs in use; "raw" where nothing made it smaller. */
  codings: z.array(z.string()),
  /** Bytes under each that was tried. */
  trials: z.array(codedBytes),
})
export type CodedTensor = z.infer<typeof codedTensor>

export const encodedResult = z.object({
  job: jobId,
  kind: encodingKind,
  /** Of the file that was given. */
  name: z.string(),
  format: z.enum(['onnx', 'tflite', 'npz']),
  /** Of the model and the files beside it. */
  originalBytes: bytes,
  encodedBytes: bytes,
  /** Largest first; empty after decoding. */
  tensors: z.array(codedTensor),
  /** Tensors beyond those listed. */
  moreTensors: z.number().int().nonnegative(),
  /** What came out, to be read by number. The path is relative: files beside a model keep theirs. */
  files: z.array(z.object({ path: z.string(), bytes })).min(1),
  /** Of the original, or of the first file that came out of decoding. */
  sha256: z.string(),
  durationMs: z.number(),
  endedAt: z.string(),
})
export type EncodedResult = z.infer<typeof encodedResult>

/** A file of the user's, or the container that an earlier job made. */
export const encodingSource = z.union([fileSourceInput, z.object({ kind: z.literal('result'), job: jobId })])

export const encodingRequest = z.object({
  kind: encodingKind,
  source: encodingSource,
  /** Decoding only: the tensors by name instead of the file. */
  as: z.literal('npz').optional(),
})
export type EncodingRequest = z.infer<typeof encodingRequest>

/** Bytes that one read gives at most. */
export const maxReadBytes = 1 << 20

const base = oc.errors(appErrors)

export const encodingContract = {
  /** Gives the job to watch; when it is done its result is here under the same id. */
  start: base.input(encodingRequest).output(z.object({ job: jobId })),
  /** Jobs of this host that have not ended, oldest first. */
  open: base.output(z.array(jobId)),
  /** What is kept, newest first. */
  list: base.output(z.array(encodedResult)),
  get: base.input(z.object({ job: jobId })).output(encodedResult),
  /** Bytes of a file of the result from `offset` on. */
  read: base
    .input(z.object({ job: jobId, file: z.number().int().nonnegative(), offset: bytes }))
    .output(z.object({ data: z.instanceof(Blob) })),
  remove: base.input(z.object({ job: jobId })),
}
