// The best run in each budget, and how the newest run stands beside the one that is shown.
import type { BudgetName, Budgets, RunReport } from '../../src-main/contract/report.ts'
import type { RunSummary } from '../../src-main/contract/run.ts'
import { sampleGroups } from './evaluation.ts'

export interface BestRun {
  readonly run: RunSummary
  readonly value: number
}

export const figureOf = (run: RunSummary, budget: BudgetName): number | null =>
  budget === 'latencyMs' ? run.latencyMs : run[budget]

/** Whether it loses no more than the budget allows; without labels nobody knows, and it counts. */
const isAccurate = (run: RunSummary, drop: number | undefined) =>
  drop === undefined || run.accuracyDrop === null || run.accuracyDrop <= drop

/**
 * The run with the smallest figure among those within the accuracy budget; among equals the newest. Drops are held against each other
 * only where they are of the same samples: the most that there are.
 */
export function bestIn(runs: readonly RunSummary[], budget: BudgetName, budgets: Budgets): BestRun | null {
  const [most = []] = budget === 'accuracyDrop' ? sampleGroups(runs.filter((run) => run.accuracyDrop !== null)) : [runs]
  let best: BestRun | null = null
  for (const run of most) {
    const value = figureOf(run, budget)
    if (value !== null && isAccurate(run, budgets.accuracyDrop) && (best === null || value < best.value))
      best = { run, value }
  }
  return best
}

export interface LatestRun {
  readonly run: RunSummary
  /** Budgets that it misses, with by how much. */
  readonly over: readonly { readonly budget: BudgetName; readonly by: number }[]
  /** Within the budgets: measured on fewer samples, or with a figure that is worse. */
  readonly why: 'over' | 'fewer' | 'behind'
}

/** The newest run where it is not the one shown: why it is not. */
export function latestBeside(runs: readonly RunSummary[], shown: RunReport, budgets: Budgets): LatestRun | null {
  const [run] = runs
  if (!run || run.id === shown.id) return null
  const over = (['flashBytes', 'ramBytes', 'latencyMs', 'energyUj', 'accuracyDrop'] as const).flatMap((budget) => {
    const [limit, value] = [budgets[budget], figureOf(run, budget)]
    return limit !== undefined && value !== null && value > limit ? [{ budget, by: value - limit }] : []
  })
  const why = over.length > 0 ? 'over' : (run.samples ?? 0) < shown.quality.twin.n ? 'fewer' : 'behind'
  return { run, over, why }
}
