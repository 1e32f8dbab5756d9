// How the values inside a network are distributed over samples: in the model as imported, and in the pack of a run.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { dataSetId, jobId, modelId, runId } from './ids.ts'
import { distribution } from './model-graph.ts'

/** The int8 values of a pack as the real numbers that they stand for. */
const packedActivation = distribution.extend({
  /** As the pack names it. */
  name: z.string(),
  /** Whether names agree, or only order, operator and size. */
  alignedBy: z.enum(['name', 'position']),
  /** real = scale * (q - zeroPoint) */
  scale: z.number(),
  zeroPoint: z.number().int(),
  /** Ends of the int8 grid as real numbers. */
  gridLow: z.number(),
  gridHigh: z.number(),
  /** Share of the model's values that no point of the grid is within half a step of, 0 to 1. */
  clipped: z.number(),
  /** 10 log10(signal power / error power) against the model; null when there is no error. */
  sqnrDb: z.number().nullable(),
  cosine: z.number(),
  maxAbs: z.number(),
})

export const activation = z.object({
  tensor: z.string(),
  /** Who makes it; null: an input of the model. */
  node: z.string().nullable(),
  op: z.string(),
  /** Of the outermost bins of both. */
  low: z.number(),
  high: z.number(),
  before: distribution,
  after: packedActivation.nullable(),
  /** The value whose operator took this one in, where the pack does not have it. */
  partOf: z.string().nullable(),
})
export type Activation = z.infer<typeof activation>

export const activations = z.object({
  schemaVersion: z.literal(1),
  createdAt: z.string(),
  model: z.object({ name: z.string(), sha256: z.string() }),
  /** Samples that were run: a seeded choice. */
  data: z.object({ name: z.string(), sha256: z.string(), samples: z.number().int() }),
  seed: z.number().int(),
  /** Whose pack ran, on the twin, which gives a device's integers bit for bit. */
  pack: z.object({ run: runId, sha256: z.string(), recipe: z.string() }).nullable(),
  tensors: z.array(activation),
  durationMs: z.number(),
})
export type Activations = z.infer<typeof activations>

const activationsRequest = z.object({
  model: modelId,
  data: dataSetId,
  /** Of this model; left out, the model alone. */
  run: runId.optional(),
  /** 64 when left out. */
  samples: z.number().int().min(1).max(1024).optional(),
  seed: z.number().int().nonnegative().optional(),
})
export type ActivationsRequest = z.infer<typeof activationsRequest>

const base = oc.errors(appErrors)

export const activationsContract = {
  /** The job that observes them; none when they are stored already. */
  start: base.input(activationsRequest).output(z.object({ job: jobId.nullable() })),
  /** What is stored for exactly this question. */
  find: base.input(activationsRequest).output(activations.nullable()),
  /** The job that observes them now, to be followed again after a reload. */
  running: base.input(activationsRequest).output(z.object({ job: jobId.nullable() })),
}
