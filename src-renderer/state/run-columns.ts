import type { RunSummary } from '../../src-main/contract/run.ts'

export type RunColumn = Exclude<
  keyof RunSummary,
  | 'id'
  | 'projectId'
  | 'latencyKind'
  | 'device'
  | 'energyUj'
  | 'samples'
  | 'dataSha256'
  | 'recipeSha256'
  | 'encoding'
  | 'tags'
  | 'note'
>

const collator = new Intl.Collator('en', { numeric: true })

/** Sorted by one column; runs without a value there come last whatever the direction. */
export function sortRuns(runs: readonly RunSummary[], column: RunColumn, descending: boolean): RunSummary[] {
  const ranks = ranksOf(
    runs.map((run) => run[column]),
    column === 'createdAt' ? undefined : collator.compare,
  )
  return runs.toSorted((a, b) => {
    const [left, right] = [ranks(a[column]), ranks(b[column])]
    if (left === null || right === null) return Number(left === null) - Number(right === null)
    return descending ? right - left : left - right
  })
}

/**
 * Names are few and repeat, so they are put in order once, and rows are compared as numbers.
 * @param compare left out: as they are written, which is right for dates
 */
function ranksOf(
  values: readonly RunSummary[RunColumn][],
  compare?: (a: string, b: string) => number,
): (value: RunSummary[RunColumn]) => number | null {
  const texts = [...new Set(values.filter((value) => typeof value === 'string'))]
  const order = new Map(texts.sort(compare).map((text, rank) => [text, rank]))
  return (value) => (value === null ? null : typeof value === 'string' ? (order.get(value) ?? 0) : Number(value))
}
