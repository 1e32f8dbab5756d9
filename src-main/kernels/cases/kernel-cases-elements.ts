// Cases of the kernels that work on rows and elements.
import type { Clusters, GridLimits, Matrix, RowGrids, ScaleSearch } from '../kernels.ts'
import { divergence } from '../reference/divergence.ts'
import { lpCost, rangeWithZero } from '../reference/scales.ts'
import {
  close,
  costsNoMore,
  isTrue,
  type KernelCase,
  kernelCase,
  matrix,
  normals,
  same,
  type Verdict,
} from './kernel-case.ts'

const row = (...data: number[]): Matrix => ({ rows: 1, columns: data.length, data: Float32Array.from(data) })

/** Shapes around the widths of vectors, segments and tasks, and contents that go wrong easily. */
const matrices: readonly (readonly [name: string, x: Matrix])[] = [
  ['no rows', matrix(0, 5, 1)],
  ['no columns', matrix(3, 0, 1)],
  ['one element', row(-2.5)],
  ['3 x 5', matrix(3, 5, 2)],
  ['64 x 576', matrix(64, 576, 3)],
  ['1000 x 9', matrix(1000, 9, 4)],
  ['one row of 20001', matrix(1, 20_001, 5)],
  ['zeros', { rows: 2, columns: 7, data: new Float32Array(14) }],
  ['all equal', { rows: 3, columns: 17, data: new Float32Array(51).fill(0.3) }],
  ['all negative', { rows: 2, columns: 6, data: normals(12, 6).map((value) => -Math.abs(value)) }],
  ['huge', matrix(2, 9, 7, 1e30)],
  ['tiny', matrix(2, 9, 8, 1e-30)],
  ['one outlier', row(...normals(99, 9), 1000)],
  ['not finite', row(1, Number.NaN, -3, Number.POSITIVE_INFINITY, 2, Number.NEGATIVE_INFINITY, 0.5)],
  ['nothing finite', row(Number.NaN, Number.POSITIVE_INFINITY)],
]

const finite = (x: Float32Array) => x.filter(Number.isFinite)

const statisticsCases = matrices.map(([name, x]) =>
  kernelCase('rowStatistics', name, {
    run: (kernels) => kernels.rowStatistics(x),
    same: (actual, expected) => [
      ...same('min', actual.min, expected.min),
      ...same('max', actual.max, expected.max),
      ...close('mean', actual.mean, expected.mean, 1e-5),
      ...close('meanSquare', actual.meanSquare, expected.meanSquare, 1e-5),
    ],
    holds: ({ min, max }) =>
      [...min].flatMap((low, r) => {
        const values = finite(x.data.subarray(r * x.columns, (r + 1) * x.columns)).sort()
        return [...same(`min of ${r}`, [low], [values[0] ?? 0]), ...same('max', [max[r]!], [values.at(-1) ?? 0])]
      }),
  }),
)

const histogramCases = matrices.flatMap(([name, { data }]) =>
  [
    { low: -3, high: 3, bins: 2048 },
    { low: 0, high: 0.7, bins: 1 },
    { low: -0.1, high: 2.3, bins: 77 },
    { low: 1, high: 1, bins: 5 },
  ].map((options) =>
    kernelCase('histogram', `${name}, ${options.bins} bins over ${options.low} to ${options.high}`, {
      run: (kernels) => kernels.histogram(data, options),
      same: (actual, expected) => same('counts', actual, expected),
      holds: (counts) =>
        same('sum', [counts.reduce((a, b) => a + b, 0), counts.length], [finite(data).length, options.bins]),
    }),
  ),
)

const limitsOf = (bits: number, symmetric: boolean, powerOfTwo = false): GridLimits =>
  symmetric
    ? { min: -(2 ** (bits - 1)) + (bits > 1 ? 1 : 0), max: Math.max(0, 2 ** (bits - 1) - 1), symmetric, powerOfTwo }
    : { min: 0, max: 2 ** bits - 1, symmetric, powerOfTwo }

