// What one run measured: the record that is stored, shown, compared and exported, and what `--json` prints.
import { z } from 'zod'
import { note } from './note.ts'

/** measured: on hardware. simulated: counted on an emulator. estimated: computed by the cost model. */
export const figureKind = z.enum(['measured', 'simulated', 'estimated'])
export type FigureKind = z.infer<typeof figureKind>

const bytes = z.number().int().nonnegative()

export const classificationQuality = z.object({
  task: z.literal('classification'),
  n: z.number().int(),
  /** 0 to 1. */
  top1: z.number(),
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  f1PerClass: z.array(z.number()),
  auc: z.number().nullable(),
  /** [truth][prediction] counts. */
  confusion: z.array(z.array(z.number().int())),
})
export const regressionQuality = z.object({
  task: z.literal('regression'),
  n: z.number().int(),
  rmse: z.number(),
  mae: z.number(),
})
/** No labels: only how far the outputs are from the original's. */
export const unlabelledQuality = z.object({ task: z.literal('unlabelled'), n: z.number().int() })
export const quality = z.discriminatedUnion('task', [classificationQuality, regressionQuality, unlabelledQuality])
export type Quality = z.infer<typeof quality>

/** One model's outputs against another's, over all output elements. */
export const crossQuality = z.object({
  n: z.number().int(),
  /** Share of samples with the same arg max, 0 to 1; null when the output is not a vector of scores. */
  agreement: z.number().nullable(),
  rmse: z.number(),
  mae: z.number(),
  /** Relative L2 error. */
  l2r: z.number(),
  cosine: z.number(),
  sqnrDb: z.number().nullable(),
  maxAbs: z.number(),
})
export type CrossQuality = z.infer<typeof crossQuality>

export const latency = z.object({
  kind: figureKind,
  /** What cyclesMedian counts: core cycles, executed instructions, or ticks of a timer. */
  counter: z.enum(['cycles', 'instructions', 'ticks']),
  clockHz: z.number(),
  /** An emulator that counts instructions: the cycles each is taken to last in min to std; null where cycles were counted. */
  cyclesPerInstruction: z.number().nullable(),
  /** The unit of min to std: microseconds. */
  unitUs: z.literal(1),
  min: z.number(),
  median: z.number(),
  mean: z.number(),
  max: z.number(),
  std: z.number(),
  n: z.number().int(),
  cyclesMedian: z.number(),
  warmup: z.number().int(),
})
export type Latency = z.infer<typeof latency>

export const operatorFigure = z.object({
  name: z.string(),
  op: z.string(),
  kernel: z.string(),
  macs: z.number(),
  cycles: z.number(),
})
export type OperatorFigure = z.infer<typeof operatorFigure>

export const budgetName = z.enum(['flashBytes', 'ramBytes', 'latencyMs', 'energyUj', 'accuracyDrop'])
export type BudgetName = z.infer<typeof budgetName>
export const budgets = z.partialRecord(budgetName, z.number().nonnegative())
export type Budgets = z.infer<typeof budgets>

export const budgetResult = z.object({
  budget: budgetName,
  limit: z.number(),
  /** null: not measured (energy without a meter, accuracy without labels). */
  value: z.number().nullable(),
  met: z.boolean().nullable(),
})

export const recipeStep = z.object({ pass: z.string(), params: z.record(z.string(), z.unknown()) })
export const recipe = z.object({ name: z.string(), seed: z.number().int(), passes: z.array(recipeStep) })
export type RecipeRecord = z.infer<typeof recipe>

/**
 * What the packer is asked for, within the budgets: `auto` codes weights only when plain int8 misses the flash budget, `smallest`
 * takes the least flash, `streamed` the least flash without RAM for whole tensors, `fastest` the least time.
 */
export const encodingGoal = z.enum(['auto', 'int8', 'smallest', 'streamed', 'fastest'])
export type EncodingGoal = z.infer<typeof encodingGoal>

/** How one weight tensor is stored, and why. */
export const tensorEncoding = z.object({
  tensor: z.string(),
  elements: z.number().int(),
  codec: z.string(),
  /** direct: read as it is stored; streamed: decoded at every inference; resident: decoded once into RAM. */
  mode: z.enum(['direct', 'streamed', 'resident']),
  /** In flash, with its share of the tables. */
  bytes: z.number().nonnegative(),
  int8Bytes: bytes,
  /** Zero-order entropy of its integers, bits a weight. */
  entropyBits: z.number(),
  reason: note,
})
export type TensorEncoding = z.infer<typeof tensorEncoding>

/** The same model as another runtime stores it; from a published or recorded measurement, never computed here. */
export const baseline = z.object({
  title: z.string(),
  modelBytes: bytes,
  runtimeBytes: bytes,
  totalBytes: bytes,
  arenaBytes: bytes,
  source: z.string(),
})
export type Baseline = z.infer<typeof baseline>

