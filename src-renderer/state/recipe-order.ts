// Where a step belongs in a recipe, and which steps stand together. The host's rules (`needs`, order) decide what may stand
// where; this is where it is best.
import { familyOf } from './pass-families.ts'
import type { Step } from './pass-fields.ts'

/** What changes the graph comes before what prunes, that before what rounds, and the format of the numbers last. */
const ranks: Readonly<Record<string, number>> = {
  factorize: 1,
  'prune-channels': 2,
  equalize: 3,
  'prune-magnitude': 4,
  'prune-activation': 4,
  'prune-nm': 4,
  'prune-obs': 4,
  'share-weights': 5,
  'quantize-weights': 6,
  'reconstruct-blocks': 6,
  'bias-correct': 7,
  'quantize-int8': 8,
  'convert-floats': 9,
}

/** Simplifying comes first; of what is not known, before the last quantisation. */
const rankOf = (pass: string) => (familyOf(pass) === 'fold' ? 0 : (ranks[pass] ?? 7))

/** Before the first step that has to come later; after all steps of its own kind that stand before that. */
export function placeFor(steps: readonly Pick<Step, 'pass'>[], pass: string): number {
  const later = steps.findIndex((step) => familyOf(step.pass) !== 'fold' && rankOf(step.pass) > rankOf(pass))
  return later < 0 ? steps.length : later
}

/** Fewer steps are shown as they are. */
const leastGrouped = 3

export type RecipeRow =
  | { readonly kind: 'step'; readonly index: number }
  /** Steps that only simplify, one after another. */
  | { readonly kind: 'group'; readonly from: number; readonly count: number }

export function recipeRows(steps: readonly Pick<Step, 'pass'>[]): RecipeRow[] {
  const rows: RecipeRow[] = []
  for (let from = 0; from < steps.length; ) {
    let end = from
    while (end < steps.length && familyOf(steps[end]!.pass) === 'fold') end++
    if (end - from >= leastGrouped) {
      rows.push({ kind: 'group', from, count: end - from })
      from = end
    } else {
      rows.push({ kind: 'step', index: from })
      from += 1
    }
  }
  return rows
}
