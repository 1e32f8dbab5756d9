// What to do next in a project, in one sentence, and the best run in each budget.
import type { BudgetName, RunReport } from '../../src-main/contract/report.ts'
import type { RunSummary } from '../../src-main/contract/run.ts'
import { t } from '../i18n/locale.ts'
import { overBudgets } from './obstacles.ts'
import type { ProjectPage } from './project-page.svelte.ts'

const wayOut: Readonly<Record<BudgetName, 'pruned' | 'ram' | 'faster' | 'accurate'>> = {
  flashBytes: 'pruned',
  ramBytes: 'ram',
  latencyMs: 'faster',
  energyUj: 'faster',
  accuracyDrop: 'accurate',
}

export function nextStep(page: ProjectPage): string | null {
  const project = page.project.value
  if (!project) return null
  if (!project.modelId) return t('overview.next.model')
  if (!project.dataSetId) return t('overview.next.data')
  if (page.job.running || page.starting) return t('overview.next.running')
  if (page.misfits) return t('overview.next.fit')
  const run = page.shownRun.value
  return run ? afterRun(run, project.budgets) : t('overview.next.run')
}

function afterRun(run: RunReport, budgets: Parameters<typeof overBudgets>[1]): string {
  const [over] = overBudgets(run, budgets)
  if (!over) return t('overview.next.report')
  const coded = run.encodingGoal === 'smallest' || run.encodingGoal === 'streamed'
  return t(`overview.next.${over === 'flashBytes' && !coded ? 'smaller' : wayOut[over]}`)
}

export const figureOf = (run: RunSummary, budget: BudgetName): number | null =>
  budget === 'latencyMs' ? run.latencyMs : run[budget]

/** The run with the smallest figure; among equals the newest. */
export function bestIn(runs: readonly RunSummary[], budget: BudgetName): { run: RunSummary; value: number } | null {
  let best: { run: RunSummary; value: number } | null = null
  for (const run of runs) {
    const value = figureOf(run, budget)
    if (value !== null && (best === null || value < best.value)) best = { run, value }
  }
  return best
}
