// Every pass there is, in the order in which an editor offers them.
import { z } from 'zod'
import { biasCorrect } from './bias-correct/bias-correct.ts'
import { convertFloats } from './convert-floats/convert-floats.ts'
import { equalize } from './equalize/equalize.ts'
import { factorize } from './factorize/factorize.ts'
import { canonicalActivations } from './fold/activations.ts'
import { constantBatch } from './fold/batch.ts'
import { foldBatchNorm } from './fold/batch-norm.ts'
import { foldConstants } from './fold/constants.ts'
import { removeDead } from './fold/dead.ts'
import { fuseLinear } from './fold/fusion.ts'
import { removeIdentities } from './fold/identity.ts'
import { canonicalLinear } from './fold/linear.ts'
import { foldPad } from './fold/pad.ts'
import { cancelTransposes } from './fold/transposes.ts'
import { widenFloats } from './fold/widen.ts'
import type { Pass } from './pass.ts'
import { pruneActivation } from './prune-activation/prune.ts'
import { pruneChannels } from './prune-channels/prune.ts'
import { pruneMagnitude } from './prune-magnitude/prune.ts'
import { pruneNm } from './prune-nm/prune.ts'
import { pruneObs } from './prune-obs/prune.ts'
import { quantizeInt8 } from './quantize/int8.ts'
import { quantizeWeights } from './quantize-weights/quantize-weights.ts'
import { reconstructBlocks } from './reconstruct-blocks/reconstruct-blocks.ts'
import { shareWeights } from './share-weights/share.ts'

export const passes: readonly Pass[] = [
  widenFloats,
  foldConstants,
  canonicalActivations,
  canonicalLinear,
  foldBatchNorm,
  foldPad,
  removeDead,
  removeIdentities,
  cancelTransposes,
  fuseLinear,
  constantBatch,
  factorize,
  pruneChannels,
  pruneMagnitude,
  pruneActivation,
  pruneNm,
  pruneObs,
  shareWeights,
  equalize,
  quantizeWeights,
  reconstructBlocks,
  biasCorrect,
  quantizeInt8,
  convertFloats,
]

const byName = new Map(passes.map((pass) => [pass.name, pass]))

export const passByName = (name: string): Pass | null => byName.get(name) ?? null

/** JSON Schema of a pass's parameters, for an editor. */
export const paramsSchema = (pass: Pass): Record<string, unknown> => z.toJSONSchema(pass.params, { io: 'input' })
