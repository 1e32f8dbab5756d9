// What stands between a project and its budgets, in sentences that name the tensor or the operator: from the run shown, else
// from the estimate of the model.
import type { Analysis } from '../../src-main/contract/model.ts'
import type { BudgetName, Budgets, RunReport } from '../../src-main/contract/report.ts'
import { t } from '../i18n/locale.ts'
import { formatBudget, formatBytes, formatMs, formatPercent } from '../ui/format.ts'

export function runObstacles(run: RunReport, budgets: Budgets): string[] {
  const over = run.budgets.flatMap(({ budget, value }) => {
    const limit = budgets[budget]
    if (limit === undefined || value === null || value <= limit) return []
    const amount = t('notes.overBudget', {
      budget: t(`ui.budget.${budget}`),
      amount: formatBudget(budget, value - limit),
    })
    return [[amount, runCulprit(run, budget)].filter(Boolean).join(' ')]
  })
  const { samples, equal } = run.bitExact
  const differs = equal < samples ? [t('notes.outputsDiffer', { different: samples - equal, samples })] : []
  return [...over, ...differs]
}

/** Budgets of the run that it is over, in the order of the report. */
export const overBudgets = (run: RunReport, budgets: Budgets): BudgetName[] =>
  run.budgets.flatMap(({ budget, value }) => {
    const limit = budgets[budget]
    return limit !== undefined && value !== null && value > limit ? [budget] : []
  })

const largest = <T>(rows: readonly T[], of: (row: T) => number): T | undefined =>
  rows.reduce<T | undefined>((most, row) => (most === undefined || of(row) > of(most) ? row : most), undefined)

function runCulprit(run: RunReport, budget: BudgetName): string {
  if (budget === 'flashBytes') {
    const row = largest(run.encoding ?? [], ({ bytes }) => bytes)
    if (!row) return ''
    const { tensor, codec, bytes } = row
    return t('notes.flashNeeds', { tensor, codec, bytes: formatBytes(bytes), count: run.encoding?.length ?? 0 })
  }
  if (budget === 'ramBytes') {
    const row = largest(run.memoryMap, ({ liveBytes }) => liveBytes)
    const tensor = row && largest(row.tensors, ({ bytes }) => bytes)
    if (!row || !tensor) return ''
    const sizes = { bytes: formatBytes(row.liveBytes), tensorBytes: formatBytes(tensor.bytes) }
    return t('notes.ramNeeds', { operator: row.operator, tensor: tensor.name, ...sizes })
  }
  if (budget !== 'latencyMs') return ''
  const row = largest(run.operators, ({ cycles }) => cycles)
  const total = run.operators.reduce((sum, { cycles }) => sum + cycles, 0)
  return row && total > 0
    ? t('notes.latencyNeeds', { operator: row.name, op: row.op, share: formatPercent(row.cycles / total) })
    : ''
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
    if (limit === undefined || value === null || value <= limit) continue
    const text = budget === 'latencyMs' ? formatMs(value) : formatBudget(budget, value)
    const over = device.problem
      ? ''
      : t(`notes.estimateOver.${budget}`, { value: text, limit: formatBudget(budget, limit) })
    problems.push([over, estimateCulprit(analysis, budget)].filter(Boolean).join(' '))
  }
  return problems.filter((text) => text !== '')
}

function estimateCulprit({ layers, weights }: Analysis, budget: 'flashBytes' | 'ramBytes' | 'latencyMs'): string {
  if (budget === 'flashBytes') {
    const row = largest(weights, ({ elements }) => elements)
    return row
      ? t('notes.estimateNeeds.flashBytes', {
          tensor: row.tensor,
          node: row.node,
          op: row.op,
          bytes: formatBytes(row.elements),
        })
      : ''
  }
  if (budget === 'ramBytes') {
    // One byte an element: the device computes in int8. A symbolic size is the batch, which is 1 there.
    const sizeOf = (shape: (typeof layers)[number]['outputShape']) =>
      shape?.reduce<number>((product, each) => product * (typeof each === 'number' ? each : 1), 1) ?? 0
    const row = largest(layers, ({ outputShape }) => sizeOf(outputShape))
    return row
      ? t('notes.estimateNeeds.ramBytes', { node: row.node, op: row.op, bytes: formatBytes(sizeOf(row.outputShape)) })
      : ''
  }
  const row = largest(layers, ({ macs }) => macs)
  const total = layers.reduce((sum, { macs }) => sum + macs, 0)
  return row && total > 0
    ? t('notes.estimateNeeds.latencyMs', { node: row.node, op: row.op, share: formatPercent(row.macs / total) })
    : ''
}
