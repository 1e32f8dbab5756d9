// A data set looked at closely: what preprocessing does to it, how a run divides it, and whether a model can take it.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { preprocessRecord } from './data-set.ts'
import { appErrors } from './error.ts'
import { dataSetId, modelId } from './ids.ts'

const stage = z.object({
  shape: z.array(z.number()),
  /** Of `values`, which are thinned out where a sample has more than a picture can show. */
  shown: z.array(z.number()),
  values: z.array(z.number()),
  /** Of the samples looked at together. */
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  std: z.number(),
})

export const preprocessEffect = z.object({
  index: z.number().int(),
  label: z.string().nullable(),
  /** Samples that the figures are of. */
  samples: z.number().int(),
  before: stage,
  after: stage,
})
export type PreprocessEffect = z.infer<typeof preprocessEffect>

const part = z.object({
  samples: z.number().int(),
  /** In class order; null without labels. */
  classCounts: z.array(z.number().int()).nullable(),
})

export const dataSplits = z.object({
  seed: z.number().int(),
  /** Whether the files themselves say what is for training and for testing. */
  own: z.boolean(),
  /** Whether the preprocessing record divides them. */
  asked: z.boolean(),
  train: part.nullable(),
  calibration: part,
  test: part,
  /** Calibration samples that are measured on too. */
  shared: z.number().int(),
})
export type DataSplits = z.infer<typeof dataSplits>

const fixStep = z.enum(['layout', 'resize', 'grey', 'scale', 'length', 'features', 'target'])

export const fitProblem = z.object({
  kind: z.enum([
    'layout',
    'size',
    'channels',
    'sound',
    'shape',
    'integers',
    'noLabels',
    'classes',
    'fewerClasses',
    'regression',
    'input',
    'notFinite',
  ]),
  /** Of a sample after preprocessing, and of the model without the batch. */
  found: z.string(),
  expected: z.string(),
  /** Whether a run would refuse. */
  fatal: z.boolean(),
  /** Records that make it fit, the least change first. */
  fixes: z.array(z.object({ steps: z.array(fixStep), preprocess: preprocessRecord })),
})
export type FitProblem = z.infer<typeof fitProblem>

export const dataFit = z.object({
  model: z.array(
    z.object({ name: z.string(), shape: z.array(z.union([z.number(), z.string()])).nullable(), dtype: z.string() }),
  ),
  data: z.array(
    z.object({ name: z.string(), shape: z.array(z.number()), rawShape: z.array(z.number()), dtype: z.string() }),
  ),
  problems: z.array(fitProblem),
})
export type DataFit = z.infer<typeof dataFit>

const base = oc.errors(appErrors)

export const dataViewContract = {
  /** One sample before and after, with the figures of the first ones; nothing is kept. */
  effect: base
    .input(z.object({ id: dataSetId, index: z.number().int().min(0), preprocess: preprocessRecord }))
    .output(preprocessEffect),
  /** How a run with this seed would divide it. */
  splits: base.input(z.object({ id: dataSetId, seed: z.number().int().nonnegative() })).output(dataSplits),
  fit: base.input(z.object({ id: dataSetId, model: modelId, preprocess: preprocessRecord.optional() })).output(dataFit),
}
