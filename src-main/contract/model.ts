import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { costBasis } from './analysis.ts'
import { appErrors } from './error.ts'
import { modelId, projectId, uploadId } from './ids.ts'
import { note } from './note.ts'
import { figureKind } from './report.ts'

export const port = z.object({
  name: z.string(),
  dtype: z.string(),
  /** A string is a symbolic size (the batch). */
  shape: z.array(z.union([z.number(), z.string()])).nullable(),
})

export const model = z.object({
  id: modelId,
  name: z.string(),
  format: z.enum(['onnx', 'tflite']),
  sha256: z.string(),
  bytes: z.number().int(),
  parameters: z.number().int(),
  macs: z.number(),
  quantized: z.boolean(),
  inputs: z.array(port),
  outputs: z.array(port),
  addedAt: z.string(),
})
export type Model = z.infer<typeof model>

export const layer = z.object({
  node: z.string(),
  op: z.string(),
  outputShape: z.array(z.union([z.number(), z.string()])).nullable(),
  parameters: z.number().int(),
  weightBytes: z.number().int(),
  macs: z.number(),
  /** Smallest and largest weight; null without weights. */
  range: z.tuple([z.number(), z.number()]).nullable(),
  /** null when it lowers to a microcontroller, else why not and what helps. */
  refusal: note.nullable(),
})

export const deployability = z.object({
  device: z.string(),
  name: z.string(),
  fits: z.boolean().nullable(),
  /** Everything together, as the totals of a run; null when there is no pack. */
  flashBytes: z.number().nullable(),
  ramBytes: z.number().nullable(),
  latencyMs: z.number().nullable(),
  /** Counted where this device has run the model, else estimated. */
  latencyKind: figureKind,
  /** How good estimated latencies are; null without a pack. */
  cost: costBasis.nullable(),
  flash: z
    .object({
      packBytes: z.number(),
      /** Agent and runtime. */
      codeBytes: z.number(),
      /** exact: of the image for this board. estimated: of one for another board. */
      codeKind: z.enum(['exact', 'estimated']),
      /** For both together: the memory, or less where the place for a pack is smaller than what the code leaves. */
      availableBytes: z.number().nullable(),
    })
    .nullable(),
  ram: z
    .object({
      arenaBytes: z.number(),
      /** Kept inputs and counters. */
      inputBytes: z.number(),
      stackBytes: z.number(),
      staticBytes: z.number(),
      /** The stack's and the static RAM's. */
      agentKind: figureKind,
      /** A pack that lies in RAM, for want of flash. */
      packBytes: z.number(),
      availableBytes: z.number().nullable(),
    })
    .nullable(),
  problem: note.nullable(),
})
export type Deployability = z.infer<typeof deployability>

/** One weight tensor as integers, and what each codec makes of it. */
export const weightFacts = z.object({
  tensor: z.string(),
  node: z.string(),
  op: z.string(),
  /** Output channels first. */
  shape: z.array(z.number().int()),
  elements: z.number().int(),
  /** Zero-order entropy, bits a weight. */
  entropyBits: z.number(),
  /** Share of zeros, 0 to 1. */
  sparsity: z.number(),
  /** Distinct values. */
  distinct: z.number().int(),
  best: z.string(),
  /** Payload and table; null where the codec cannot hold these values. */
  codecs: z.array(z.object({ codec: z.string(), bytes: z.number().int().nullable() })),
})
export type WeightFacts = z.infer<typeof weightFacts>

/** What the file itself says: there as soon as it has been read. */
export const modelOutline = z.object({
  model: model.omit({ id: true, addedAt: true }),
  producer: z.string(),
  opset: z.number().nullable(),
  layers: z.array(layer),
  operators: z.record(z.string(), z.number().int()),
  warnings: z.array(note),
})
export type ModelOutline = z.infer<typeof modelOutline>

/** What takes a while to find. */
export const modelEstimates = z.object({
  /** Of the model's own integers, or of those that the int8 recipe gives; empty when it cannot be quantised. */
  weights: z.array(weightFacts),
  /** Estimated for an int8 pack; nothing has been run. */
  devices: z.array(deployability),
  /** How far these can be trusted. */
  notes: z.array(note),
})
export type ModelEstimates = z.infer<typeof modelEstimates>

export const analysis = modelOutline.extend(modelEstimates.omit({ notes: true }).shape)
export type Analysis = z.infer<typeof analysis>

/** Where a file comes from: uploaded through the contract, or a path on the machine of the host. */
export const fileSourceInput = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('upload'), upload: uploadId }),
  z.object({ kind: z.literal('path'), path: z.string().min(1) }),
])

const base = oc.errors(appErrors)

export const modelsContract = {
  list: base.output(z.array(model)),
  get: base.input(z.object({ id: modelId })).output(model),
  /** Adds a file; the same file again gives the same model. With a project it becomes that project's model. */
  add: base.input(z.object({ source: fileSourceInput, project: projectId.optional() })).output(model),
  outline: base.input(z.object({ id: modelId })).output(modelOutline),
  analyze: base.input(z.object({ id: modelId })).output(analysis),
  /** How far the estimates are, 0 to 1, and at the end what they are. */
  watchEstimates: base
    .input(z.object({ id: modelId }))
    .output(eventIterator(z.object({ fraction: z.number(), estimates: modelEstimates.nullable() }))),
  /** Its weights as integers, an npz with one int8 array a tensor; refused when it has none. */
  integers: base
    .input(z.object({ id: modelId }))
    .output(z.object({ fileName: z.string(), mediaType: z.string(), data: z.instanceof(Blob) })),
  remove: base.input(z.object({ id: modelId })),
}