const rowOf = ({ columns, data }: Matrix, r: number) => data.subarray(r * columns, (r + 1) * columns)

const energy = (values: Float32Array) => finite(values).reduce((sum, value) => sum + value * value, 0)

/** A grid may differ from the reference's where both cost the same. */
function noDearer(x: Matrix, search: ScaleSearch, actual: RowGrids, expected: RowGrids): Verdict {
  return Array.from({ length: x.rows }, (_, r) => r).flatMap((r) => {
    const values = rowOf(x, r)
    const costOf =
      search.metric.kind === 'kl'
        ? divergence(values, ...rangeWithZero(values), search, search.metric.bins)
        : lpCost(values, search)
    const cost = ({ scale, zeroPoint }: RowGrids) => costOf({ scale: scale[r]!, zeroPoint: zeroPoint[r]! })
    const isSame = actual.scale[r] === expected.scale[r] && actual.zeroPoint[r] === expected.zeroPoint[r]
    return isSame ? [] : costsNoMore(`the grid of row ${r}`, cost(actual), cost(expected), 1e-4, 1e-12 * energy(values))
  })
}

const searches: readonly (readonly [string, Omit<ScaleSearch, 'columnWeights'>])[] = [
  ...[8, 4, 3, 2].flatMap((bits) =>
    [true, false].flatMap((symmetric) => {
      const kind = `${bits} bits ${symmetric ? 'symmetric' : 'affine'}`
      const base = { ...limitsOf(bits, symmetric), candidates: 23, shrinkTo: 0.35 }
      return [
        [`mse, ${kind}`, { ...base, metric: { kind: 'mse' } }],
        [`max, ${kind}`, { ...base, metric: { kind: 'max' } }],
      ] as const
    }),
  ),
  ['1 bit affine', { ...limitsOf(1, false), candidates: 9, shrinkTo: 0.2, metric: { kind: 'mse' } }],
  ['1 bit symmetric', { ...limitsOf(1, true), candidates: 9, shrinkTo: 0.2, metric: { kind: 'mse' } }],
  ['lp 2.4', { ...limitsOf(4, true), candidates: 30, shrinkTo: 0.3, metric: { kind: 'lp', p: 2.4 } }],
  ['lp 1', { ...limitsOf(4, false), candidates: 30, shrinkTo: 0.3, metric: { kind: 'lp', p: 1 } }],
  ['kl', { ...limitsOf(8, true), candidates: 30, shrinkTo: 0.1, metric: { kind: 'kl', bins: 512 } }],
  ['kl affine', { ...limitsOf(4, false), candidates: 8, shrinkTo: 0.3, metric: { kind: 'kl', bins: 100 } }],
  ['powers of two', { ...limitsOf(4, true, true), candidates: 8, shrinkTo: 0.2, metric: { kind: 'mse' } }],
  ['powers of two, max', { ...limitsOf(8, false, true), candidates: 8, shrinkTo: 0.2, metric: { kind: 'max' } }],
  ['one candidate', { ...limitsOf(4, true), candidates: 1, shrinkTo: 0.2, metric: { kind: 'mse' } }],
]

const scaleCases = matrices.flatMap(([name, x]) =>
  searches.flatMap(([searchName, search]) => {
    const weights = search.metric.kind === 'mse' ? [null, normals(x.columns, 77).map(Math.abs)] : [null]
    return weights.map((columnWeights) =>
      kernelCase('searchScales', `${name}, ${searchName}${columnWeights ? ', weighted' : ''}`, {
        run: (kernels) => kernels.searchScales(x, { ...search, columnWeights }),
        same: (actual, expected) => noDearer(x, { ...search, columnWeights }, actual, expected),
        holds: ({ scale, zeroPoint }) => [
          ...isTrue(scale.length === x.rows && zeroPoint.length === x.rows, 'a grid for each row'),
          ...isTrue(
            scale.every((value) => value > 0 && Number.isFinite(value)),
            'a scale that is not positive',
          ),
          ...isTrue(
            zeroPoint.every((zero) => (search.symmetric ? zero === 0 : zero >= search.min && zero <= search.max)),
            'a zero point off the grid',
          ),
          ...isTrue(
            !search.powerOfTwo || scale.every((value) => Number.isInteger(Math.log2(value))),
            'not a power of 2',
          ),
        ],
      }),
    )
  }),
)

