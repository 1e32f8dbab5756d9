import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { dataSetId, deviceId, modelId, projectId, runId } from './ids.ts'
import { budgets } from './report.ts'

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
  createdAt: z.string(),
  runs: z.number().int(),
  /** The most accurate run within all budgets, else null. */
  bestRunId: runId.nullable(),
})
export type Project = z.infer<typeof project>

const base = oc.errors(appErrors)
const byId = z.object({ id: projectId })

export const projectsContract = {
  list: base.output(z.array(project)),
  get: base.input(byId).output(project),
  /** Budgets left out come from the device's memories. */
  create: base
    .input(z.object({ name: z.string().trim().min(1).max(200), device: deviceId, budgets: budgets.optional() }))
    .output(project),
  update: base
    .input(
      z.object({
        id: projectId,
        name: z.string().trim().min(1).max(200).optional(),
        budgets: budgets.optional(),
        modelId: modelId.nullable().optional(),
        dataSetId: dataSetId.nullable().optional(),
        recipe: z.string().optional(),
      }),
    )
    .output(project),
  remove: base.input(byId),
}
