// Channels that may be chosen among each other: those that live in the same values, like the channels of a residual stream.
import type { Graph } from '../../ir/graph.ts'
import { layerOf, type WeightLayer } from '../layers.ts'
import { makesChannels } from './dependencies.ts'
import type { Features } from './features.ts'

/** A dense layer that reads channels, with the columns of its matrix that belong to each. */
export interface Reader {
  readonly layer: WeightLayer
  /** Columns by root. */
  readonly columns: ReadonlyMap<number, readonly number[]>
}

export interface Cluster {
  /** Names of the layers that make the channels, for notes. */
  readonly title: string
  readonly makers: readonly WeightLayer[]
  /** One root a channel. */
  readonly roots: readonly number[]
  readonly readers: readonly Reader[]
}

/** In graph order of their first maker. Channels that no dense layer reads are left out: nothing could make up for them. */
export function channelClusters(graph: Graph, features: Features): Cluster[] {
  const layers = graph.nodes.flatMap((node) => (makesChannels(graph, node) ? (layerOf(graph, node) ?? []) : []))
  const readers = layers.map((layer) => readerOf(layer, features))
  const byKey = new Map<string, { roots: number[]; makers: Set<WeightLayer> }>()
  for (const [root, makers] of makersByRoot(layers, features)) {
    if (features.isFrozen(root)) continue
    const reading = readers.flatMap((reader, i) => (reader.columns.has(root) ? [i] : []))
    if (reading.length === 0) continue
    const key = `${[...makers].map(({ node }) => node.name).join('|')} to ${reading.join(',')}`
    const cluster = byKey.get(key) ?? { roots: [], makers }
    cluster.roots.push(root)
    byKey.set(key, cluster)
  }
  return [...byKey.values()].map(({ roots, makers }) => ({
    title: [...makers].map(({ node }) => node.name).join(', '),
    makers: [...makers],
    roots,
    readers: readers.filter(({ columns }) => columns.has(roots[0]!)),
  }))
}

function makersByRoot(layers: readonly WeightLayer[], features: Features): Map<number, Set<WeightLayer>> {
  const makers = new Map<number, Set<WeightLayer>>()
  for (const layer of layers)
    for (const root of features.all(layer.node.outputs[0]!))
      makers.set(root, (makers.get(root) ?? new Set()).add(layer))
  return makers
}

function readerOf(layer: WeightLayer, features: Features): Reader {
  const roots = features.all(layer.node.inputs[0]!)
  const kernel = layer.columns / roots.length
  const columns = new Map<number, number[]>()
  for (const [i, root] of roots.entries()) {
    const own = Array.from({ length: kernel }, (_, k) => i * kernel + k)
    columns.set(root, [...(columns.get(root) ?? []), ...own])
  }
  return { layer, columns }
}
