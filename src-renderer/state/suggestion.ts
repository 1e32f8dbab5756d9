// What to try next when a project misses a budget: a preset that was not run yet, chosen by the budget that is missed and,
// for flash, by the sizes that the presets would have.
import type { BudgetName, EncodingGoal } from '../../src-main/contract/report.ts'

export interface Situation {
  /** Budgets that are missed, or that the estimate says would be. */
  readonly over: readonly BudgetName[]
  /** Name of the recipe that misses them. */
  readonly recipe: string
  /** Names of the recipes that the project has runs of. */
  readonly tried: ReadonlySet<string>
  /** Flash that each preset would need with its weights as small as possible and the runtime, bytes; none: not known. */
  readonly sizes: ReadonlyMap<string, number>
  readonly flashLimit: number | null
  /** RAM needed through RAM allowed; 1 or less: it is within, or not known. */
  readonly ramShare: number
}

export interface Suggestion {
  readonly recipe: string
  readonly encoding: EncodingGoal
  /** fits: within the flash budget; smallest: over it, and nothing is smaller; the others name what they help. */
  readonly why: 'fits' | 'smallest' | 'accurate' | 'narrower'
  /** Estimated; null when not known. */
  readonly flashBytes: number | null
}

/** From the least loss of accuracy to the fewest bytes. */
export const bySize: readonly string[] = [
  'int8',
  'w4a8',
  'w3a8-blocks',
  'pruned-codebook-16',
  'w2a8-blocks',
  'ternary',
  'binary',
]

/** As many bits, and more work to choose them. */
const betterAtTheSameSize: Readonly<Record<string, readonly string[]>> = {
  'w4a8-nearest': ['w4a8', 'w4a8-blocks'],
  w4a8: ['w4a8-blocks', 'w4a8-adaround'],
  'w4a8-adaround': ['w4a8-blocks'],
  w3a8: ['w3a8-blocks'],
  w2a8: ['w2a8-blocks'],
  'int8-minmax': ['int8', 'int8-mse'],
  'int8-pruned': ['pruned-50'],
  int8: ['int8-mse', 'int8-percentile'],
}

/** What a third of the channels less makes of the activations at best. */
const narrowing = 1.5

export function suggest(situation: Situation): Suggestion | null {
  const { over } = situation
  // Activations stay as they are however few bits the weights have, so that comes first.
  if (over.includes('ramBytes')) return situation.ramShare <= narrowing ? narrower(situation) : null
  if (over.includes('flashBytes')) return smaller(situation)
  if (over.includes('accuracyDrop')) return moreAccurate(situation)
  return over.includes('latencyMs') || over.includes('energyUj') ? narrower(situation) : null
}

function smaller({ tried, sizes, flashLimit }: Situation): Suggestion | null {
  const known = bySize.flatMap((recipe) => {
    const flashBytes = sizes.get(recipe)
    return flashBytes === undefined || tried.has(recipe) ? [] : [{ recipe, flashBytes, encoding: 'smallest' as const }]
  })
  const fitting = known.find(({ flashBytes }) => flashLimit !== null && flashBytes <= flashLimit)
  if (fitting) return { ...fitting, why: 'fits' }
  const [least] = known.toSorted((a, b) => a.flashBytes - b.flashBytes)
  return least ? { ...least, why: 'smallest' } : null
}

function moreAccurate({ recipe, tried, sizes, flashLimit }: Situation): Suggestion | null {
  const fits = (name: string) => flashLimit === null || (sizes.get(name) ?? 0) <= flashLimit
  const place = bySize.indexOf(recipe)
  // Of a recipe that is not in the list nobody knows how much it loses: the two that lose least.
  const larger = bySize.slice(0, place < 0 ? 2 : place).toReversed()
  const next = [...(betterAtTheSameSize[recipe] ?? []), ...larger].find((name) => !tried.has(name) && fits(name))
  return next ? { recipe: next, encoding: 'auto', why: 'accurate', flashBytes: sizes.get(next) ?? null } : null
}

/** Fewer channels are the one thing that makes activations smaller and takes multiplications away. */
const narrower = ({ tried }: Situation): Suggestion | null =>
  tried.has('channels-third') ? null : { recipe: 'channels-third', encoding: 'auto', why: 'narrower', flashBytes: null }
