// Samples for the host engine: what a data set gives after preprocessing, one named array per graph input.
import { Bug } from '../base/errors.ts'
import type { TypedArray } from '../ir/dtype.ts'

/** Real numbers (or integers) with their shape, outermost dimension first. */
export interface HostInput {
  readonly data: TypedArray
  readonly shape: readonly number[]
}

/** Named inputs of one run. */
export type HostInputs = Readonly<Record<string, HostInput>>

export interface HostOutput {
  readonly data: Float32Array
  readonly shape: readonly number[]
}

export type HostOutputs = Readonly<Record<string, HostOutput>>

export interface Samples {
  readonly count: number
  /** Samples [from, from + count); the first dimension of every input is `count`. */
  read(from: number, count: number): HostInputs | Promise<HostInputs>
}

/** Samples that are in memory already; the first dimension of every input counts them. */
export function memorySamples(inputs: HostInputs): Samples {
  const counts = new Set(Object.values(inputs).map((input) => input.shape[0] ?? 0))
  if (counts.size > 1) throw new Bug(`inputs with different numbers of samples: ${[...counts].join(', ')}`)
  return {
    count: [...counts][0] ?? 0,
    read: (from, count) =>
      Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, rowsOf(input, from, count)])),
  }
}

/** Rows [from, from + count) of the first dimension, as a view. */
export function rowsOf<T extends HostInput>(
  input: T,
  from: number,
  count: number,
): { data: T['data']; shape: number[] } {
  const row = rowSize(input)
  return { data: input.data.subarray(from * row, (from + count) * row), shape: [count, ...input.shape.slice(1)] }
}

/** Elements of one sample. */
export function rowSize(input: HostInput): number {
  return input.shape.slice(1).reduce((product, dim) => product * dim, 1)
}
