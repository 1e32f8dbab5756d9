// Where two versions of a network part: their values aligned by name, else by order, and compared one by one.
import { type ErrorFigures, ErrorSum } from './measures.ts'

/** One value of a version, over all samples, the batch outermost. */
export interface TracedValue {
  readonly name: string
  /** Operator that makes it. */
  readonly op: string
  /** Of one sample. */
  readonly shape: readonly number[]
  /** channels-last: shape is height, width, channels. */
  readonly layout: 'channels-first' | 'channels-last'
  readonly data: Float32Array
}

/** What is known of a value before it is there. */
export type Alignable = Pick<TracedValue, 'name' | 'op'> & { readonly data: { readonly length: number } }

export interface AlignedPair<T = TracedValue> {
  readonly first: T
  readonly second: T
  readonly alignedBy: 'name' | 'position'
}

export interface Alignment<T = TracedValue> {
  /** In the order of the second. */
  readonly pairs: readonly AlignedPair<T>[]
  readonly unmatched: { readonly first: readonly string[]; readonly second: readonly string[] }
}

/** Names that both have belong together; of the others those with the same operator and size, in the same order. */
export function align<T extends Alignable>(first: readonly T[], second: readonly T[]): Alignment<T> {
  const named = new Map(first.map((value) => [value.name, value]))
  const partner = new Map<T, AlignedPair<T>>()
  for (const value of second) {
    const same = named.get(value.name)
    if (same && same.data.length === value.data.length)
      partner.set(value, { first: same, second: value, alignedBy: 'name' })
  }
  const taken = new Set([...partner.values()].map((pair) => pair.first))
  const left = first.filter((value) => !taken.has(value))
  const right = second.filter((value) => !partner.has(value))
  for (const [a, b] of longestCommon(left, right, isAlike))
    partner.set(b, { first: a, second: b, alignedBy: 'position' })
  const pairs = second.flatMap((value) => partner.get(value) ?? [])
  const matched = new Set(pairs.map((pair) => pair.first))
  return {
    pairs,
    unmatched: {
      first: first.filter((value) => !matched.has(value)).map(({ name }) => name),
      second: second.filter((value) => !partner.has(value)).map(({ name }) => name),
    },
  }
}

const isAlike = (a: Alignable, b: Alignable) => a.op === b.op && a.data.length === b.data.length

/** Longest common subsequence. */
function longestCommon<T>(a: readonly T[], b: readonly T[], isEqual: (x: T, y: T) => boolean): [T, T][] {
  const width = b.length + 1
  const length = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      length[i * width + j] = isEqual(a[i]!, b[j]!)
        ? length[(i + 1) * width + j + 1]! + 1
        : Math.max(length[(i + 1) * width + j]!, length[i * width + j + 1]!)
  const pairs: [T, T][] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (isEqual(a[i]!, b[j]!)) pairs.push([a[i++]!, b[j++]!])
    else if (length[(i + 1) * width + j]! >= length[i * width + j + 1]!) i++
    else j++
  }
  return pairs
}

export interface ComparedPair extends AlignedPair {
  readonly figures: ErrorFigures
}

export interface FirstDivergence {
  readonly rows: readonly ComparedPair[]
  /** Index of the first row whose SQNR is below the threshold; null when there is none. */
  readonly firstBelow: number | null
}

/** The second against the first. */
export function compareValues(pairs: readonly AlignedPair[], thresholdDb: number): FirstDivergence {
  const rows = pairs.map((pair) => ({
    ...pair,
    figures: new ErrorSum()
      .add(channelsFirst(pair.second, pair.first), channelsFirst(pair.first, pair.second))
      .figures(),
  }))
  const firstBelow = rows.findIndex(({ figures: { sqnrDb } }) => sqnrDb !== null && sqnrDb < thresholdDb)
  return { rows, firstBelow: firstBelow < 0 ? null : firstBelow }
}

/** In the order of the other, when that one has its channels first. */
export function channelsFirst(value: TracedValue, other: Pick<TracedValue, 'layout'>): Float32Array {
  const { data, shape, layout } = value
  if (layout === other.layout || layout === 'channels-first' || shape.length < 2) return data
  const channels = shape.at(-1)!
  const places = shape.slice(0, -1).reduce((a, b) => a * b, 1)
  const moved = new Float32Array(data.length)
  for (let from = 0; from < data.length; from += channels * places)
    for (let place = 0; place < places; place++)
      for (let c = 0; c < channels; c++) moved[from + c * places + place] = data[from + place * channels + c]!
  return moved
}
