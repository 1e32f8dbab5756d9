// Biases that make up for the shift of the mean that quantisation (or pruning) gave each layer's outputs (Nagel et al. 2019,
// section 4.2). Empirical: the mean difference from the reference over calibration samples. Analytic: from the statistics of
// batch normalisation, without data.
import { z } from 'zod'
import { AppError } from '../../base/errors.ts'
import type { Graph } from '../../ir/graph.ts'
import { layerOf, type WeightLayer, weightLayers } from '../layers.ts'
import { definePass, type PassContext } from '../pass.ts'
import { firstSamples } from '../samples.ts'
import { analyticShift } from './analytic.ts'
import { canHaveBias, withAddedBias } from './biases.ts'
import { channelMeans } from './means.ts'

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
      context.warn('no pass before it has changed weights; it has nothing to correct')
      return graph
    }
    return options.method === 'empirical' ? empirical(graph, options, context) : analytic(graph, context)
  },
})

/** Layers that the reference has too, with outputs of the same form and name. */
function sharedLayers(graph: Graph, reference: Graph, context: PassContext): WeightLayer[] {
  const known = new Map(weightLayers(reference).map((layer) => [layer.node.name, layer]))
  return weightLayers(graph).filter((layer) => {
    const { node, rows } = layer
    const other = known.get(node.name)
    if (other && other.rows === rows && other.node.outputs[0] === node.outputs[0] && canHaveBias(layer)) return true
    context.log(
      `${node.name}: left as it is, ${canHaveBias(layer) ? 'the original has no such layer' : 'it takes no bias'}`,
    )
    return false
  })
}

/** One layer after the other, so that each sees the inputs that the corrected ones before it make. */
async function empirical(graph: Graph, { samples: most }: Params, context: PassContext): Promise<Graph> {
  const samples = context.calibration
  if (!samples || samples.count === 0) throw new AppError('recipe.noCalibration', { pass: 'bias-correct' })
  const calibration = firstSamples(samples, most)
  const layers = sharedLayers(graph, context.reference, context)
  const wanted = await channelMeans(context.reference, layers, calibration, context)
  let current = graph
  for (const [i, { node }] of layers.entries()) {
    context.progress(i / layers.length, `${node.name}, layer ${i + 1} of ${layers.length}`)
    const layer = layerOf(current, current.nodes.find((each) => each.name === node.name)!)!
    const found = (await channelMeans(current, [layer], calibration, context)).get(node.name)!
    const shift = wanted.get(node.name)!.map((mean, c) => mean - found[c]!)
    current = withAddedBias(current, layer, shift)
  }
  context.log(`${layers.length} layers corrected by the means over ${calibration.count} samples`)
  return current
}

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
  context.log(`${corrected} layers corrected from the statistics of the batch normalisation before them`)
  if (corrected === 0) context.warn('no layer has batch normalisation before it; the empirical method needs none')
  return current
}
