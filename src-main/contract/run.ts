import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { dataSetId, deviceId, jobId, modelId, projectId, runId } from './ids.ts'
import { budgets, encodingGoal, recipe, runReport } from './report.ts'

/** A row of the runs table. */
export const runSummary = z.object({
  id: runId,
  projectId: projectId.nullable(),
  createdAt: z.string(),
  modelName: z.string(),
  recipeName: z.string(),
  device: z.string(),
  deviceName: z.string(),
  flashBytes: z.number().int(),
  ramBytes: z.number().int(),
  latencyMs: z.number(),
  latencyKind: z.enum(['measured', 'simulated', 'estimated']),
  /** Twin on the whole set, 0 to 1; null without labels. */
  accuracy: z.number().nullable(),
  /** Percentage points below the original; null without labels. */
  accuracyDrop: z.number().nullable(),
  /** Of one inference; null without a meter, and in runs of older versions. */
  energyUj: z.number().nullable().default(null),
  /** What accuracy and drop are of; null in runs of older versions. */
  samples: z.number().int().nullable().default(null),
  dataSha256: z.string().nullable().default(null),
  recipeSha256: z.string().nullable().default(null),
  encoding: encodingGoal.nullable().default(null),
  bitExact: z.boolean(),
  withinBudgets: z.boolean(),
  /** What the user wrote about it: the only part that changes. */
  tags: z.array(z.string()).default([]),
  note: z.string().default(''),
})
export type RunSummary = z.infer<typeof runSummary>

const usedRecipe = z.object({ sha256: z.string(), recipe })
export type UsedRecipe = z.infer<typeof usedRecipe>

export const runTags = z.array(z.string().trim().min(1).max(40)).max(20)
export const runNote = z.string().max(4000)

/** Samples that the runs give different answers for, in the order of the data. */
export const disagreements = z.object({
  /** Samples that all of the runs were measured on. */
  compared: z.number().int(),
  /** Of these, where not all answers are the same. */
  total: z.number().int(),
  /** Of the compared, how many each run's twin answers rightly; null without labels. */
  right: z.array(z.number().int()).nullable(),
  /** Why nothing can be compared: other data, no predictions kept (older runs), or no classes. */
  obstacle: z.enum(['data', 'predictions', 'classes']).nullable(),
  samples: z.array(
    z.object({
      index: z.number().int(),
      truth: z.string().nullable(),
      original: z.string(),
      /** Of each run's twin, in the order asked for. */
      answers: z.array(z.string()),
      /** As the model gets it; null when the data are no longer in the workspace. */
      picture: z.object({ shape: z.array(z.number()), values: z.array(z.number()) }).nullable(),
    }),
  ),
})
export type Disagreements = z.infer<typeof disagreements>

export const runRequest = z.object({
  project: projectId.nullable(),
  model: modelId,
  data: dataSetId,
  calibration: dataSetId.optional(),
  /** Samples to measure on; all when left out. */
  limit: z.number().int().positive().optional(),
  calibrationLimit: z.number().int().positive().optional(),
  device: deviceId,
  /** A preset's name, or a recipe as JSON or YAML. */
  recipe: z.string(),
  /** Left out = auto. */
  encoding: encodingGoal.optional(),
  /** Replaces the recipe's own. */
  seed: z.number().int().nonnegative().optional(),
  /** Samples that run on the device; left out = as many as fit its time budget. */
  deviceSamples: z.number().int().positive().optional(),
  warmup: z.number().int().min(0).max(1000),
  runs: z.number().int().min(1).max(10000),
  budgets: budgets.optional(),
})
export type RunRequest = z.infer<typeof runRequest>

const base = oc.errors(appErrors)

export const runsContract = {
  list: base.input(z.object({ project: projectId.optional() })).output(z.array(runSummary)),
  /** The same rows, newest first, a part at a time. */
  page: base
    .input(
      z.object({
        project: projectId.optional(),
        first: z.number().int().min(0),
        count: z.number().int().min(1).max(2000),
      }),
    )
    .output(z.object({ total: z.number().int(), rows: z.array(runSummary) })),
  /** Each recipe that runs of a project were made with, the latest used first, so that rows can say what sets them apart. */
  recipes: base.input(z.object({ project: projectId })).output(z.array(usedRecipe)),
  /** A run's row, and that of the run before it in its project. */
  sinceLast: base.input(z.object({ id: runId })).output(z.object({ run: runSummary, previous: runSummary.nullable() })),
  get: base.input(z.object({ id: runId })).output(runReport),
  /** The button: compress, deploy, measure, store. Gives the job to watch; the job's result is the run. */
  start: base.input(runRequest).output(z.object({ job: jobId })),
  compare: base.input(z.object({ ids: z.array(runId).min(1).max(5) })).output(z.array(runReport)),
  /** What is left out stays as it is. Answers with the row as it is now. */
  annotate: base.input(z.object({ id: runId, tags: runTags.optional(), note: runNote.optional() })).output(runSummary),
  disagreements: base
    .input(
      z.object({
        ids: z.array(runId).min(2).max(5),
        first: z.number().int().min(0),
        count: z.number().int().min(1).max(64),
      }),
    )
    .output(disagreements),
  remove: base.input(z.object({ id: runId })),
}
