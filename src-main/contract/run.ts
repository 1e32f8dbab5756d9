import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { dataSetId, deviceId, jobId, modelId, projectId, runId } from './ids.ts'
import { budgets, encodingGoal, runReport } from './report.ts'

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
  bitExact: z.boolean(),
  withinBudgets: z.boolean(),
})
export type RunSummary = z.infer<typeof runSummary>

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
  get: base.input(z.object({ id: runId })).output(runReport),
  /** The button: compress, deploy, measure, store. Gives the job to watch; the job's result is the run. */
  start: base.input(runRequest).output(z.object({ job: jobId })),
  compare: base.input(z.object({ ids: z.array(runId).min(1).max(5) })).output(z.array(runReport)),
  remove: base.input(z.object({ id: runId })),
}
