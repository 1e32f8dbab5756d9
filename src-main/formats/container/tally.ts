// What coding makes of each tensor, summed over its pieces.
import type { DType } from '../../ir/dtype.ts'
import type { EncodedSegment, Trial } from './segment.ts'
import type { TensorSpan } from './span.ts'

export interface TensorCoding {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly originalBytes: number
  readonly encodedBytes: number
  /** Codings and codecs in use, "raw" for what nothing made smaller. */
  readonly codings: readonly string[]
  /** Bytes under each that was tried on all of it. */
  readonly trials: readonly Trial[]
}

interface Sum {
  pieces: number
  originalBytes: number
  encodedBytes: number
  readonly codings: Set<string>
  readonly trials: Map<string, { bytes: number; pieces: number }>
}

export class Tally {
  readonly #sums = new Map<TensorSpan, Sum>()

  add(tensor: TensorSpan, originalBytes: number, { payload, chosen, trials }: EncodedSegment) {
    const sum = this.#sums.get(tensor) ?? { ...nothing, codings: new Set(), trials: new Map() }
    this.#sums.set(tensor, sum)
    sum.pieces++
    sum.originalBytes += originalBytes
    sum.encodedBytes += payload.length
    sum.codings.add(chosen)
    for (const { name, bytes } of trials) {
      const before = sum.trials.get(name) ?? { bytes: 0, pieces: 0 }
      sum.trials.set(name, { bytes: before.bytes + bytes, pieces: before.pieces + 1 })
    }
  }

  /** All of another one's tensors. */
  take(other: Tally) {
    for (const [tensor, sum] of other.#sums) this.#sums.set(tensor, sum)
  }

  /** In the order of the file. */
  finish(): TensorCoding[] {
    return [...this.#sums].map(([{ name, dtype, shape }, sum]) => ({
      name,
      dtype,
      shape,
      originalBytes: sum.originalBytes,
      encodedBytes: sum.encodedBytes,
      codings: [...sum.codings],
      trials: [...sum.trials].flatMap(([trial, { bytes, pieces }]) =>
        pieces === sum.pieces ? [{ name: trial, bytes }] : [],
      ),
    }))
  }
}

const nothing = { pieces: 0, originalBytes: 0, encodedBytes: 0 }
