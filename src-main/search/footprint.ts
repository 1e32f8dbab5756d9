// What each layer's weights take in a pack, and what its operator then takes of time: the real bytes of the packer's codecs
// on the integers that lowering gives, and cycles of the cost model.
import { codecs } from '../codecs/registry.ts'
import { estimateCost } from '../targets/cost.ts'
import type { Refinement } from '../targets/cost-model/refine.ts'
import { type Candidate, candidatesOf } from '../targets/packer/candidates.ts'
import { isWeighted, type Plan } from '../targets/plan.ts'
import type { Footprint } from './sensitivity.ts'

export interface FootprintOptions {
  readonly core: string
  /** Ways to the device. */
  readonly links: readonly string[]
  readonly refinement: Refinement | null
  /** Cycles that were counted when this very plan, with plain weights, was profiled: by node. */
  readonly counted: ReadonlyMap<string, number> | null
  /** false: plain int8 only. */
  readonly coded: boolean
  readonly signal?: AbortSignal
}

/** Scratch that a streamed operator may take, as the packer tries first. */
const scratchBytes = 4096

/**
 * By node. Of all ways to store the weights the one with the fewest bytes that at most doubles the time of the operator: the
 * slowest decoders save a little and cost a hundred times as much.
 */
export function footprints(plan: Plan, options: FootprintOptions): Map<string, Footprint> {
  const { core, links, refinement, counted, coded, signal } = options
  const { operators } = estimateCost(plan, core, null, { refinement, links })
  const found = new Map<string, Footprint>()
  for (const tensor of candidatesOf(plan, { codecs: coded ? codecs : [], core, scratchBytes, signal })) {
    const readers = plan.ops.flatMap((op, i) => (isWeighted(op) && op.weights === tensor.index ? [i] : []))
    const plainCycles = readers.map((i) => counted?.get(plan.ops[i]!.node) ?? operators[i]!.cycles)
    const together = plainCycles.reduce((sum, cycles) => sum + cycles, 0)
    const chosen = cheapest(tensor.options, together)
    readers.forEach((i, k) => {
      const share = chosen.extraCycles / readers.length
      found.set(plan.ops[i]!.node, {
        bytes: chosen.flashBytes,
        codec: chosen.codec,
        mode: chosen.mode,
        cycles: Math.max(0, Math.round(plainCycles[k]! + share)),
      })
    })
  }
  return found
}

function cheapest(options: readonly [Candidate, ...Candidate[]], plainCycles: number): Candidate {
  const allowed = options.filter(({ mode, extraCycles }) => mode !== 'resident' && extraCycles <= plainCycles)
  return allowed.reduce((best, option) => (option.flashBytes < best.flashBytes ? option : best), options[0])
}
