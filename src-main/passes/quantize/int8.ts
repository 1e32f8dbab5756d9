// Post-training quantisation to int8, in TFLite's specification: activations per tensor with zero point, weights symmetric
// per output channel, biases int32. Values that are quantised already keep their grids exactly.
import { z } from 'zod'
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { Graph } from '../../ir/graph.ts'
import { withCorrectedBiases } from '../bias-correct/empirical.ts'
import { warnOfOneClass } from '../one-class.ts'
import { definePass, type PassContext } from '../pass.ts'
import { searchMethods, trials, withGivenGrids } from './choose.ts'
import { calibrate } from './observe.ts'
import { rangeMethods } from './ranges.ts'
import { type GridGroup, gridGroups } from './sharing.ts'
import { calibrationWarnings } from './warnings.ts'
import { floatOperands, floatWeights, separateConstants } from './weights.ts'

const params = z.strictObject({
  method: z
    .enum(['auto', ...rangeMethods])
    .default('auto')
    .meta({
      title: 'Ranges',
      description: 'How the range of each activation is found; auto takes the least output error.',
    }),
  percentile: z.number().min(90).max(100).default(99.99).meta({
    title: 'Percentile',
    description: 'Share of elements within the range, for the percentile method.',
    unit: '%',
  }),
  weights: z
    .enum(['per-channel', 'per-tensor'])
    .default('per-channel')
    .meta({ title: 'Weight scales', description: 'One scale per output channel, or one per tensor.' }),
  maxTrials: z
    .int()
    .min(0)
    .max(10_000)
    .default(24)
    .meta({ title: 'Trials', description: 'Trials of other methods for single values, with auto.', unit: 'trials' }),
  correctBiases: z.boolean().default(false).meta({
    title: 'Correct biases',
    description: 'Gives every layer back the mean outputs it had before.',
  }),
  trialSamples: z.int().min(1).default(128).meta({
    title: 'Samples per trial',
    description: 'Calibration samples each trial runs on, with auto.',
    unit: 'samples',
  }),
})

type Params = z.infer<typeof params>

/** Samples that the means of outputs are taken over. */
const biasSamples = 512

export const quantizeInt8 = definePass<Params>({
  name: 'quantize-int8',
  title: 'Quantise to 8 bits',
  description: 'Weights, biases and activations become integers; ranges come from calibration samples.',
  params,
  needs: ['constants', 'activations', 'linear', 'batch-norm'],
  provides: ['quantized'],
  lossy: true,
  notAfter: [{ pass: 'convert-floats', because: say`there are no float32 weights left for it` }],
  async run(graph, options, context) {
    const groups = gridGroups(graph)
    if (isComplete(graph, groups)) {
      context.log(say`the model is quantised already; its scales are kept`)
      return graph
    }
    if (groups.every((group) => group.fixed)) {
      context.log(say`${groups.length} grids for activations, all of them given`)
      return withGivenGrids(separateConstants(graph), groups, options.weights)
    }
    const rounded = await quantize(separateConstants(graph), groups, options, context)
    const quantized = options.correctBiases ? await withCorrectedBiases(rounded, graph, biasSamples, context) : rounded
    await warnOfOneClass(graph, quantized, context)
    return quantized
  },
})

/** Whether every value and every weight has its grid. */
function isComplete(graph: Graph, groups: readonly GridGroup[]): boolean {
  const hasGrid = (name: string) => graph.values.get(name)?.quant !== undefined
  return (
    groups.every((group) => group.members.every(hasGrid)) &&
    floatWeights(graph, 'per-channel').length === 0 &&
    floatOperands(graph).length === 0
  )
}

async function quantize(
  graph: Graph,
  groups: readonly GridGroup[],
  options: Params,
  context: PassContext,
): Promise<Graph> {
  const samples = context.calibration
  if (!samples || samples.count === 0) throw new AppError('recipe.noCalibration', { pass: 'quantize-int8' })
  const calibration = await calibrate(graph, groups, samples, context)
  for (const warning of calibrationWarnings(graph, calibration, samples.count)) context.warn(warning)
  const built = trials(graph, calibration, samples, options, context)
  const fixed = groups.filter((group) => group.fixed).length
  context.log(say`${groups.length} grids for activations, ${fixed} of them given, from ${samples.count} samples`)
  if (options.method !== 'auto') return built.build(groups.map(() => options.method as (typeof rangeMethods)[number]))
  const sampleCount = Math.min(samples.count, options.trialSamples)
  const choice = await searchMethods(calibration, built, { sampleCount, maxTrials: options.maxTrials }, context)
  for (const note of choice.notes) context.log(note)
  return built.build(choice.methods)
}