/** What else a run was made from, so that it can be made again from its record. */
export const reproduction = z.object({
  /** SHA-256 over the integers of all outputs of the twin, sample after sample. */
  twinOutputsSha256: z.string(),
  /** Whether calibration data were given, or taken from the data themselves. */
  calibrationGiven: z.boolean(),
  calibrationPreprocess: z.record(z.string(), z.unknown()),
  /** What the packer was allowed. */
  target: z.object({
    core: z.string(),
    clockHz: z.number().nullable(),
    flashBytes: z.number().nullable(),
    ramBytes: z.number().nullable(),
    latencyMs: z.number().nullable(),
  }),
})
export type Reproduction = z.infer<typeof reproduction>

export const runReport = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  createdAt: z.string(),
  producer: z.string(),
  project: z.object({ id: z.string(), name: z.string() }).nullable(),
  model: z.object({
    name: z.string(),
    sha256: z.string(),
    format: z.string(),
    bytes,
    parameters: z.number().int(),
    macs: z.number(),
  }),
  data: z.object({
    name: z.string(),
    sha256: z.string(),
    samples: z.number().int(),
    calibration: z.object({ name: z.string(), sha256: z.string(), samples: z.number().int() }).nullable(),
    preprocess: z.record(z.string(), z.unknown()),
    classNames: z.array(z.string()).nullable(),
  }),
  recipe,
  recipeSha256: z.string(),
  seed: z.number().int(),
  steps: z.array(z.object({ pass: z.string(), durationMs: z.number(), notes: z.array(note), warnings: z.array(note) })),
  device: z.object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['twin', 'emulator', 'board']),
    core: z.string(),
    clockHz: z.number(),
    agentBuild: z.string(),
    link: z.string(),
    slot: z.enum(['ram', 'flash']),
  }),
  pack: z.object({ sha256: z.string(), bytes }),
  flash: z.object({
    /** Pack and code together. */
    totalBytes: bytes,
    packBytes: bytes,
    weightsBytes: bytes,
    planBytes: bytes,
    /** Tables of smooth functions and of resizing. */
    tablesBytes: bytes,
    /** Codebooks, code lengths and frequencies that decoders read; absent in reports of older versions. */
    codecTablesBytes: bytes.optional(),
    /** Biases, requantisation factors. */
    requantBytes: bytes,
    metaBytes: bytes,
    codeBytes: bytes,
    /** Of codeBytes, from the image's link map; null when the device runs an image that is not one of ours. */
    code: z
      .object({ kernelsBytes: bytes, decodersBytes: bytes, protocolBytes: bytes, boardBytes: bytes })
      .nullable()
      .optional(),
    availableBytes: bytes,
  }),
  ram: z.object({
    /** Everything the model needs at run time: arena, kept inputs, stack, static, and the pack when it lies in RAM. */
    totalBytes: bytes,
    arenaBytes: bytes,
    /** High-water mark read back from the painted arena. */
    arenaHighBytes: bytes,
    /** High-water mark of the stack. */
    stackBytes: bytes,
    staticBytes: bytes,
    inputBytes: bytes,
    packBytes: bytes,
    availableBytes: bytes,
  }),
  latency,
  operators: z.array(operatorFigure),
  quality: z.object({
    /** The device against the truth, on the samples that ran there. */
    device: quality,
    /** The original in ONNX Runtime against the truth, on the whole test set. */
    original: quality,
    /** The device against the original, on the samples that ran on the device. */
    cross: crossQuality,
    /** The twin (bit-exact model of the device) against the truth, on the whole test set. */
    twin: quality,
    /** The twin against the original, on the whole test set. */
    twinCross: crossQuality,
    /** The original on the samples that ran on the device. */
    originalOnDeviceSamples: quality,
  }),
  bitExact: z.object({
    samples: z.number().int(),
    equal: z.number().int(),
    firstDifference: z
      .object({
        sample: z.number().int(),
        operator: z.string(),
        tensor: z.string(),
        index: z.number().int(),
        device: z.number(),
        twin: z.number(),
      })
      .nullable(),
  }),
  compression: z.object({ originalBytes: bytes, packedBytes: bytes, ratio: z.number() }),
  encodingGoal: encodingGoal.optional(),
  /** One row a weight tensor. */
  encoding: z.array(tensorEncoding).optional(),
  baseline: baseline.nullable().optional(),
  budgets: z.array(budgetResult),
  /** Bytes live in the arena while operator i runs, and the tensors that are. */
  memoryMap: z.array(
    z.object({
      operator: z.string(),
      liveBytes: bytes,
      tensors: z.array(z.object({ name: z.string(), offset: bytes, bytes })),
    }),
  ),
  warnings: z.array(note),
  durationMs: z.number(),
  /** Absent in reports of older versions. */
  reproduction: reproduction.optional(),
})
export type RunReport = z.infer<typeof runReport>
