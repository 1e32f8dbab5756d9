// What stands between a project and its budgets, in sentences that name the tensor or the operator: from the run shown, else
// from the estimate of the model.
import type { Analysis, Deployability } from '../../src-main/contract/model.ts'
import type { BudgetName, Budgets, RunReport } from '../../src-main/contract/report.ts'
import { t } from '../i18n/locale.ts'
import { noteText } from '../i18n/note.ts'
import { formatBudget, formatBytes, formatPercent } from '../ui/format.ts'

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
    const values = { node, op, reason: noteText(first.refusal ?? ''), more: refused.length - 1 }
    return [refused.length > 1 ? t('notes.cannotRunMore', values) : t('notes.cannotRun', values)]
  }
  const device = analysis.devices.find((each) => each.device === profile)
  if (!device) return []
  const over = estimatedOver(device, budgets).map(({ budget, value, limit, isBudget }) => {
    const sizes = { value: formatBudget(budget, value), limit: formatBudget(budget, limit) }
    const isOwn = isBudget || budget === 'latencyMs'
    const amount = t(isOwn ? `notes.estimateOver.${budget}` : `notes.estimateOverDevice.${budget}`, sizes)
    return `${amount} ${estimateCulprit(analysis, budget)}`.trim()
  })
  // What cannot be estimated has a reason; and a pack can be too large for its place in a memory that is large enough.
  const isExplained = over.length > 0 || device.fits === true
  return device.problem && !isExplained ? [noteText(device.problem)] : over
}

type EstimatedBudget = 'flashBytes' | 'ramBytes' | 'latencyMs'

interface EstimatedOver {
  readonly budget: EstimatedBudget
  readonly value: number
  readonly limit: number
  /** Of the project; else the device has no more. */
  readonly isBudget: boolean
}

/** What the model as an int8 pack would need beyond the project's budgets, or beyond the device where that is tighter. */
export function estimatedOver(device: Deployability, budgets: Budgets): EstimatedOver[] {
  const available = { flashBytes: device.flash?.availableBytes, ramBytes: device.ram?.availableBytes, latencyMs: null }
  return (['flashBytes', 'ramBytes', 'latencyMs'] as const).flatMap((budget) => {
    const value = device[budget]
    const own = budgets[budget] ?? Number.POSITIVE_INFINITY
    const has = available[budget] ?? Number.POSITIVE_INFINITY
    const limit = Math.min(own, has)
    return value !== null && value > limit ? [{ budget, value, limit, isBudget: own <= has }] : []
  })
}

function estimateCulprit({ layers, weights }: Analysis, budget: EstimatedBudget): string {
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
