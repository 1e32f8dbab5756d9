// The empirical correction: means of each layer's outputs over calibration samples, in two versions of a network.
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { Graph } from '../../ir/graph.ts'
import { layerOf, type WeightLayer, weightLayers } from '../layers.ts'
import type { PassContext } from '../pass.ts'
import { firstSamples } from '../samples.ts'
import { canHaveBias, withAddedBias } from './biases.ts'
import { channelMeans } from './means.ts'

/** Layers that the reference has too, with outputs of the same form and name. */
export function sharedLayers(graph: Graph, reference: Graph, context: PassContext): WeightLayer[] {
  const known = new Map(weightLayers(reference).map((layer) => [layer.node.name, layer]))
  return weightLayers(graph).filter((layer) => {
    const { node, rows } = layer
    const other = known.get(node.name)
    if (other && other.rows === rows && other.node.outputs[0] === node.outputs[0] && canHaveBias(layer)) return true
    context.log(
      say`${node.name}: left as it is, ${canHaveBias(layer) ? say`the original has no such layer` : say`it takes no bias`}`,
    )
    return false
  })
}

/**
 * Biases with which every layer has the mean outputs it has in the reference. One layer after the other, so that each sees the inputs that the corrected ones before it
 * make.
 * @param most samples used at most
 */
export async function withCorrectedBiases(
  graph: Graph,
  reference: Graph,
  most: number,
  context: PassContext,
): Promise<Graph> {
  const samples = context.calibration
  if (!samples || samples.count === 0) throw new AppError('recipe.noCalibration', { pass: 'bias-correct' })
  const calibration = firstSamples(samples, most)
  const layers = sharedLayers(graph, reference, context)
  const wanted = await channelMeans(reference, layers, calibration, context)
  let current = graph
  for (const [i, { node }] of layers.entries()) {
    context.progress(i / layers.length, say`${node.name}, layer ${i + 1} of ${layers.length}`)
    const layer = layerOf(current, current.nodes.find((each) => each.name === node.name)!)!
    const found = (await channelMeans(current, [layer], calibration, context)).get(node.name)!
    const shift = wanted.get(node.name)!.map((mean, c) => mean - found[c]!)
    current = withAddedBias(current, layer, shift)
  }
  context.log(say`${layers.length} layers corrected by the means over ${calibration.count} samples`)
  return current
}
