// What to do next in a project, in one sentence.
import type { Deployability } from '../../src-main/contract/model.ts'
import type { BudgetName, Budgets, RunReport } from '../../src-main/contract/report.ts'
import { t } from '../i18n/locale.ts'
import { estimatedOver, overBudgets } from './obstacles.ts'
import type { ProjectPage } from './project-page.svelte.ts'
import { bySize, type Suggestion, suggest } from './suggestion.ts'

const wayOut: Readonly<Record<BudgetName, 'pruned' | 'ram' | 'faster' | 'accurate'>> = {
  flashBytes: 'pruned',
  ramBytes: 'ram',
  latencyMs: 'faster',
  energyUj: 'faster',
  accuracyDrop: 'accurate',
}

export function nextStep(page: ProjectPage, estimate: Deployability | null): string | null {
  const project = page.project.value
  if (!project) return null
  if (!project.modelId) return t('overview.next.model')
  if (!project.dataSetId) return t('overview.next.data')
  if (page.job.running || page.starting) return t('overview.next.running')
  if (page.misfits) return t('overview.next.fit')
  const run = page.shownRun.value
  if (run) return afterRun(run, project.budgets)
  if (isRefused(page)) return t('overview.next.refused')
  return t(estimate && missed(page, estimate).includes('ramBytes') ? 'overview.next.ram' : 'overview.next.run')
}

/** Whether an operator of the model runs on no device; no recipe changes that. */
const isRefused = (page: ProjectPage) => page.analysis.value?.layers.some(({ refusal }) => refusal !== null) ?? false

/** By the run shown, else by the estimate. */
function missed(page: ProjectPage, estimate: Deployability | null): BudgetName[] {
  const budgets = page.project.value?.budgets ?? {}
  const run = page.shownRun.value
  if (run) return overBudgets(run, budgets)
  return estimate ? estimatedOver(estimate, budgets).map(({ budget }) => budget) : []
}

/** The preset to try for the budget that is missed; null while something else comes first, or when nothing would help. */
export function suggestionFor(page: ProjectPage, estimate: Deployability | null): Suggestion | null {
  const project = page.project.value
  const run = page.shownRun.value
  if (!project?.dataSetId || page.job.running || page.starting || page.misfits || (!run && isRefused(page))) return null
  const { budgets, recipe } = project
  const codeBytes = estimate?.flash?.codeBytes ?? 0
  const ramNeeded = run?.ram.totalBytes ?? estimate?.ramBytes ?? 0
  return suggest({
    over: missed(page, estimate),
    recipe: run?.recipe.name ?? recipe,
    tried: new Set([...page.attempted, ...(page.runs.value ?? []).map(({ recipeName }) => recipeName)]),
    sizes: new Map([...page.presetSizes.value].map(([name, bytes]) => [name, bytes + codeBytes])),
    flashLimit: flashLimitOf(budgets, estimate),
    ramShare: ramNeeded / smallest(budgets.ramBytes, estimate?.ram?.availableBytes),
  })
}

/** Asks for what a suggestion needs: sizes decide only where flash is missed, or more bits may be spent on accuracy. */
export async function loadSizes(page: ProjectPage, estimate: Deployability | null): Promise<void> {
  const model = page.project.value?.modelId
  const over = missed(page, estimate)
  const isSizeRead = !over.includes('ramBytes') && (over.includes('flashBytes') || over.includes('accuracyDrop'))
  if (model && isSizeRead) await page.presetSizes.load(model, bySize)
}

/** Bytes that pack and runtime may have together; null without any limit. */
export function flashLimitOf(budgets: Budgets, estimate: Deployability | null): number | null {
  const limit = smallest(budgets.flashBytes, estimate?.flash?.availableBytes)
  return Number.isFinite(limit) ? limit : null
}

const smallest = (...limits: (number | null | undefined)[]) =>
  Math.min(...limits.map((limit) => limit ?? Number.POSITIVE_INFINITY))

function afterRun(run: RunReport, budgets: Parameters<typeof overBudgets>[1]): string {
  const [over] = overBudgets(run, budgets)
  if (!over) return t('overview.next.report')
  const coded = run.encodingGoal === 'smallest' || run.encodingGoal === 'streamed'
  return t(`overview.next.${over === 'flashBytes' && !coded ? 'smaller' : wayOut[over]}`)
}
