// What a run keeps of the accuracy, for the other axis of the plot: larger is better.
import type { RunSummary } from '../../src-main/contract/run.ts'
import { formatPercent, formatPoints } from '../ui/format.ts'
import { commonOriginal } from './evaluation.ts'

/** What is budgeted comes first. */
export const runGains = ['drop', 'accuracy'] as const
export type RunGain = (typeof runGains)[number]

/** A drop is drawn downwards, in percentage points; an accuracy from 0 to 1. */
export function gainOf(run: RunSummary, gain: RunGain): number | null {
  if (gain === 'accuracy') return run.accuracy
  return run.accuracyDrop === null ? null : 0 - run.accuracyDrop
}

export const formatGain = (value: number, gain: RunGain): string =>
  gain === 'accuracy' ? formatPercent(value) : formatPoints(0 - value)

/** The least gain that the budget allows. As an accuracy there is one only where all originals reach the same. */
export function gainFloor(runs: readonly RunSummary[], dropBudget: number | undefined, gain: RunGain): number | null {
  if (dropBudget === undefined) return null
  if (gain === 'drop') return 0 - dropBudget
  const original = commonOriginal(runs)
  return original === null ? null : original - dropBudget / 100
}
