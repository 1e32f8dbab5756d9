// Packs without the run they came from: a `.shoe` that someone sent, or that of a run, put on any device and measured there.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { libraryFormat } from './export.ts'
import { dataSetId, deviceId, jobId, packId, runId } from './ids.ts'
import { fileSourceInput } from './model.ts'
import { encodingGoal, quality, runReport } from './report.ts'

const bytes = z.number().int().nonnegative()
const port = z.object({ name: z.string(), shape: z.array(z.number().int()) })

/** What a pack says of itself. */
export const packFacts = z.object({
  id: packId,
  /** Of the file. */
  name: z.string(),
  bytes,
  addedAt: z.string(),
  modelName: z.string(),
  modelSha256: z.string(),
  recipeSha256: z.string(),
  /** Version of Shoehorn that wrote it. */
  producer: z.string(),
  inputs: z.array(port),
  outputs: z.array(port),
  operators: z.number().int(),
  kinds: z.array(z.string()),
  /** Of coded weights; empty when all are plain int8. */
  codecs: z.array(z.string()),
  arenaBytes: bytes,
  weightsBytes: bytes,
})
export type PackFacts = z.infer<typeof packFacts>

/**
 * deploy: only put there. bench: latency, operators, memory. validate: those, and accuracy and bit-exactness over data. infer: the
 * raw outputs of every sample, as that device gave them.
 */
const packTask = z.enum(['deploy', 'bench', 'validate', 'infer'])
export type PackTask = z.infer<typeof packTask>

/** Against the integers that another runtime gave for the same samples. */
const expectedOutputs = z.object({
  samples: z.number().int(),
  equal: z.number().int(),
  /** Index of the first sample that differs; null when none does. */
  firstDifferent: z.number().int().nullable(),
})
export type ExpectedOutputs = z.infer<typeof expectedOutputs>

const packRequest = z.object({
  pack: packId,
  task: packTask,
  device: deviceId,
  /** For validate and infer. */
  data: dataSetId.optional(),
  /** Samples to use; left out, all. */
  limit: z.number().int().positive().optional(),
  deviceSamples: z.number().int().positive().optional(),
  /** For validate: a file of int8, one row a sample, that the first output must equal. */
  expect: fileSourceInput.optional(),
  warmup: z.number().int().nonnegative().max(1000).default(1),
  runs: z.number().int().positive().max(10_000).default(10),
})
export type PackRequest = z.infer<typeof packRequest>

const repackRequest = z.object({
  id: packId,
  encoding: encodingGoal,
  /** Whose memories and core it is chosen for; left out, any. */
  device: deviceId.optional(),
})
export type RepackRequest = z.infer<typeof repackRequest>

const deployment = z.object({
  slot: z.number().int(),
  slotKind: z.enum(['ram', 'flash']),
  /** False when the device held the pack already. */
  uploaded: z.boolean(),
  arenaBytes: bytes,
})

/** A report on a pack alone: what needs the original is absent. */
export const packMeasures = runReport
  .pick({ device: true, flash: true, ram: true, latency: true, operators: true, bitExact: true, memoryMap: true })
  .extend({
    /** Over the data, by the device and by its twin; null without data. */
    quality: z.object({ device: quality.nullable(), twin: quality.nullable() }),
    /** Absent when no file said what to expect. */
    expected: expectedOutputs.optional(),
    durationMs: z.number(),
  })

export const packResult = z.object({
  job: jobId,
  pack: packId,
  task: packTask,
  endedAt: z.string(),
  deviceName: z.string(),
  dataName: z.string().nullable(),
  deployment: deployment.nullable(),
  measures: packMeasures.nullable(),
  /** Of infer, to be read as an npz. */
  outputs: z.object({ bytes, tensors: z.array(port.extend({ dtype: z.enum(['int8', 'float32']) })) }).nullable(),
})
export type PackResult = z.infer<typeof packResult>

const file = z.object({ fileName: z.string(), mediaType: z.string(), data: z.instanceof(Blob) })
const base = oc.errors(appErrors)

export const packsContract = {
  list: base.output(z.array(packFacts)),
  get: base.input(z.object({ id: packId })).output(packFacts),
  /** The same file again is the same pack. */
  add: base
    .input(z.object({ source: z.union([fileSourceInput, z.object({ kind: z.literal('run'), run: runId })]) }))
    .output(packFacts),
  /** The same integers stored otherwise, as a pack of its own; the same pack when not a byte changes. */
  repack: base.input(repackRequest).output(packFacts),
  /** With what was measured of it. */
  remove: base.input(z.object({ id: packId })),
  file: base.input(z.object({ id: packId })).output(file),
  library: base.input(z.object({ id: packId, as: libraryFormat, name: z.string().max(100).optional() })).output(file),
  /** Gives the job to watch; when it is done its result is among those of the pack. */
  start: base.input(packRequest).output(z.object({ job: jobId })),
  /** Newest first. */
  results: base.input(z.object({ id: packId })).output(z.array(packResult)),
  outputs: base.input(z.object({ id: packId, job: jobId })).output(file),
}
