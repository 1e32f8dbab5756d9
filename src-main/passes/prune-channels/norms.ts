// Channels by size: of the weights that make them, or of the values they take.
import type { Gram } from '../../kernels/kernels.ts'
import { weightMatrix } from '../layers.ts'
import type { Cluster } from './clusters.ts'
import type { Elimination } from './elimination.ts'
import type { Features } from './features.ts'

/** Smallest first; the error of each is its share of the sum of squares of all. */
export function rankedByNorm(
  cluster: Cluster,
  grams: ReadonlyMap<string, Gram>,
  features: Features,
  by: 'weight' | 'activation',
): Elimination[] {
  const sizes = by === 'weight' ? weightSizes(cluster, features) : activationSizes(cluster, grams)
  const total = [...sizes.values()].reduce((a, b) => a + b, 0) || 1
  const ranked = [...sizes].sort(([, a], [, b]) => a - b).slice(0, -1)
  let error = 0
  return ranked.map(([root, size]) => {
    error += size / total
    return { root, error }
  })
}

/** Sum of squares of the rows that make each channel. */
function weightSizes({ makers, roots }: Cluster, features: Features): Map<number, number> {
  const sizes = new Map(roots.map((root) => [root, 0]))
  for (const layer of makers) {
    const { columns, data } = weightMatrix(layer)
    for (const [row, root] of features.all(layer.node.outputs[0]!).entries()) {
      const squares = data.subarray(row * columns, (row + 1) * columns).reduce((sum, value) => sum + value * value, 0)
      if (sizes.has(root)) sizes.set(root, sizes.get(root)! + squares)
    }
  }
  return sizes
}

/** Energy of each channel in its readers' inputs, which each count alike. */
function activationSizes({ readers, roots }: Cluster, grams: ReadonlyMap<string, Gram>): Map<number, number> {
  const sizes = new Map(roots.map((root) => [root, 0]))
  for (const { layer, columns } of readers) {
    const { size, data } = grams.get(layer.node.name)!
    const energy = (column: number) => data[column * (size + 1)]!
    const total = Array.from({ length: size }, (_, i) => energy(i)).reduce((a, b) => a + b, 0) || 1
    for (const root of roots)
      sizes.set(root, sizes.get(root)! + columns.get(root)!.reduce((sum, column) => sum + energy(column), 0) / total)
  }
  return sizes
}