const someGrids = (rows: number, limits: GridLimits): RowGrids => ({
  scale: normals(rows, 31).map((value) => 0.01 + Math.abs(value)),
  zeroPoint: Int32Array.from({ length: rows }, (_, r) => (limits.symmetric ? 0 : (r * 7) % (limits.max + 1))),
})

const ties = row(-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 0.49999997, -0.49999997, 1e9, -1e9, Number.NaN)

const quantizeCases = [...matrices, ['ties', ties] as const].flatMap(([name, x]) =>
  [limitsOf(8, true), limitsOf(4, false), limitsOf(2, true)].map((limits, i) => {
    const grids =
      name === 'ties' ? { scale: Float32Array.of(1), zeroPoint: Int32Array.of(i) } : someGrids(x.rows, limits)
    return kernelCase('quantize', `${name}, ${limits.min} to ${limits.max}`, {
      run: (kernels) => kernels.quantize(x, grids, limits),
      same: (actual, expected) => same('integers', actual.integers, expected.integers),
      holds: ({ integers }) =>
        [...integers].flatMap((q, at) => {
          const r = Math.floor(at / x.columns)
          const quotient = x.data[at]! / grids.scale[r]! + grids.zeroPoint[r]!
          const bounded = Math.max(
            limits.min,
            Math.min(limits.max, Number.isNaN(quotient) ? grids.zeroPoint[r]! : quotient),
          )
          return isTrue(Math.abs(q - bounded) <= 0.5 + 1e-4, `integer ${at} is ${q} for ${bounded}`)
        }),
    })
  }),
)

const dequantizeCases = [
  [0, 3],
  [1, 1],
  [5, 7],
  [1, 40_001],
  [333, 9],
].map(([rows, columns]) => {
  const grids = someGrids(rows!, limitsOf(4, false))
  const integers = Int32Array.from({ length: rows! * columns! }, (_, i) => ((i * 37) % 301) - 150)
  return kernelCase('dequantize', `${rows} x ${columns}`, {
    run: (kernels) => kernels.dequantize({ integers }, { rows: rows!, columns: columns! }, grids),
    same: (actual, expected) => same('real', actual, expected),
  })
})

const spread = (x: Float32Array, weights: Float32Array | null, { centroids, assignment }: Clusters) =>
  x.reduce((sum, value, i) => sum + (weights?.[i] ?? 1) * (value - centroids[assignment[i]!]!) ** 2, 0)

/** Ascending, with what is fixed, each element at its nearest (the lower of two), and the error that follows. */
function areClusters(
  x: Float32Array,
  weights: Float32Array | null,
  fixed: readonly number[],
  found: Clusters,
): Verdict {
  const { centroids, assignment, error } = found
  const nearest = x.map((value) => {
    const distances = [...centroids].map((centroid) => Math.abs(value - centroid))
    return distances.indexOf(Math.min(...distances))
  })
  return [
    ...isTrue(
      centroids.every((value, i) => i === 0 || value > centroids[i - 1]!),
      `not ascending: ${centroids}`,
    ),
    ...fixed.flatMap((value) => isTrue(centroids.includes(Math.fround(value)), `${value} is missing`)),
    ...same('assignment', assignment, nearest),
    ...isTrue(Math.abs(error - spread(x, weights, found)) <= 1e-5 * error + 1e-12, `error ${error}`),
  ]
}

