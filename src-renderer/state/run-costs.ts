// What a run costs, for the axis of the plot.
import type { Budgets } from '../../src-main/contract/report.ts'
import type { RunSummary } from '../../src-main/contract/run.ts'
import { formatBudget, formatBytes } from '../ui/format.ts'

export const runCosts = ['flashBytes', 'ramBytes', 'latencyMs', 'energyUj'] as const
export type RunCost = (typeof runCosts)[number]

/** Bytes are drawn in KiB, so that the ticks are round in what is written. */
export function costOf(run: RunSummary, cost: RunCost): number | null {
  const value = run[cost]
  return value === null ? null : value / unitOf(cost)
}

export function budgetOf(budgets: Budgets, cost: RunCost): number | null {
  const limit = budgets[cost]
  return limit === undefined ? null : limit / unitOf(cost)
}

export function formatCost(value: number, cost: RunCost): string {
  return cost === 'flashBytes' || cost === 'ramBytes' ? formatBytes(value * 1024) : formatBudget(cost, value)
}

const unitOf = (cost: RunCost) => (cost === 'flashBytes' || cost === 'ramBytes' ? 1024 : 1)
