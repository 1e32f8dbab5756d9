// The operators of several runs beside each other: by name, in the order of the first run that has them.
import type { RunReport } from '../../src-main/contract/report.ts'

export interface ComparedOperator {
  readonly key: string
  readonly name: string
  /** One a run; null where it has no such operator. */
  readonly values: readonly (number | null)[]
}

/** Counts compare only when the same counter ran at the same clock; otherwise shares of the whole do. */
export type OperatorUnit = 'count' | 'share'

export function operatorUnit(runs: readonly RunReport[]): OperatorUnit {
  const counters = new Set(runs.map(({ latency }) => `${latency.counter} ${latency.clockHz}`))
  return counters.size === 1 ? 'count' : 'share'
}

export function comparedOperators(runs: readonly RunReport[], unit: OperatorUnit): ComparedOperator[] {
  const rows = new Map<string, { name: string; values: (number | null)[] }>()
  for (const [i, { operators }] of runs.entries()) {
    const total = operators.reduce((sum, { cycles }) => sum + cycles, 0) || 1
    const seen = new Map<string, number>()
    for (const { name, cycles } of operators) {
      // names are not always unique; the second of a name is the second everywhere
      const times = seen.get(name) ?? 0
      seen.set(name, times + 1)
      const key = `${name} ${times}`
      const row = rows.get(key) ?? { name, values: runs.map(() => null) }
      row.values[i] = unit === 'count' ? cycles : cycles / total
      rows.set(key, row)
    }
  }
  return [...rows].map(([key, row]) => ({ key, ...row }))
}
