import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { dataSetId, projectId } from './ids.ts'
import { fileSourceInput } from './model.ts'

export const preprocessRecord = z
  .object({
    scale: z.number().optional(),
    mean: z.union([z.number(), z.array(z.number())]).optional(),
    std: z.union([z.number(), z.array(z.number())]).optional(),
    layout: z.enum(['nchw', 'nhwc']).optional(),
    resize: z.tuple([z.number().int().positive(), z.number().int().positive()]).optional(),
    grey: z.boolean().optional(),
  })
  .strict()
export type PreprocessRecord = z.infer<typeof preprocessRecord>

export const dataSet = z.object({
  id: dataSetId,
  name: z.string(),
  format: z.string(),
  sha256: z.string(),
  count: z.number().int(),
  inputs: z.array(z.object({ name: z.string(), shape: z.array(z.number()), dtype: z.string() })),
  labelled: z.boolean(),
  classNames: z.array(z.string()).nullable(),
  /** Samples of each class, in class order; null without labels. */
  classCounts: z.array(z.number().int()).nullable(),
  preprocess: preprocessRecord,
  addedAt: z.string(),
})
export type DataSet = z.infer<typeof dataSet>

/** One sample for the preview, as the model would get it. */
export const sample = z.object({
  index: z.number().int(),
  label: z.string().nullable(),
  shape: z.array(z.number()),
  values: z.array(z.number()),
})

const base = oc.errors(appErrors)

export const dataContract = {
  list: base.output(z.array(dataSet)),
  get: base.input(z.object({ id: dataSetId })).output(dataSet),
  add: base
    .input(
      z.object({ source: fileSourceInput, preprocess: preprocessRecord.optional(), project: projectId.optional() }),
    )
    .output(dataSet),
  setPreprocess: base.input(z.object({ id: dataSetId, preprocess: preprocessRecord })).output(dataSet),
  preview: base
    .input(z.object({ id: dataSetId, first: z.number().int().min(0), count: z.number().int().min(1).max(64) }))
    .output(z.array(sample)),
  remove: base.input(z.object({ id: dataSetId })),
}
