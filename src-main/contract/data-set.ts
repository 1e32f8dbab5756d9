import { oc } from '@orpc/contract'
import { z } from 'zod'
import { preprocessRecord } from '../base/preprocess-record.ts'
import { appErrors } from './error.ts'
import { dataSetId, projectId } from './ids.ts'
import { fileSourceInput } from './model.ts'
import { note } from './note.ts'

export { type PreprocessRecord, preprocessRecord } from '../base/preprocess-record.ts'

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
  /** What was chosen or left out when it was read; none in sets of older versions. */
  notes: z.array(note).optional(),
  /** Of a table: what its samples and its truth are called. */
  columns: z.object({ features: z.array(z.string()), target: z.string().nullable() }).nullish(),
  addedAt: z.string(),
})
export type DataSet = z.infer<typeof dataSet>

/** One sample for the preview, as the model would get it. */
export const sample = z.object({
  index: z.number().int(),
  label: z.string().nullable(),
  /** The file that it is from, in its folder; null when a file holds several. */
  file: z.string().nullable().optional(),
  shape: z.array(z.number()),
  /** Of `values`, which are thinned out where a sample has more than a picture can show. */
  shown: z.array(z.number()),
  values: z.array(z.number()),
})
export type Sample = z.infer<typeof sample>

const base = oc.errors(appErrors)

export const dataContract = {
  list: base.output(z.array(dataSet)),
  get: base.input(z.object({ id: dataSetId })).output(dataSet),
  add: base
    .input(
      z.object({ source: fileSourceInput, preprocess: preprocessRecord.optional(), project: projectId.optional() }),
    )
    .output(dataSet),
  /** With a project, for this one alone: when others use the set too, the answer is another set, which the project then has. */
  setPreprocess: base
    .input(z.object({ id: dataSetId, preprocess: preprocessRecord, project: projectId.optional() }))
    .output(dataSet),
  preview: base
    .input(z.object({ id: dataSetId, first: z.number().int().min(0), count: z.number().int().min(1).max(64) }))
    .output(z.array(sample)),
  remove: base.input(z.object({ id: dataSetId })),
}
