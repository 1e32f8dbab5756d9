import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { dataSetId, deviceId, modelId, projectId, runId } from './ids.ts'
import { fileSourceInput } from './model.ts'
import { budgets, encodingGoal } from './report.ts'

/** How a project's next run is asked for, beside its recipe; kept so that it is there again when the project is opened. */
export const runOptions = z.object({
  /** How weights are stored. */
  encoding: encodingGoal,
  /** null = the recipe's own. */
  seed: z.number().int().nonnegative().nullable(),
  /** Samples to measure on; null = all. */
  limit: z.number().int().positive().nullable(),
  deviceSamples: z.number().int().positive().nullable(),
  warmup: z.number().int().min(0).max(1000),
  runs: z.number().int().min(1).max(10_000),
  /** Data to calibrate with; null = a part of the data itself. */
  calibration: dataSetId.nullable(),
  /** Samples to calibrate with; null = as many as usual. */
  calibrationLimit: z.number().int().positive().nullable().default(null),
})
export type RunOptions = z.infer<typeof runOptions>

export const ownRecipe = z.object({ name: z.string().trim().min(1).max(100), text: z.string().max(200_000) })
export type OwnRecipe = z.infer<typeof ownRecipe>

export const projectChoices = z.object({
  /** null until one was changed. */
  options: runOptions.nullable().default(null),
  /** Recipes of this project, each with a name of its own. */
  recipes: z.array(ownRecipe).max(100).default([]),
})
export type ProjectChoices = z.infer<typeof projectChoices>

/** Of a run, in the units of the budgets; null: not measured. */
export const bestFigures = z.object({
  flashBytes: z.number().nullable(),
  ramBytes: z.number().nullable(),
  latencyMs: z.number().nullable(),
  energyUj: z.number().nullable().default(null),
  accuracyDrop: z.number().nullable(),
})

export const project = z.object({
  id: projectId,
  name: z.string(),
  device: deviceId,
  deviceName: z.string(),
  budgets,
  /** The model and the data that the button uses; the last ones added unless chosen. */
  modelId: modelId.nullable(),
  dataSetId: dataSetId.nullable(),
  recipe: z.string(),
  choices: projectChoices.default({ options: null, recipes: [] }),
  createdAt: z.string(),
  /** Out of sight until it is brought back; null: it is in use. */
  archivedAt: z.string().nullable().default(null),
  /** When it went into the bin; null: it is not there. */
  deletedAt: z.string().nullable().default(null),
  runs: z.number().int(),
  /** The best run within all budgets: on the most samples, of these the most accurate; else null. */
  bestRunId: runId.nullable(),
  best: bestFigures.nullable().default(null),
  lastRunAt: z.string().nullable().default(null),
})
export type Project = z.infer<typeof project>

/** What an import found in the file, and how much of that was there already. */
export const importedProject = z.object({
  project,
  models: z.number().int(),
  dataSets: z.number().int(),
  runs: z.number().int(),
  /** Models and data sets that the workspace had already, and now serve both. */
  reused: z.number().int(),
})
export type ImportedProject = z.infer<typeof importedProject>

/** A whole project as one file, made on the host and read from there in parts. */
export const projectArchive = z.object({ archive: z.string(), fileName: z.string(), bytes: z.number().int() })
export type ProjectArchive = z.infer<typeof projectArchive>

const projectName = z.string().trim().min(1).max(200)
const base = oc.errors(appErrors)
const byId = z.object({ id: projectId })

export const projectsContract = {
  /** Those in use and those archived, without the bin. */
  list: base.output(z.array(project)),
  get: base.input(byId).output(project),
  /** Budgets left out come from the device's memories. */
  create: base.input(z.object({ name: projectName, device: deviceId, budgets: budgets.optional() })).output(project),
  update: base
    .input(
      z.object({
        id: projectId,
        name: projectName.optional(),
        budgets: budgets.optional(),
        modelId: modelId.nullable().optional(),
        dataSetId: dataSetId.nullable().optional(),
        recipe: z.string().optional(),
        choices: projectChoices.optional(),
      }),
    )
    .output(project),
  /** Device, budgets, model, data and recipe under another name; without the runs. */
  duplicate: base.input(byId.extend({ name: projectName })).output(project),
  archive: base.input(byId.extend({ archived: z.boolean() })).output(project),
  /** Into the bin. Refused with store.busy while a job of it runs. */
  remove: base.input(byId),
  /** The newest first. */
  bin: base.output(z.array(project)),
  /** Out of the bin; a name that was taken meanwhile gets a number. */
  restore: base.input(byId).output(project),
  /** For good, with its runs; only from the bin. */
  purge: base.input(byId),
  export: base.input(byId).output(projectArchive),
  /** At most a chunk of uploads.ts; the archive goes when its last part was read. */
  readExport: base
    .input(z.object({ archive: z.string(), offset: z.number().int().nonnegative() }))
    .output(z.object({ data: z.instanceof(Blob) })),
  import: base.input(z.object({ source: fileSourceInput })).output(importedProject),
}
