// What compression does to the layers of a model, found before a recipe is chosen, and where two versions of it part.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { dataSetId, deviceId, jobId, modelId } from './ids.ts'
import { note } from './note.ts'
import { figureKind } from './report.ts'

const errorFigures = z.object({
  /** 10 log10(signal / error); null when there is no error. */
  sqnrDb: z.number().nullable(),
  cosine: z.number(),
  maxAbs: z.number(),
})

/** Of the weights of one layer, and of its operator. */
export const footprint = z.object({
  bytes: z.number(),
  codec: z.string(),
  mode: z.enum(['direct', 'streamed', 'resident']),
  cycles: z.number().nullable(),
})

export const sensitivityCell = z.object({
  method: z.string(),
  weights: errorFigures,
  /** What the layer gives, its input being the float network's. */
  layerOutput: errorFigures,
  /** What the network gives when this layer alone is changed. */
  output: errorFigures,
  /** Kullback-Leibler divergence of the class probabilities from float, nats a sample. */
  kl: z.number().nullable(),
  agreement: z.number().nullable(),
  accuracy: z.number().nullable(),
  /** Percentage points below float on the same samples. */
  accuracyDrop: z.number().nullable(),
  footprint: footprint.nullable(),
})
export type SensitivityCell = z.infer<typeof sensitivityCell>

export const layerSensitivity = z.object({
  node: z.string(),
  op: z.string(),
  weights: z.string(),
  elements: z.number().int(),
  macs: z.number(),
  int8: footprint.nullable(),
  cells: z.array(sensitivityCell),
})
export type LayerSensitivity = z.infer<typeof layerSensitivity>

/** How good estimated times are. */
export const costBasis = z.object({
  coreClass: z.string(),
  /** false: the nearest class of cores that was profiled stands for this one. */
  isExact: z.boolean(),
  counter: z.enum(['cycles', 'instructions']),
  /** Taken for an instruction, where those were counted. */
  cyclesPerInstruction: z.number(),
  medianPercent: z.number(),
  worstPercent: z.number(),
  models: z.number().int(),
  profiles: z.number().int(),
})
export type CostBasis = z.infer<typeof costBasis>

export const sensitivity = z.object({
  schemaVersion: z.literal(1),
  createdAt: z.string(),
  model: z.object({ name: z.string(), sha256: z.string() }),
  data: z.object({ name: z.string(), sha256: z.string(), samples: z.number().int() }),
  seed: z.number().int(),
  device: z.object({ id: z.string(), name: z.string(), core: z.string() }),
  /** Of the cycles of plain int8; what a method adds is always estimated. */
  cyclesKind: figureKind,
  cost: costBasis,
  /** Float, on the same samples; 0 to 1. */
  originalAccuracy: z.number().nullable(),
  methods: z.array(z.object({ name: z.string(), title: note, description: note })),
  layers: z.array(layerSensitivity),
  notes: z.array(note),
  durationMs: z.number(),
})
export type Sensitivity = z.infer<typeof sensitivity>

export const sensitivityRequest = z.object({
  model: modelId,
  data: dataSetId,
  calibration: dataSetId.optional(),
  /** Samples that are run; 256 when left out. */
  samples: z.number().int().min(8).max(100_000).optional(),
  /** By name; all when left out. */
  methods: z.array(z.string()).optional(),
  /** Whose time counts; pico when left out. */
  device: deviceId.optional(),
  seed: z.number().int().nonnegative().optional(),
  /** Also when there is a stored result. */
  again: z.boolean().optional(),
})
export type SensitivityRequest = z.infer<typeof sensitivityRequest>

/** One value of a network in two versions of it. */
export const divergenceRow = z.object({
  /** Value as the first and as the second version name it. */
  name: z.string(),
  otherName: z.string(),
  /** Operators that make it. */
  op: z.string(),
  otherOp: z.string(),
  /** Whether names agree, or only order, operator and size. */
  alignedBy: z.enum(['name', 'position']),
  elements: z.number().int(),
  sqnrDb: z.number().nullable(),
  cosine: z.number(),
  maxAbs: z.number(),
})
export type DivergenceRow = z.infer<typeof divergenceRow>

export const divergence = z.object({
  first: z.string(),
  second: z.string(),
  samples: z.number().int(),
  thresholdDb: z.number(),
  rows: z.array(divergenceRow),
  /** Index into rows of the first below the threshold; null when there is none. */
  firstBelow: z.number().int().nullable(),
  /** Values of either version that the other has not. */
  unmatched: z.object({ first: z.array(z.string()), second: z.array(z.string()) }),
  notes: z.array(note),
})
export type Divergence = z.infer<typeof divergence>

/** A model as it is, or as a recipe leaves it. */
const version = z.object({
  model: modelId,
  /** A preset's name or a recipe; left out, as imported. */
  recipe: z.string().optional(),
  /** `host` is ONNX Runtime; a device runs the pack. */
  on: z.union([z.literal('host'), deviceId]),
})
export type ModelVersion = z.infer<typeof version>

export const divergenceRequest = z.object({
  first: version,
  second: version,
  data: dataSetId,
  samples: z.number().int().min(1).max(1000).optional(),
  thresholdDb: z.number().optional(),
  seed: z.number().int().nonnegative().optional(),
})
export type DivergenceRequest = z.infer<typeof divergenceRequest>

const base = oc.errors(appErrors)

export const analysisContract = {
  /** The stored result, or the job that finds it; a result that is there already gives no job. */
  start: base.input(sensitivityRequest).output(z.object({ job: jobId.nullable() })),
  /** The job that finds it now, to be followed again after a reload; null when there is none. */
  running: base.input(z.object({ model: modelId })).output(z.object({ job: jobId.nullable() })),
  /** The newest stored result for the model, with this data and this device where they are given. */
  sensitivity: base
    .input(z.object({ model: modelId, data: dataSetId.optional(), device: deviceId.optional() }))
    .output(sensitivity.nullable()),
  divergence: base.input(divergenceRequest).output(divergence),
}
