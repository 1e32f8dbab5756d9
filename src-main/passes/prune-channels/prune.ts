// Structured pruning without training: whole channels go, and the layers that read them get new weights that make up for
// them. The result is a smaller dense network.
import { z } from 'zod'
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { Graph } from '../../ir/graph.ts'
import type { Gram } from '../../kernels/kernels.ts'
import { collectGrams, defaultGramOptions } from '../layer-inputs.ts'
import { layerOf, type WeightLayer, weightMatrix } from '../layers.ts'
import { definePass, type PassContext } from '../pass.ts'
import { allocateShares } from '../prune/allocation.ts'
import { dampingField, positionsField } from '../prune/fields.ts'
import { layerError } from '../prune/masked-least-squares.ts'
import { factorOf } from '../prune/second-order.ts'
import { type Cluster, channelClusters } from './clusters.ts'
import { channelFeatures } from './dependencies.ts'
import { type Elimination, eliminate, eliminationLayer } from './elimination.ts'
import type { Features } from './features.ts'
import { rankedByNorm } from './norms.ts'
import { reconstruct } from './reconstruct.ts'
import { withoutChannels } from './slice.ts'

const params = z.strictObject({
  share: z
    .number()
    .min(0)
    .max(0.95)
    .default(1 / 3)
    .meta({
      title: 'Channels',
      description: 'Share of the channels that go.',
    }),
  importance: z.enum(['reconstruction', 'weight', 'activation']).default('reconstruction').meta({
    title: 'Chosen by',
    description:
      'Error that is left when the next layers make up for the channel; size of its weights; size of its values.',
  }),
  allocation: z.enum(['uniform', 'error']).default('uniform').meta({
    title: 'Distribution',
    description:
      'Each set of channels that belong together loses this share, or all together do, with the least error.',
  }),
  reconstruct: z.boolean().default(true).meta({
    title: 'Make up for it',
    description: 'New weights for the layers that read the channels, by least squares over calibration samples.',
  }),
  minChannels: z.int().min(1).default(4).meta({
    title: 'Fewest channels',
    description: 'Sets of channels are not made smaller than this.',
    unit: 'channels',
  }),
  keep: z.array(z.string()).default([]).meta({
    title: 'Keep',
    description: 'Layers, by name, whose output channels all stay.',
  }),
  damping: dampingField,
  positionsPerSample: positionsField,
})

type Params = z.infer<typeof params>

export const pruneChannels = definePass<Params>({
  name: 'prune-channels',
  title: 'Remove channels',
  description: 'Removes whole channels with everything that depends on them; what is left is a smaller dense network.',
  params,
  needs: ['constants', 'linear', 'batch-norm'],
  provides: [],
  lossy: true,
  notAfter: ['prune-magnitude', 'prune-activation', 'prune-nm', 'prune-obs'].map((pass) => ({
    pass,
    because: say`the weights that it fits anew would no longer be zero`,
  })),
  async run(graph, options, context) {
    if (!context.calibration?.count) throw new AppError('recipe.noCalibration', { pass: 'prune-channels' })
    const features = channelFeatures(graph)
    const clusters = channelClusters(graph, features).filter(({ makers }) =>
      makers.every(({ node, quant }) => !options.keep.includes(node.name) && !quant),
    )
    const removed = await chooseChannels(graph, features, clusters, options, context)
    if (removed.size === 0) return graph
    const fitted = options.reconstruct ? await refitReaders(graph, features, removed, options, context) : graph
    return withoutChannels(fitted, features, removed)
  },
})

async function chooseChannels(
  graph: Graph,
  features: Features,
  clusters: readonly Cluster[],
  options: Params,
  context: PassContext,
): Promise<Set<number>> {
  const layers = [...new Set(clusters.flatMap(({ readers }) => readers.map(({ layer }) => layer)))]
  const { positionsPerSample } = options
  const grams = await collectGrams(graph, layers, context, { ...defaultGramOptions, positionsPerSample })
  const orders: Elimination[][] = []
  for (const [i, cluster] of clusters.entries()) {
    orders.push(await orderOf(cluster, grams, features, options, context))
    context.progress((0.4 * (i + 1)) / clusters.length, cluster.title)
  }
  const shares =
    options.allocation === 'uniform' ? clusters.map(() => options.share) : sharesByError(clusters, orders, options)
  return new Set(
    clusters.flatMap(({ roots, title }, i) => {
      const count = Math.max(0, Math.min(roots.length - options.minChannels, Math.round(shares[i]! * roots.length)))
      const gone = orders[i]!.slice(0, count)
      context.log(say`${title}: ${count} of ${roots.length} channels removed`)
      return gone.map(({ root }) => root)
    }),
  )
}

function sharesByError(clusters: readonly Cluster[], orders: readonly Elimination[][], { share, minChannels }: Params) {
  const curves = clusters.map(({ roots }, i) => ({
    weights: roots.length,
    points: [
      { share: 0, error: 0 },
      ...orders[i]!.slice(0, Math.max(0, roots.length - minChannels)).map(({ error }, at) => ({
        share: (at + 1) / roots.length,
        error,
      })),
    ],
  }))
  return allocateShares(curves, share)
}

async function orderOf(
  cluster: Cluster,
  grams: ReadonlyMap<string, Gram>,
  features: Features,
  options: Params,
  context: PassContext,
): Promise<Elimination[]> {
  if (options.importance !== 'reconstruction') return rankedByNorm(cluster, grams, features, options.importance)
  const layers = []
  for (const { layer, columns } of cluster.readers) {
    const gram = grams.get(layer.node.name)!
    const w = weightMatrix(layer)
    const { factor } = await factorOf(context.kernels, gram, options.damping)
    const energy = await layerError(context.kernels, w, { ...w, data: new Float32Array(w.data.length) }, gram)
    if (energy > 0) layers.push(eliminationLayer(w, factor, energy, columns))
  }
  return eliminate(layers, cluster.roots)
}

async function refitReaders(
  graph: Graph,
  features: Features,
  removed: ReadonlySet<number>,
  options: Params,
  context: PassContext,
): Promise<Graph> {
  const readers = graph.nodes.flatMap((node) => {
    const layer = layerOf(graph, node)
    const columns = layer && keptColumns(layer, features, removed)
    return layer && columns ? [{ layer, columns }] : []
  })
  let current = graph
  for (const [i, { layer, columns }] of readers.entries()) {
    context.signal?.throwIfAborted()
    current = await reconstruct(graph, current, layer, columns, options, context)
    context.progress(0.4 + (0.6 * (i + 1)) / readers.length, layer.node.name)
  }
  return current
}

/** null when the layer reads no removed channel. */
function keptColumns(
  { node, columns, groups }: WeightLayer,
  features: Features,
  removed: ReadonlySet<number>,
): number[] | null {
  const roots = features.all(node.inputs[0]!)
  if (groups !== 1 || !roots.some((root) => removed.has(root))) return null
  const kernel = columns / roots.length
  return roots.flatMap((root, i) => (removed.has(root) ? [] : Array.from({ length: kernel }, (_, k) => i * kernel + k)))
}