const samples: readonly (readonly [string, Float32Array])[] = [
  ['none', new Float32Array(0)],
  ['one', Float32Array.of(2)],
  ['all equal', new Float32Array(40).fill(-1.5)],
  ['few values', normals(300, 40).map((value) => Math.round(3 * value))],
  ['1500 normal', normals(1500, 41)],
  ['20000 normal', normals(20_000, 42)],
  ['half zeros', normals(999, 43).map((value, i) => (i % 2 ? 0 : value))],
]

const kmeansCases = samples.flatMap(([name, x]) =>
  [
    { k: 1, exactLimit: 1e7, iterations: 20, fixed: [] },
    { k: 4, exactLimit: 1e7, iterations: 20, fixed: [] },
    { k: 16, exactLimit: 1e6, iterations: 40, fixed: [0] },
    { k: 16, exactLimit: 0, iterations: 40, fixed: [0] },
    { k: 50, exactLimit: 0, iterations: 25, fixed: [-1, 0, 0.5] },
  ].flatMap((options) =>
    [null, normals(x.length, 44).map(Math.abs)].map((weights) =>
      kernelCase(
        'kmeans',
        `${name}, k ${options.k}, ${options.exactLimit ? 'exact' : 'Lloyd'}${weights ? ', weighted' : ''}`,
        {
          run: (kernels) => kernels.kmeans(x, weights, options),
          same: (actual, expected) => costsNoMore('the clustering', actual.error, expected.error, 1e-5),
          holds: (found) => areClusters(x, weights, options.fixed, found),
        },
      ),
    ),
  ),
)

const scoreLists: readonly (readonly [string, Float32Array])[] = [
  ...samples,
  [
    'signed zeros and NaN',
    Float32Array.of(-0, 0, Number.NaN, 1, -1, Number.POSITIVE_INFINITY, 1, Number.NEGATIVE_INFINITY),
  ],
]

const topCases = scoreLists.flatMap(([name, scores]) =>
  [...new Set([0, 1, 3, Math.floor(scores.length / 2), scores.length - 1, scores.length, scores.length + 5])].map(
    (keep) =>
      kernelCase('topMask', `${name}, ${keep} kept`, {
        run: (kernels) => kernels.topMask(scores, keep),
        same: (actual, expected) => same('mask', actual, expected),
        holds: (mask) => {
          const kept = mask.reduce((a, b) => a + b, 0)
          return same('kept', [kept, mask.length], [Math.max(0, Math.min(keep, scores.length)), scores.length])
        },
      }),
  ),
)

const nmCases = [
  [0, 4, 2, 4],
  [3, 0, 2, 4],
  [5, 8, 2, 4],
  [5, 11, 2, 4],
  [3, 30, 1, 3],
  [4, 130, 20, 64],
  [4, 300, 33, 100],
  [2, 9, 0, 3],
  [2, 9, 5, 3],
  [900, 9, 3, 9],
].map(([rows, columns, n, m]) => {
  const scores = {
    ...matrix(rows!, columns!, 51),
    data: normals(rows! * columns!, 51).map((v) => Math.round(4 * v) / 4),
  }
  return kernelCase('nmMask', `${n} of ${m} in ${rows} x ${columns}`, {
    run: (kernels) => kernels.nmMask(scores, n!, m!),
    same: (actual, expected) => same('mask', actual, expected),
    holds: (mask) =>
      Array.from({ length: rows! }, (_, r) => r).flatMap((r) =>
        Array.from({ length: Math.ceil(columns! / m!) }, (_, g) => {
          const to = Math.min(columns!, (g + 1) * m!)
          return mask.subarray(r * columns! + g * m!, r * columns! + to)
        }).flatMap((part) => same('kept', [part.reduce((a, b) => a + b, 0)], [Math.min(n!, part.length)])),
      ),
  })
})

export const elementCases: readonly KernelCase[] = [
  ...statisticsCases,
  ...histogramCases,
  ...scaleCases,
  ...quantizeCases,
  ...dequantizeCases,
  ...kmeansCases,
  ...topCases,
  ...nmCases,
]
