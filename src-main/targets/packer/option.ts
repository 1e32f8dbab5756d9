// What the packer chooses between: a codec and a way of storing, for each weight tensor, with all that the choice costs.

import type { CodecName } from '../../codecs/codec.ts'
import type { StorageMode } from '../plan.ts'

export interface EncodingOption {
  readonly codec: CodecName
  readonly mode: StorageMode
  /** Flash of the coded weights, their own table included. */
  readonly flashBytes: number
  /** Of flashBytes, the table. */
  readonly tableBytes: number
  /** Arena that is taken while the operator runs: decoder state and decoded rows. */
  readonly scratchBytes: number
  /** RAM that is taken as long as the model is loaded. */
  readonly residentBytes: number
  /** Cycles of one inference more than with plain int8; negative when faster. Estimated. */
  readonly extraCycles: number
}

/** The options of one tensor; the first is plain int8, direct. */
export interface TensorOptions<O extends EncodingOption = EncodingOption> {
  readonly name: string
  readonly options: readonly [O, ...O[]]
}

/** null: unlimited. */
export interface PackingLimits {
  /** For all weights together. */
  readonly flashBytes: number | null
  /** Left in RAM for resident tensors. */
  readonly residentBytes: number | null
  /** That all tensors together may add. */
  readonly extraCycles: number | null
}

export const unlimited: PackingLimits = { flashBytes: null, residentBytes: null, extraCycles: null }

export interface Totals {
  readonly flashBytes: number
  readonly residentBytes: number
  readonly extraCycles: number
}

export function totalsOf(choice: readonly EncodingOption[]): Totals {
  const sum = (of: (option: EncodingOption) => number) => choice.reduce((total, option) => total + of(option), 0)
  return {
    flashBytes: sum((o) => o.flashBytes),
    residentBytes: sum((o) => o.residentBytes),
    extraCycles: sum((o) => o.extraCycles),
  }
}

/** By how much each limit is missed; 0 where it is kept. */
export function excess(totals: Totals, limits: PackingLimits): Totals {
  const over = (value: number, limit: number | null) => (limit === null ? 0 : Math.max(0, value - limit))
  return {
    flashBytes: over(totals.flashBytes, limits.flashBytes),
    residentBytes: over(totals.residentBytes, limits.residentBytes),
    extraCycles: over(totals.extraCycles, limits.extraCycles),
  }
}

export const keepsLimits = (totals: Totals, limits: PackingLimits) =>
  Object.values(excess(totals, limits)).every((over) => over === 0)
