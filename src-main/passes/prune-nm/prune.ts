// N:M sparsity: at most n of every m weights in a row are kept. Weights that follow each other are those that lie beside each
// other on the device: input channels innermost.
import { z } from 'zod'
import { AppError } from '../../base/errors.ts'
import type { Graph } from '../../ir/graph.ts'
import type { Gram, Matrix } from '../../kernels/kernels.ts'
import { defaultGramOptions } from '../layer-inputs.ts'
import { weightMatrix } from '../layers.ts'
import { definePass, type PassContext } from '../pass.ts'
import { dampingField, layerFields, positionsField } from '../prune/fields.ts'
import { layerGoal, targetGrams } from '../prune/inputs.ts'
import { activationScores, magnitudeScores } from '../prune/scores.ts'
import { pruneSecondOrder } from '../prune/second-order.ts'
import {
  chosenTargets,
  firstLayer,
  type PruneTarget,
  pruneTargets,
  titleOf,
  withWeights,
  zeroNote,
} from '../prune/targets.ts'
import { channelsInnermost, inOrder, inOriginalOrder, stackInOrder } from './column-order.ts'

const params = z
  .strictObject({
    n: z.int().min(1).max(63).default(2).meta({ title: 'Kept', description: 'Weights kept of each group.' }),
    m: z.int().min(2).max(64).default(4).meta({ title: 'Group', description: 'Weights that follow each other.' }),
    score: z.enum(['magnitude', 'activation', 'second-order']).default('second-order').meta({
      title: 'Chosen by',
      description: 'Size of the weight; weight times activation; second order, which also adjusts the weights kept.',
    }),
    ...layerFields,
    damping: dampingField,
    positionsPerSample: positionsField,
  })
  .refine(({ n, m }) => n < m, { message: 'n must be smaller than m', path: ['n'] })

type Params = z.infer<typeof params>

export const pruneNm = definePass<Params>({
  name: 'prune-nm',
  title: 'Prune n of m',
  description: 'Keeps n of every m weights that follow each other, for example 2 of 4.',
  params,
  needs: ['constants', 'linear', 'batch-norm'],
  provides: ['masks'],
  lossy: true,
  async run(graph, options, context) {
    const targets = chosenTargets(pruneTargets(graph, context.warn), options, 'prune-nm')
    if (options.score !== 'magnitude' && !context.calibration?.count)
      throw new AppError('recipe.noCalibration', { pass: 'prune-nm' })
    let current = graph
    let done = 0
    const grams =
      options.score === 'activation' ? await targetGrams(graph, targets, context, gramOptions(options)) : null
    for (const target of targets) {
      context.signal?.throwIfAborted()
      const goal =
        options.score === 'second-order'
          ? await layerGoal(current, target, context, { ...gramOptions(options), damping: options.damping })
          : { w: weightMatrix(firstLayer(target)), gram: grams?.get(target.name) ?? null }
      current = await pruneTarget(current, target, goal, options, context)
      context.progress(++done / targets.length, titleOf(target))
    }
    return current
  },
})

const gramOptions = ({ positionsPerSample }: Params) => ({ ...defaultGramOptions, positionsPerSample })

async function pruneTarget(
  graph: Graph,
  target: PruneTarget,
  { w: weights, gram }: { readonly w: Matrix; readonly gram: Gram | null },
  options: Params,
  context: PassContext,
): Promise<Graph> {
  const order = channelsInnermost(firstLayer(target))
  const w = inOrder(weights, order)
  const pruned = await prunedMatrix(w, gram && stackInOrder(gram, order), options, context)
  context.log(zeroNote(target, pruned.data))
  return withWeights(graph, target, inOriginalOrder(pruned, order).data, 'pruned')
}

async function prunedMatrix(w: Matrix, gram: Gram | null, { n, m, score, damping }: Params, { kernels }: PassContext) {
  if (score === 'second-order') {
    const sparsity = { kind: 'n:m', n, m } as const
    return (await pruneSecondOrder(kernels, w, gram!, sparsity, { damping, blockSize: null })).weights
  }
  const mask = await kernels.nmMask(score === 'activation' ? activationScores(w, gram!) : magnitudeScores(w), n, m)
  return { ...w, data: w.data.map((value, i) => (mask[i] ? value : 0)) }
}
