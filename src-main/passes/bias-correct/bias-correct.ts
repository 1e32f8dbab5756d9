// Biases that make up for the shift of the mean that quantisation (or pruning) gave each layer's outputs (Nagel et al. 2019,
// section 4.2). Empirical: the mean difference from the reference over calibration samples. Analytic: from the statistics of
// batch normalisation, without data.
import { z } from 'zod'
import { say } from '../../base/note.ts'
import type { Graph } from '../../ir/graph.ts'
import { layerOf, weightLayers } from '../layers.ts'
import { definePass, type PassContext } from '../pass.ts'
import { analyticShift } from './analytic.ts'
import { withAddedBias } from './biases.ts'
import { sharedLayers, withCorrectedBiases } from './empirical.ts'

const params = z.strictObject({
  method: z.enum(['empirical', 'analytic']).default('empirical').meta({
    title: 'Means',
    description: 'Measured over calibration samples, or computed from the statistics of batch normalisation.',
  }),
  samples: z.int().min(1).max(100_000).default(512).meta({
    title: 'Samples',
    description: 'Calibration samples that are used at most.',
    unit: 'samples',
  }),
})

type Params = z.infer<typeof params>

export const biasCorrect = definePass<Params>({
  name: 'bias-correct',
  title: 'Correct biases',
  description: 'Gives every layer back the mean outputs it had before its weights changed.',
  params,
  needs: ['constants', 'linear', 'batch-norm'],
  provides: [],
  lossy: true,
  async run(graph, options, context) {
    if (context.reference === graph) {
      context.warn(say`no pass before it has changed weights; it has nothing to correct`)
      return graph
    }
    return options.method === 'analytic'
      ? analytic(graph, context)
      : withCorrectedBiases(graph, context.reference, options.samples, context)
  },
})

async function analytic(graph: Graph, context: PassContext): Promise<Graph> {
  const before = new Map(weightLayers(context.reference).map((layer) => [layer.node.name, layer]))
  let current = graph
  let corrected = 0
  for (const { node } of sharedLayers(graph, context.reference, context)) {
    const layer = layerOf(current, current.nodes.find((each) => each.name === node.name)!)!
    const shift = analyticShift(current, layer, before.get(node.name)!, context.original)
    if (!shift) continue
    current = withAddedBias(current, layer, shift)
    corrected++
  }
  context.log(say`${corrected} layers corrected from the statistics of the batch normalisation before them`)
  if (corrected === 0) context.warn(say`no layer has batch normalisation before it; the empirical method needs none`)
  return current
}
