// What the packer is asked, how things stand before it begins, and what it answers.
import type { Note } from '../../base/note.ts'
import type { CodecName } from '../../codecs/codec.ts'
import type { StorageMode } from '../plan.ts'
import type { PackingLimits } from './option.ts'

export type EncodingGoal = 'auto' | 'int8' | 'smallest' | 'streamed' | 'fastest'

/** null where nobody knows or nobody minds. */
export interface PackTarget {
  readonly core: string
  readonly clockHz: number | null
  /** For the pack. */
  readonly flashBytes: number | null
  /** For arena, kept inputs and counters. */
  readonly ramBytes: number | null
  readonly latencyMs: number | null
}

/** How things stand with plain int8. */
export interface Situation {
  readonly goal: EncodingGoal
  readonly target: PackTarget
  /** Estimated cycles of one inference. */
  readonly cycles: number
  /** Flash that plain int8 misses, 0 when it fits. */
  readonly flashOver: number
  readonly limits: PackingLimits
}

export interface TensorDecision {
  readonly tensor: string
  readonly elements: number
  readonly codec: CodecName
  readonly mode: StorageMode
  /** In flash, with its share of a table that several tensors read. */
  readonly bytes: number
  readonly int8Bytes: number
  readonly entropyBits: number
  readonly reason: Note
}
