// Kernels over rows and elements. Large matrices go through in slabs of rows, so that a copy of all is never held.
import type { Clusters, HistogramOptions, Matrix, Quantized, RowGrids, RowStatistics, ScaleSearch } from '../kernels.ts'
import { type Arena, double, type Field, float, word } from './arena.ts'
import type { Pool } from './pool.ts'

/** Steps of an element where memory is what takes the time. */
const copySteps = 0.3

/** Elements of a slab. */
const slabElements = 2 ** 24

interface Slab {
  readonly from: number
  readonly to: number
  readonly rows: number
  readonly data: Float32Array
}

/** Stretches of whole rows. */
function* slabsOf({ rows, columns, data }: Matrix): Generator<Slab> {
  const height = Math.max(1, Math.floor(slabElements / Math.max(1, columns)))
  for (let from = 0; from < rows; from += height) {
    const to = Math.min(rows, from + height)
    yield { from, to, rows: to - from, data: data.subarray(from * columns, to * columns) }
  }
}

export async function rowStatistics(pool: Pool, x: Matrix): Promise<RowStatistics> {
  const floats = () => new Float32Array(x.rows)
  const found = { min: floats(), max: floats(), mean: floats(), meanSquare: floats() }
  for (const { from, rows, data } of slabsOf(x)) {
    await pool.run('row_statistics', (arena) => {
      const input = arena.put(data)
      const outs = [0, 1, 2, 3].map(() => arena.reserve(4 * rows))
      return {
        fields: [input, rows, x.columns, ...outs].map(word),
        steps: data.length * copySteps,
        result: () => {
          Object.values(found).forEach((all, i) => {
            all.set(arena.floats(outs[i]!, rows), from)
          })
        },
      }
    })
  }
  return found
}

export async function histogram(pool: Pool, x: Float32Array, options: HistogramOptions): Promise<Uint32Array> {
  const [low, high, bins] = [Math.fround(options.low), Math.fround(options.high), options.bins]
  const counts = new Uint32Array(bins)
  for (let from = 0; from < x.length; from += slabElements) {
    const data = x.subarray(from, from + slabElements)
    await pool.run('histogram', (arena) => {
      const input = arena.put(data)
      const out = arena.zeros(4 * bins)
      return {
        fields: [...[input, data.length, bins].map(word), ...[low, high, bins / (high - low)].map(float), word(out)],
        steps: 2 * data.length + 8 * bins,
        result: () => {
          arena.integers(out, bins).forEach((count, bin) => {
            counts[bin]! += count
          })
        },
      }
    })
  }
  return counts
}

/** metric_t of resources/kernels/kernels.h. */
const metricNumbers = { max: 0, mse: 1, lp: 1, kl: 2 } as const

/** Steps of a candidate for each element, by measurement. */
const stepsPerCandidate = { max: 1, mse: 1, lp: 6, kl: 2 } as const

export async function searchScales(pool: Pool, x: Matrix, search: ScaleSearch): Promise<RowGrids> {
  const { metric } = search
  const scale = new Float32Array(x.rows)
  const zeroPoint = new Int32Array(x.rows)
  const candidates = metric.kind === 'max' ? 1 : Math.max(1, search.candidates) * (search.symmetric ? 1 : 5)
  for (const { from, rows, data } of slabsOf(x)) {
    await pool.run('search_scales', (arena) => {
      const input = arena.put(data)
      const [scales, zeros] = [arena.reserve(4 * rows), arena.reserve(4 * rows)]
      const perRow = metric.kind === 'kl' ? metric.bins * 4 : x.columns
      return {
        fields: [
          ...[input, rows, x.columns, search.min, search.max].map(word),
          ...[Number(search.symmetric), Number(search.powerOfTwo), metricNumbers[metric.kind]].map(word),
          float(metric.kind === 'lp' ? metric.p : 2),
          ...[metric.kind === 'kl' ? metric.bins : 0, Math.max(0, search.candidates)].map(word),
          ...[arena.put(search.columnWeights), scales, zeros].map(word),
          double(search.shrinkTo),
        ],
        steps: data.length + rows * perRow * candidates * stepsPerCandidate[metric.kind],
        result: () => {
          scale.set(arena.floats(scales, rows), from)
          zeroPoint.set(arena.integers(zeros, rows), from)
        },
      }
    })
  }
  return { scale, zeroPoint }
}

