// One-shot second-order pruning with weight update (OBC / SparseGPT), layer after layer: each layer sees the inputs that the
// layers pruned before it leave.
import { z } from 'zod'
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { Graph } from '../../ir/graph.ts'
import type { Gram } from '../../kernels/kernels.ts'
import { defaultGramOptions } from '../layer-inputs.ts'
import { weightMatrix } from '../layers.ts'
import { definePass, type PassContext } from '../pass.ts'
import { allocateShares, type CurvePoint, type LayerCurve } from '../prune/allocation.ts'
import { dampingField, layerFields, positionsField, sparsityField } from '../prune/fields.ts'
import { type LayerGoal, layerGoal, stagesOf, targetGrams } from '../prune/inputs.ts'
import { factorOf, pruneSecondOrder, relativeError } from '../prune/second-order.ts'
import {
  chosenTargets,
  firstLayer,
  namedShare,
  type PruneTarget,
  pruneTargets,
  titleOf,
  weightCount,
  withWeights,
  zeroNote,
} from '../prune/targets.ts'

const params = z.strictObject({
  sparsity: sparsityField,
  allocation: z.enum(['uniform', 'error']).default('uniform').meta({
    title: 'Distribution',
    description: 'Each layer gets this share of zeros, or all together do, with the least sum of layer-wise errors.',
  }),
  ...layerFields,
  damping: dampingField,
  positionsPerSample: positionsField,
})

type Params = z.infer<typeof params>

export const pruneObs = definePass<Params>({
  name: 'prune-obs',
  title: 'Prune by second order',
  description: 'Sets the weights to zero that the outputs miss least, and adjusts the others to make up for them.',
  params,
  needs: ['constants', 'linear', 'batch-norm'],
  provides: ['masks'],
  lossy: true,
  async run(graph, options, context) {
    if (!context.calibration?.count) throw new AppError('recipe.noCalibration', { pass: 'prune-obs' })
    const targets = chosenTargets(pruneTargets(graph, context.warn), options, 'prune-obs')
    const shares = await sharesOf(graph, targets, options, context)
    let current = graph
    let done = 0
    for (const target of targets) {
      context.signal?.throwIfAborted()
      const goal = await layerGoal(current, target, context, { ...gramOptions(options), damping: options.damping })
      current = await pruneTarget(current, target, shares.get(target)!, goal, options, context)
      context.progress(++done / targets.length, titleOf(target))
    }
    return current
  },
})

const gramOptions = ({ positionsPerSample }: Params) => ({ ...defaultGramOptions, positionsPerSample })

async function pruneTarget(
  graph: Graph,
  target: PruneTarget,
  share: number,
  { w, gram }: LayerGoal,
  { damping }: Params,
  context: PassContext,
): Promise<Graph> {
  const sparsity = { kind: 'share', zeros: share } as const
  const { weights, relativeError: error } = await pruneSecondOrder(context.kernels, w, gram, sparsity, {
    damping,
    blockSize: null,
  })
  context.log(say`${zeroNote(target, weights.data)}, output error ${error.toExponential(2)}`)
  return withWeights(graph, target, weights.data, 'pruned')
}

async function sharesOf(
  graph: Graph,
  targets: readonly PruneTarget[],
  options: Params,
  context: PassContext,
): Promise<Map<PruneTarget, number>> {
  const free = targets.filter((target) => namedShare(target, options) === null)
  const shares = new Map(targets.map((target) => [target, namedShare(target, options) ?? options.sparsity] as const))
  if (options.allocation === 'uniform' || free.length === 0) return shares
  const curves: LayerCurve[] = []
  for (const stage of stagesOf(free)) {
    const grams = await targetGrams(graph, stage, context, gramOptions(options))
    for (const target of stage) curves.push(await curveOf(target, grams.get(target.name)!, options, context))
  }
  const ordered = stagesOf(free).flat()
  for (const [i, share] of allocateShares(curves, options.sparsity).entries())
    shares.set(ordered[i]!, Math.min(share, 0.99))
  return shares
}

const curveShares = [0.2, 0.35, 0.5, 0.6, 0.7, 0.8, 0.88, 0.94, 0.98]

async function curveOf(
  target: PruneTarget,
  gram: Gram,
  { damping }: Params,
  context: PassContext,
): Promise<LayerCurve> {
  const w = weightMatrix(firstLayer(target))
  const { factor } = await factorOf(context.kernels, gram, damping)
  const points: CurvePoint[] = [{ share: 0, error: 0 }]
  for (const zeros of curveShares) {
    const sparsity = { kind: 'share', zeros } as const
    const pruned = await context.kernels.obsPrune(w, factor, { sparsity, blockSize: w.columns })
    points.push({ share: zeros, error: await relativeError(context.kernels, w, pruned, gram) })
  }
  return { weights: weightCount(target), points }
}
