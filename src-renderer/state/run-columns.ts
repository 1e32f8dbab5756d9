import type { RunSummary } from '../../src-main/contract/run.ts'

export type RunColumn = Exclude<keyof RunSummary, 'id' | 'projectId' | 'latencyKind' | 'device'>

/** Sorted by one column; runs without a value there come last whatever the direction. */
export function sortRuns(runs: readonly RunSummary[], column: RunColumn, descending: boolean): RunSummary[] {
  return runs.toSorted((a, b) => {
    const [left, right] = [a[column], b[column]]
    if (left === null || right === null) return Number(left === null) - Number(right === null)
    const order = typeof left === 'string' ? left.localeCompare(String(right)) : Number(left) - Number(right)
    return descending ? -order : order
  })
}
