// What stands between a project and its budgets, in sentences: from the run shown, else from the estimate of the model.
import type { Analysis } from '../../src-main/contract/model.ts'
import type { Budgets, RunReport } from '../../src-main/contract/report.ts'
import { t } from '../i18n/locale.ts'
import { formatBudget, formatMs } from '../ui/format.ts'

export function runObstacles(run: RunReport, budgets: Budgets): string[] {
  const over = run.budgets.flatMap(({ budget, value }) => {
    const limit = budgets[budget]
    if (limit === undefined || value === null || value <= limit) return []
    return [t('notes.overBudget', { budget: t(`ui.budget.${budget}`), amount: formatBudget(budget, value - limit) })]
  })
  const { samples, equal } = run.bitExact
  const differs = equal < samples ? [t('notes.outputsDiffer', { different: samples - equal, samples })] : []
  return [...over, ...differs]
}

export function estimateObstacles(analysis: Analysis, profile: string, budgets: Budgets): string[] {
  const refused = analysis.layers.filter((layer) => layer.refusal !== null)
  if (refused.length > 0) {
    const first = refused[0]!
    const { node, op } = first
    const values = { node, op, reason: first.refusal ?? '', more: refused.length - 1 }
    return [refused.length > 1 ? t('notes.cannotRunMore', values) : t('notes.cannotRun', values)]
  }
  const device = analysis.devices.find((each) => each.device === profile)
  if (!device) return []
  const problems = device.problem ? [device.problem] : []
  const figures = { flashBytes: device.flashBytes, ramBytes: device.ramBytes, latencyMs: device.latencyMs }
  for (const [budget, value] of Object.entries(figures) as [keyof typeof figures, number | null][]) {
    const limit = budgets[budget]
    if (limit === undefined || value === null || value <= limit || device.problem) continue
    const text = budget === 'latencyMs' ? formatMs(value) : formatBudget(budget, value)
    problems.push(t(`notes.estimateOver.${budget}`, { value: text, limit: formatBudget(budget, limit) }))
  }
  return problems
}
