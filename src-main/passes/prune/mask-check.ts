// Whether a pass filled zeros that pruning made: what would make a mask worthless without a word.
import { type Note, say } from '../../base/note.ts'
import type { Graph } from '../../ir/graph.ts'
import { elementsOf, floatPieces } from '../../ir/tensor.ts'
import { type WeightLayer, weightLayers } from '../layers.ts'

/** Layers with fewer zeros, as a share, were not pruned. */
const prunedShare = 0.2
/** Zeros that rounding may turn; channels that go take theirs along. */
const allowedLoss = 0.05

/** A line for each layer that has lost zeros between the two graphs. */
export function lostMasks(before: Graph, after: Graph): Note[] {
  const layers = new Map(weightLayers(after).map((layer) => [layer.node.name, layer]))
  return weightLayers(before).flatMap((layer) => {
    const now = layers.get(layer.node.name)
    if (now?.tensor === layer.tensor) return []
    const share = zeroShare(layer)
    if (share < prunedShare) return []
    const left = now ? zeroShare(now) : 0
    if (left >= share - allowedLoss) return []
    const percent = (value: number) => `${(100 * value).toFixed(0)} %`
    return [say`${layer.node.name} was pruned: ${percent(share)} of its weights were zero, ${percent(left)} are left`]
  })
}

function zeroShare({ tensor, quant }: WeightLayer): number {
  const zero = quant?.zeroPoint[0] ?? 0
  let zeros = 0
  for (const { data } of floatPieces(tensor)) for (const value of data) if (value === zero) zeros++
  return zeros / Math.max(1, elementsOf(tensor.shape))
}
