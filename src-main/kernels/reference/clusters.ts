// Weighted one-dimensional k-means. Optimal clusters are stretches of the sorted values, so everything works on those.
import type { Clusters } from '../kernels.ts'

export interface ClusterOptions {
  readonly k: number
  readonly exactLimit: number
  readonly iterations: number
  readonly fixed: readonly number[]
}

/** Sums over the distinct values before each index, around `centre` so that little cancels. */
export interface Sorted {
  /** Distinct, ascending. */
  readonly values: Float64Array
  readonly centre: number
  readonly weight: Float64Array
  readonly first: Float64Array
  readonly second: Float64Array
}

export function kmeans(x: Float32Array, weights: Float32Array | null, options: ClusterOptions): Clusters {
  const sorted = sortedValues(x, weights)
  const fixed = [...new Set(options.fixed.map((value) => Math.fround(value) + 0))].sort((a, b) => a - b)
  const free = Math.max(0, Math.min(options.k - fixed.length, sorted.values.length))
  const isSmall = options.k * sorted.values.length <= options.exactLimit
  const found = isSmall ? exactCentroids(sorted, free, fixed) : lloydCentroids(sorted, free, fixed, options.iterations)
  const centroids = Float32Array.from(new Set([...found.map(Math.fround), ...fixed])).sort()
  return assign(x, weights, centroids)
}

function sortedValues(x: Float32Array, weights: Float32Array | null): Sorted {
  const order = Array.from({ length: x.length }, (_, i) => i).sort((a, b) => x[a]! - x[b]!)
  const values: number[] = []
  const mass: number[] = []
  for (const i of order) {
    if (values.length === 0 || values.at(-1) !== x[i]!) {
      values.push(x[i]! + 0)
      mass.push(0)
    }
    mass[mass.length - 1]! += weights?.[i] ?? 1
  }
  const n = values.length
  const centre = values[n >> 1] ?? 0
  const [weight, first, second] = [new Float64Array(n + 1), new Float64Array(n + 1), new Float64Array(n + 1)]
  for (let i = 0; i < n; i++) {
    const d = values[i]! - centre
    weight[i + 1] = weight[i]! + mass[i]!
    first[i + 1] = first[i]! + mass[i]! * d
    second[i + 1] = second[i]! + mass[i]! * d * d
  }
  return { values: Float64Array.from(values), centre, weight, first, second }
}

/** Mean of the distinct values [from, to); their plain middle when they weigh nothing. */
function meanOf({ values, centre, weight, first }: Sorted, from: number, to: number): number {
  const mass = weight[to]! - weight[from]!
  return mass > 0 ? centre + (first[to]! - first[from]!) / mass : (values[from]! + values[to - 1]!) / 2
}

/** Squared error of [from, to) around their mean. */
function spread({ weight, first, second }: Sorted, from: number, to: number): number {
  const mass = weight[to]! - weight[from]!
  if (!(mass > 0)) return 0
  const sum = first[to]! - first[from]!
  return Math.max(0, second[to]! - second[from]! - (sum * sum) / mass)
}

/** Squared error of the first `to` values around a fixed centroid. */
function spreadAround({ centre, weight, first, second }: Sorted, to: number, centroid: number): number {
  const d = centroid - centre
  return second[to]! - 2 * d * first[to]! + d * d * weight[to]!
}

/**
 * Dynamic programme (Wang & Song 2011) with fixed centroids as further clusters: best[f][j][i] is the least error of the
 * first i values with f free and j fixed clusters, the last of which is free or fixed.
 */
function exactCentroids(sorted: Sorted, free: number, fixed: readonly number[]): number[] {
  const n = sorted.values.length
  const width = n + 1
  const best: Float64Array[] = []
  const from: Int32Array[] = []
  const at = (f: number, j: number) => f * (fixed.length + 1) + j
  for (let f = 0; f <= free; f++)
    for (let j = 0; j <= fixed.length; j++) {
      const cost = new Float64Array(width).fill(Infinity)
      // Where the last cluster begins; of a fixed cluster -1 - that.
      const origin = new Int32Array(width)
      if (f === 0 && j === 0) cost[0] = 0
      if (j > 0) lastFixed(sorted, best[at(f, j - 1)]!, fixed[j - 1]!, cost, origin)
      if (f > 0) lastFree(sorted, best[at(f - 1, j)]!, cost, origin, 0, n, 0, n)
      best.push(cost)
      from.push(origin)
    }
  return trace(sorted, from, free, fixed.length)
}

