// Budgets as typed by the user: a number and a unit per row; an empty number means no such budget.
import type { BudgetName, Budgets } from '../../src-main/contract/report.ts'
import { t } from '../i18n/locale.ts'

export interface BudgetRow {
  readonly budget: BudgetName
  amount: string
  unit: string
}

/** How many of the contract's unit one of this unit is. The first is the default. */
export const budgetUnits: Record<BudgetName, readonly { readonly unit: string; readonly factor: number }[]> = {
  flashBytes: [
    { unit: 'KiB', factor: 1024 },
    { unit: 'MiB', factor: 1 << 20 },
    { unit: 'B', factor: 1 },
  ],
  ramBytes: [
    { unit: 'KiB', factor: 1024 },
    { unit: 'MiB', factor: 1 << 20 },
    { unit: 'B', factor: 1 },
  ],
  latencyMs: [
    { unit: 'ms', factor: 1 },
    { unit: 'µs', factor: 1e-3 },
    { unit: 's', factor: 1e3 },
  ],
  energyUj: [
    { unit: 'µJ', factor: 1 },
    { unit: 'mJ', factor: 1e3 },
  ],
  accuracyDrop: [{ unit: 'pp', factor: 1 }],
}

export const budgetOrder: readonly BudgetName[] = ['flashBytes', 'ramBytes', 'latencyMs', 'energyUj', 'accuracyDrop']

export function budgetRows(budgets: Budgets): BudgetRow[] {
  return budgetOrder.map((budget) => {
    const value = budgets[budget]
    if (value === undefined) return { budget, amount: '', unit: budgetUnits[budget][0]!.unit }
    const { unit, factor } = readableUnit(budget, value)
    return { budget, amount: String(Number((value / factor).toPrecision(15))), unit }
  })
}

/** The budgets, or which row is wrong and why. */
export function parseBudgets(
  rows: readonly BudgetRow[],
): { budgets: Budgets } | { problem: { budget: BudgetName; text: string } } {
  const budgets: Budgets = {}
  for (const { budget, amount, unit } of rows) {
    const text = String(amount ?? '').trim()
    if (text === '') continue
    const value = Number(text.replace(',', '.'))
    if (!Number.isFinite(value) || value < 0) {
      return { problem: { budget, text: t('ui.notANumber') } }
    }
    const factor = budgetUnits[budget].find((each) => each.unit === unit)?.factor ?? 1
    const isBytes = budget === 'flashBytes' || budget === 'ramBytes'
    budgets[budget] = isBytes ? Math.round(value * factor) : value * factor
  }
  return { budgets }
}

/** The largest unit in which the value needs at most two decimals, so that nothing is rounded away. */
function readableUnit(budget: BudgetName, value: number) {
  const units = budgetUnits[budget].toSorted((a, b) => b.factor - a.factor)
  const exact = units.find(({ factor }) => value >= factor && Number((value / factor).toFixed(2)) * factor === value)
  return exact ?? budgetUnits[budget].toSorted((a, b) => a.factor - b.factor)[0]!
}