/** Addresses of the grids of the rows [from, to). */
function putGrids(arena: Arena, { scale, zeroPoint }: RowGrids, from: number, to: number): Field[] {
  return [arena.put(scale.subarray(from, to)), arena.put(zeroPoint.subarray(from, to))].map(word)
}

export async function quantize(
  pool: Pool,
  x: Matrix,
  grids: RowGrids,
  limits: { readonly min: number; readonly max: number },
): Promise<Quantized> {
  const integers = new Int32Array(x.data.length)
  for (const { from, to, rows, data } of slabsOf(x)) {
    await pool.run('quantize', (arena) => {
      const fields = [arena.put(data), rows, x.columns, limits.min, limits.max].map(word)
      const out = arena.reserve(data.byteLength)
      return {
        fields: [...fields, ...putGrids(arena, grids, from, to), word(out)],
        steps: data.length * copySteps,
        result: () => integers.set(arena.integers(out, data.length), from * x.columns),
      }
    })
  }
  return { integers }
}

export async function dequantize(
  pool: Pool,
  { integers }: Quantized,
  { rows: allRows, columns }: { readonly rows: number; readonly columns: number },
  grids: RowGrids,
): Promise<Float32Array> {
  const real = new Float32Array(integers.length)
  const height = Math.max(1, Math.floor(slabElements / Math.max(1, columns)))
  for (let from = 0; from < allRows; from += height) {
    const to = Math.min(allRows, from + height)
    const data = integers.subarray(from * columns, to * columns)
    await pool.run('dequantize', (arena) => {
      const fields = [arena.put(data), to - from, columns].map(word)
      const out = arena.reserve(data.byteLength)
      return {
        fields: [...fields, ...putGrids(arena, grids, from, to), word(out)],
        steps: data.length * copySteps,
        result: () => real.set(arena.floats(out, data.length), from * columns),
      }
    })
  }
  return real
}

export function kmeans(
  pool: Pool,
  x: Float32Array,
  weights: Float32Array | null,
  options: {
    readonly k: number
    readonly exactLimit: number
    readonly iterations: number
    readonly fixed: readonly number[]
  },
): Promise<Clusters> {
  const fixed = Float32Array.from(new Set(options.fixed.map((value) => Math.fround(value) + 0))).sort()
  return pool.run('kmeans', (arena) => {
    const inputs = [arena.put(x), arena.put(weights), x.length, options.k, options.iterations].map(word)
    const fixedAt = [arena.put(fixed), fixed.length].map(word)
    const centroids = arena.reserve(4 * (options.k + fixed.length))
    const assignment = arena.zeros(2 * x.length)
    const [count, error] = [arena.zeros(4), arena.zeros(8)]
    return {
      fields: [...inputs, ...fixedAt, ...[centroids, assignment, count, error].map(word), double(options.exactLimit)],
      steps: 100 * x.length + Math.min(options.exactLimit, options.k * x.length) * 16,
      result: () => ({
        centroids: arena.floats(centroids, arena.integers(count, 1)[0]!).slice(),
        assignment: arena.shorts(assignment, x.length).slice(),
        error: arena.doubles(error, 1)[0]!,
      }),
    }
  })
}

export function topMask(pool: Pool, scores: Float32Array, keep: number): Promise<Uint8Array> {
  return pool.run('top_mask', (arena) => {
    const input = arena.put(scores)
    const mask = arena.reserve(scores.length)
    return {
      fields: [input, scores.length, Math.max(0, keep), mask].map(word),
      steps: 4 * scores.length,
      result: () => arena.bytes(mask, scores.length).slice(),
    }
  })
}

export async function nmMask(pool: Pool, scores: Matrix, n: number, m: number): Promise<Uint8Array> {
  const all = new Uint8Array(scores.data.length)
  for (const { from, rows, data } of slabsOf(scores)) {
    await pool.run('nm_mask', (arena) => {
      const input = arena.put(data)
      const mask = arena.reserve(data.length)
      return {
        fields: [input, rows, scores.columns, Math.max(0, n), m, mask].map(word),
        steps: data.length * Math.min(m, 16),
        result: () => all.set(arena.bytes(mask, data.length), from * scores.columns),
      }
    })
  }
  return all
}
