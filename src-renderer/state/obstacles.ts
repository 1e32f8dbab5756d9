// What stands between a project and its budgets, in sentences: from the run shown, else from the estimate of the model.
import type { Analysis } from '../../src-main/contract/model.ts'
import type { Budgets, RunReport } from '../../src-main/contract/report.ts'
import { budgetTitles, formatBudget, formatMs } from '../ui/format.ts'

export function runObstacles(run: RunReport, budgets: Budgets): string[] {
  const over = run.budgets.flatMap(({ budget, value }) => {
    const limit = budgets[budget]
    if (limit === undefined || value === null || value <= limit) return []
    return [`${budgetTitles[budget]} is ${formatBudget(budget, value - limit)} over its budget.`]
  })
  const { samples, equal } = run.bitExact
  const differs = equal < samples ? [`${samples - equal} of ${samples} outputs differ from the twin's.`] : []
  return [...over, ...differs]
}

/** With the agent's code, its stack and its static RAM, as in the totals of a run. */
const estimated = {
  flashBytes: 'Flash is estimated',
  ramBytes: 'RAM is estimated',
  latencyMs: 'The latency is estimated',
}

export function estimateObstacles(analysis: Analysis, profile: string, budgets: Budgets): string[] {
  const refused = analysis.layers.filter((layer) => layer.refusal !== null)
  if (refused.length > 0) {
    const first = refused[0]!
    const more = refused.length > 1 ? ` (and ${refused.length - 1} more)` : ''
    return [`Layer ${first.node} (${first.op}) cannot run on a microcontroller: ${first.refusal}${more}`]
  }
  const device = analysis.devices.find((each) => each.device === profile)
  if (!device) return []
  const problems = device.problem ? [device.problem] : []
  const figures = { flashBytes: device.flashBytes, ramBytes: device.ramBytes, latencyMs: device.latencyMs }
  for (const [budget, value] of Object.entries(figures) as [keyof typeof figures, number | null][]) {
    const limit = budgets[budget]
    if (limit === undefined || value === null || value <= limit || device.problem) continue
    const text = budget === 'latencyMs' ? formatMs(value) : formatBudget(budget, value)
    problems.push(
      `${estimated[budget]} at ${text}, the ${budgetTitles[budget]} budget is ${formatBudget(budget, limit)}.`,
    )
  }
  return problems
}