function lastFixed(sorted: Sorted, before: Float64Array, centroid: number, cost: Float64Array, origin: Int32Array) {
  let [least, at] = [Infinity, 0]
  for (let i = 0; i < cost.length; i++) {
    const around = spreadAround(sorted, i, centroid)
    if (before[i]! - around < least) {
      least = before[i]! - around
      at = i
    }
    if (least + around < cost[i]!) {
      cost[i] = at === i ? before[i]! : least + around
      origin[i] = -1 - at
    }
  }
}

/** The best beginning of the last cluster does not go down as i goes up: halves, from the middle. */
function lastFree(
  sorted: Sorted,
  before: Float64Array,
  cost: Float64Array,
  origin: Int32Array,
  low: number,
  high: number,
  firstAt: number,
  lastAt: number,
) {
  if (low > high) return
  const i = (low + high) >> 1
  let [least, at] = [Infinity, firstAt]
  for (let m = firstAt; m <= Math.min(i, lastAt); m++) {
    const error = before[m]! + spread(sorted, m, i)
    if (error < least) {
      least = error
      at = m
    }
  }
  if (least < cost[i]!) {
    cost[i] = least
    origin[i] = at
  }
  lastFree(sorted, before, cost, origin, low, i - 1, firstAt, at)
  lastFree(sorted, before, cost, origin, i + 1, high, at, lastAt)
}

function trace(sorted: Sorted, from: readonly Int32Array[], free: number, fixed: number): number[] {
  const centroids: number[] = []
  let [f, j, i] = [free, fixed, sorted.values.length]
  while (f > 0 || j > 0) {
    const origin = from[f * (fixed + 1) + j]![i]!
    if (origin < 0) {
      j--
      i = -1 - origin
      continue
    }
    if (origin < i) centroids.push(meanOf(sorted, origin, i))
    f--
    i = origin
  }
  return centroids
}

/** Lloyd's algorithm from quantiles; over prefix sums, so that a step costs k searches and not a pass over the values. */
function lloydCentroids(sorted: Sorted, free: number, fixed: readonly number[], iterations: number): number[] {
  let centroids = quantiles(sorted, free)
  for (let t = 0; t < iterations; t++) {
    const all = [...centroids, ...fixed].sort((a, b) => a - b)
    const ends = all.map((centroid, i) =>
      i + 1 < all.length ? countUpTo(sorted.values, (centroid + all[i + 1]!) / 2) : sorted.values.length,
    )
    const isFixed = new Set(fixed)
    const next = all.flatMap((centroid, i) => {
      if (isFixed.has(centroid)) return []
      const [begin, end] = [ends[i - 1] ?? 0, ends[i]!]
      return begin < end ? [meanOf(sorted, begin, end)] : [centroid]
    })
    const isSame = next.length === centroids.length && next.every((value, i) => value === centroids[i])
    centroids = next
    if (isSame) break
  }
  return centroids
}

/** Distinct values at equal steps of weight. */
export function quantiles({ values, weight }: Sorted, count: number): number[] {
  const n = values.length
  const chosen: number[] = []
  let at = -1
  for (let i = 0; i < count; i++) {
    const goal = ((i + 0.5) / count) * weight[n]!
    let next = at + 1
    while (next < n - (count - i) && weight[next + 1]! < goal) next++
    chosen.push(values[next]!)
    at = next
  }
  return chosen
}

/** How many of the ascending values are at most `limit`. */
function countUpTo(values: ArrayLike<number>, limit: number): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle]! <= limit) low = middle + 1
    else high = middle
  }
  return low
}

function assign(x: Float32Array, weights: Float32Array | null, centroids: Float32Array): Clusters {
  const limits = Float64Array.from(centroids.subarray(1), (centroid, i) => (centroids[i]! + centroid) / 2)
  const assignment = new Uint16Array(x.length)
  let error = 0
  x.forEach((value, i) => {
    // The number of limits strictly below, so that a tie goes to the lower centroid.
    let [low, high] = [0, limits.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (limits[middle]! < value) low = middle + 1
      else high = middle
    }
    assignment[i] = low
    error += (weights?.[i] ?? 1) * (value - (centroids[low] ?? 0)) ** 2
  })
  return { centroids, assignment, error }
}
