// What sets two recipes apart, step by step.
import type { RecipeRecord } from '../../src-main/contract/report.ts'

export type RecipeDifference =
  | { readonly kind: 'added' | 'removed'; readonly pass: string; readonly params: Readonly<Record<string, unknown>> }
  | { readonly kind: 'moved'; readonly pass: string }
  | {
      readonly kind: 'set'
      readonly pass: string
      readonly name: string
      readonly before: unknown
      readonly after: unknown
    }
  | { readonly kind: 'seed'; readonly before: number; readonly after: number }

interface KeyedStep {
  /** The pass, and which of its occurrences this is. */
  readonly key: string
  readonly pass: string
  readonly params: Readonly<Record<string, unknown>>
}

export function recipeDifferences(before: RecipeRecord, after: RecipeRecord): RecipeDifference[] {
  const [old, now] = [keyed(before), keyed(after)]
  const oldKeys = new Map(old.map((step) => [step.key, step]))
  const nowKeys = new Set(now.map(({ key }) => key))
  const added = now.filter(({ key }) => !oldKeys.has(key)).map((step) => ({ kind: 'added' as const, ...plain(step) }))
  const removed = old
    .filter(({ key }) => !nowKeys.has(key))
    .map((step) => ({ kind: 'removed' as const, ...plain(step) }))
  const set = now.flatMap((step) => {
    const was = oldKeys.get(step.key)
    return was ? changedParams(was, step) : []
  })
  const seed = before.seed === after.seed ? [] : [{ kind: 'seed' as const, before: before.seed, after: after.seed }]
  return [...added, ...removed, ...set, ...moved(old, now), ...seed]
}

function keyed({ passes }: RecipeRecord): KeyedStep[] {
  const counts = new Map<string, number>()
  return passes.map(({ pass, params }) => {
    const nth = counts.get(pass) ?? 0
    counts.set(pass, nth + 1)
    return { key: `${pass} ${nth}`, pass, params }
  })
}

const plain = ({ pass, params }: KeyedStep) => ({ pass, params })

function changedParams(before: KeyedStep, after: KeyedStep): RecipeDifference[] {
  const names = new Set([...Object.keys(before.params), ...Object.keys(after.params)])
  return [...names]
    .map((name) => ({ name, before: before.params[name], after: after.params[name] }))
    .filter((each) => JSON.stringify(each.before) !== JSON.stringify(each.after))
    .map((each) => ({ kind: 'set', pass: after.pass, ...each }))
}

/** Steps of both that another step now comes before: the fewest that explain the new order. */
function moved(old: readonly KeyedStep[], now: readonly KeyedStep[]): RecipeDifference[] {
  const places = new Map(old.map(({ key }, place) => [key, place]))
  const kept = now.filter(({ key }) => places.has(key))
  const stays = longestRising(kept.map(({ key }) => places.get(key)!))
  return kept.filter((_, i) => !stays.has(i)).map(({ pass }) => ({ kind: 'moved', pass }))
}

/** Indices of a longest rising subsequence; recipes are short enough for the square of their length. */
function longestRising(values: readonly number[]): ReadonlySet<number> {
  const best: { readonly length: number; readonly from: number }[] = []
  for (const [i, value] of values.entries()) {
    let from = -1
    for (let k = 0; k < i; k++) if (values[k]! < value && (from < 0 || best[k]!.length > best[from]!.length)) from = k
    best.push({ length: 1 + (best[from]?.length ?? 0), from })
  }
  let at = best.reduce((most, each, i) => (each.length > (best[most]?.length ?? 0) ? i : most), -1)
  const indices = new Set<number>()
  while (at >= 0) {
    indices.add(at)
    at = best[at]!.from
  }
  return indices
}
