// Pruning by weight times activation (Wanda: Sun et al. 2023, "A Simple and Effective Pruning Approach for Large Language
// Models", section 3): within each output row, the weights with the smallest |w| * ||x|| go. Nothing is updated.
import { z } from 'zod'
import { AppError } from '../../base/errors.ts'
import { defaultGramOptions } from '../layer-inputs.ts'
import { weightMatrix } from '../layers.ts'
import { definePass } from '../pass.ts'
import { layerFields, positionsField, sparsityField } from '../prune/fields.ts'
import { targetGrams } from '../prune/inputs.ts'
import { activationScores } from '../prune/scores.ts'
import {
  chosenTargets,
  firstLayer,
  namedShare,
  pruneTargets,
  titleOf,
  withWeights,
  zeroNote,
} from '../prune/targets.ts'

const params = z.strictObject({ sparsity: sparsityField, ...layerFields, positionsPerSample: positionsField })

export const pruneActivation = definePass<z.infer<typeof params>>({
  name: 'prune-activation',
  title: 'Prune by weight and activation',
  description: 'Sets the weights of each output to zero whose inputs and weights are smallest together.',
  params,
  needs: ['constants', 'linear', 'batch-norm'],
  provides: ['masks'],
  lossy: true,
  async run(graph, options, context) {
    if (!context.calibration?.count) throw new AppError('recipe.noCalibration', { pass: 'prune-activation' })
    const targets = chosenTargets(pruneTargets(graph, context.warn), options, 'prune-activation')
    const { positionsPerSample } = options
    const grams = await targetGrams(graph, targets, context, { ...defaultGramOptions, positionsPerSample })
    let current = graph
    for (const [i, target] of targets.entries()) {
      context.signal?.throwIfAborted()
      const w = weightMatrix(firstLayer(target))
      const keep = Math.round((1 - (namedShare(target, options) ?? options.sparsity)) * w.columns)
      const mask = await context.kernels.nmMask(activationScores(w, grams.get(target.name)!), keep, w.columns)
      const kept = w.data.map((value, at) => (mask[at] ? value : 0))
      context.log(zeroNote(target, kept))
      current = withWeights(current, target, kept, 'pruned')
      context.progress((i + 1) / targets.length, titleOf(target))
    }
    return current
  },
})
