// Cases of the kernels that change weights: GPTQ, one-shot pruning, learned rounding.
//
// Integers and masks are not compared one by one: where two choices cost the same within the tolerance of float32, backends
// may take different ones, and every later column then differs. What is compared is the layer's squared error.
import type { GptqOptions, Gram, GridLimits, Matrix, ObsPruneOptions, RowGrids } from '../kernels.ts'
import { inverseFactor } from '../reference/algebra.ts'
import { dequantize, quantize } from '../reference/grids.ts'
import { searchScales } from '../reference/scales.ts'
import {
  close,
  costsNoMore,
  grams,
  isTrue,
  type KernelCase,
  kernelCase,
  matrix,
  normals,
  quadraticError,
  same,
  type Verdict,
} from './kernel-case.ts'

/** Errors of two runs that rounded differently here and there. */
const errorTolerance = 0.02
/** Gradient descent in float32 and in float64 end in different, equally good places. */
const descentTolerance = 0.05

const limitsOf = (bits: number, symmetric: boolean): GridLimits => ({
  min: symmetric ? -(2 ** (bits - 1)) + 1 : 0,
  max: symmetric ? 2 ** (bits - 1) - 1 : 2 ** bits - 1,
  symmetric,
  powerOfTwo: false,
})

/** Grids of each stretch of `gridColumns` columns of each row, over the full range. */
function gridsOf(w: Matrix, limits: GridLimits, gridColumns: number): RowGrids {
  const perRow = Math.ceil(w.columns / gridColumns)
  const parts = Array.from({ length: w.rows * perRow }, (_, i) => {
    const from = Math.floor(i / perRow) * w.columns + (i % perRow) * gridColumns
    const to = Math.min(from + gridColumns, (Math.floor(i / perRow) + 1) * w.columns)
    const data = w.data.subarray(from, to)
    const search = { ...limits, metric: { kind: 'max' }, candidates: 1, shrinkTo: 1, columnWeights: null } as const
    return searchScales({ rows: 1, columns: data.length, data }, search)
  })
  return {
    scale: Float32Array.from(parts, ({ scale }) => scale[0]!),
    zeroPoint: Int32Array.from(parts, ({ zeroPoint }) => zeroPoint[0]!),
  }
}

const withZeros = (w: Matrix): Matrix => ({ ...w, data: w.data.map((value, i) => (i % 3 === 0 ? 0 : value)) })

interface Layer {
  readonly name: string
  readonly w: Matrix
  readonly gram: Gram
}

const layers: readonly Layer[] = [
  { name: 'no rows', w: matrix(0, 4, 1), gram: grams(1, 4, 9, 81) },
  { name: '1 x 1', w: matrix(1, 1, 82), gram: grams(1, 1, 5, 82) },
  { name: '5 x 19', w: matrix(5, 19, 83), gram: grams(1, 19, 50, 83) },
  { name: '60 groups of 1 x 9', w: matrix(60, 9, 84), gram: grams(60, 9, 40, 84) },
  { name: '2 groups of 35 x 20', w: matrix(70, 20, 85), gram: grams(2, 20, 60, 85) },
  { name: '40 x 150', w: matrix(40, 150, 86), gram: grams(1, 150, 300, 86) },
  { name: '7 x 300', w: matrix(7, 300, 87), gram: grams(1, 300, 450, 87) },
]

const damping = 0.01

function real(layer: Layer, integers: Int32Array, grids: RowGrids, gridColumns: number): Float32Array {
  const { rows, columns } = layer.w
  const perRow = Math.ceil(columns / gridColumns)
  return Float32Array.from(integers, (q, i) => {
    const grid = Math.floor(i / columns) * perRow + Math.floor((i % columns) / gridColumns)
    return rows ? grids.scale[grid]! * (q - grids.zeroPoint[grid]!) : 0
  })
}

const inLimits = (integers: Int32Array, { min, max }: GridLimits): Verdict =>
  isTrue(
    integers.every((q) => q >= min && q <= max),
    'an integer off the grid',
  )

const keepsZeros = (w: Matrix, values: Float32Array): Verdict =>
  isTrue(
    values.every((value, i) => w.data[i] !== 0 || value === 0),
    'a zero did not stay',
  )

function gptqCase(layer: Layer, kind: string, limits: GridLimits, gridColumns: number, keepZeros: boolean): KernelCase {
  const w = keepZeros ? withZeros(layer.w) : layer.w
  const grids = gridsOf(w, limits, gridColumns)
  const options: GptqOptions = { ...limits, grids, gridColumns, blockSize: 32, keepZeros }
  const factor = inverseFactor(layer.gram, damping)
  const errorOf = (integers: Int32Array) => quadraticError(w, real(layer, integers, grids, gridColumns), layer.gram)
  return kernelCase('gptq', `${layer.name}, ${kind}`, {
    run: (kernels) => kernels.gptq(w, factor, options),
    same: (actual, expected) => [
      ...costsNoMore('the layer', errorOf(actual.integers), errorOf(expected.integers), errorTolerance),
    ],
    holds: ({ integers }) => [
      ...same('count', [integers.length], [w.data.length]),
      ...inLimits(integers, limits),
      ...(keepZeros ? keepsZeros(w, real(layer, integers, grids, gridColumns)) : []),
    ],
  })
}

const gptqCases = layers.flatMap((layer) => [
  gptqCase(layer, '4 bits', limitsOf(4, true), layer.w.columns, false),
  gptqCase(layer, '2 bits affine', limitsOf(2, false), layer.w.columns, false),
  gptqCase(layer, '3 bits in groups of 7', limitsOf(3, true), 7, false),
  gptqCase(layer, '4 bits with zeros', limitsOf(4, true), layer.w.columns, true),
])

/** Without correlation nothing can be made up for: plain rounding. */
function identityCase(): KernelCase {
  const w = matrix(33, 140, 91)
  const limits = limitsOf(4, true)
  const grids = gridsOf(w, limits, w.columns)
  const data = Float32Array.from({ length: 140 * 140 }, (_, i) => (i % 141 === 0 ? 1 : 0))
  const options = { ...limits, grids, gridColumns: w.columns, blockSize: 64, keepZeros: false }
  return kernelCase('gptq', 'uncorrelated inputs: nearest integers', {
    run: (kernels) => kernels.gptq(w, { groups: 1, size: 140, data }, options),
    same: () => [],
    holds: ({ integers }) => same('integers', integers, quantize(w, grids, limits).integers),
  })
}

/** Better than rounding to nearest: what the algorithm is for. */
function betterCase(): KernelCase {
  const w = matrix(64, 150, 92)
  const gram = grams(1, 150, 300, 93)
  const limits = limitsOf(3, true)
  const grids = gridsOf(w, limits, w.columns)
  const options = { ...limits, grids, gridColumns: w.columns, blockSize: 128, keepZeros: false }
  const errorOf = (integers: Int32Array) => quadraticError(w, dequantize({ integers }, w, grids), gram)
  return kernelCase('gptq', 'correlated inputs: better than nearest', {
    run: (kernels) => kernels.gptq(w, inverseFactor(gram, damping), options),
    same: () => [],
    holds: ({ integers }) => {
      const [gptq, nearest] = [errorOf(integers), errorOf(quantize(w, grids, limits).integers)]
      return isTrue(gptq < 0.9 * nearest, `${gptq}, rounding to nearest ${nearest}`)
    },
  })
}

const zerosIn = (values: Float32Array) => values.reduce((count, value) => count + (value === 0 ? 1 : 0), 0)

function obsCase(layer: Layer, kind: string, options: ObsPruneOptions, holds: (data: Float32Array) => Verdict) {
  const { w, gram } = layer
  const factor = inverseFactor(gram, damping)
  return kernelCase('obsPrune', `${layer.name}, ${kind}`, {
    run: (kernels) => kernels.obsPrune(w, factor, options),
    same: (actual, expected) => [
      ...same('zeros', [zerosIn(actual.data)], [zerosIn(expected.data)]),
      ...costsNoMore(
        'the layer',
        quadraticError(w, actual.data, gram),
        quadraticError(w, expected.data, gram),
        errorTolerance,
      ),
    ],
    holds: ({ data }) => holds(data),
  })
}

/** What is left of every m, at most n; of the rest too. */
function hasPattern({ rows, columns }: Matrix, data: Float32Array, n: number, m: number): Verdict {
  for (let r = 0; r < rows; r++)
    for (let from = 0; from < columns; from += m) {
      const part = data.subarray(r * columns + from, r * columns + Math.min(columns, from + m))
      const zeros = part.length - Math.min(n, part.length)
      if (zerosIn(part) !== zeros) return [`row ${r}, column ${from}: ${zerosIn(part)} zeros, expected ${zeros}`]
    }
  return []
}

const obsCases = layers.flatMap((layer) => {
  const { w } = layer
  const shareCase = (zeros: number, blockSize: number) =>
    obsCase(
      layer,
      `${zeros} zeros in blocks of ${blockSize}`,
      { sparsity: { kind: 'share', zeros }, blockSize },
      (data) => same('zeros', [zerosIn(data)], [Math.round(w.data.length * zeros)]),
    )
  const patternCase = (n: number, m: number) =>
    obsCase(layer, `${n} of ${m}`, { sparsity: { kind: 'n:m', n, m }, blockSize: 33 }, (data) =>
      hasPattern(w, data, n, m),
    )
  return [
    shareCase(0.5, 128),
    shareCase(0.8, 7),
    shareCase(0.3, 1000),
    shareCase(0, 16),
    shareCase(1, 16),
    patternCase(2, 4),
    patternCase(1, 3),
    patternCase(50, 150),
    patternCase(0, 2),
  ]
})

const roundingCases = layers
  .filter(({ w }) => w.columns < 300)
  .flatMap((layer) =>
    [
      { limits: limitsOf(4, true), keepZeros: false, iterations: 150 },
      { limits: limitsOf(2, true), keepZeros: true, iterations: 80 },
      { limits: limitsOf(3, false), keepZeros: false, iterations: 0 },
    ].map(({ limits, keepZeros, iterations }) => {
      const w = keepZeros ? withZeros(layer.w) : layer.w
      const grids = gridsOf(w, limits, w.columns)
      const options = {
        ...{ ...limits, grids, iterations, keepZeros },
        ...({ learningRate: 0.05, regularization: 0.01, beta: [20, 2], warmup: 0.2 } as const),
      }
      const errorOf = (integers: Int32Array) =>
        quadraticError(w, dequantize({ integers }, w, grids), layer.gram) / layer.gram.samples
      return kernelCase('optimizeRounding', `${layer.name}, ${limits.max}, ${iterations} iterations`, {
        run: (kernels) => kernels.optimizeRounding(w, layer.gram, options),
        same: (actual, expected) => [
          ...close('errorBefore', [actual.errorBefore], [expected.errorBefore], 1e-4),
          ...costsNoMore('the layer', actual.errorAfter, expected.errorAfter, descentTolerance),
        ],
        holds: ({ integers, errorBefore, errorAfter }) => [
          ...inLimits(integers, limits),
          ...isTrue(errorAfter <= errorBefore, `${errorAfter} is worse than nearest, ${errorBefore}`),
          ...close('errorAfter', [errorAfter], [errorOf(integers)], 1e-4),
          ...close('errorBefore', [errorBefore], [errorOf(quantize(w, grids, limits).integers)], 1e-4),
          ...(keepZeros ? keepsZeros(w, dequantize({ integers }, w, grids)) : []),
          // Up or down, and nothing else.
          ...isTrue(
            integers.every((q, i) => {
              const grid = Math.floor(i / w.columns)
              const quotient = w.data[i]! / grids.scale[grid]! + grids.zeroPoint[grid]!
              return Math.abs(q - Math.max(limits.min, Math.min(limits.max, quotient))) < 1 + 1e-4
            }),
            'an integer that is neither up nor down',
          ),
        ],
      })
    }),
  )

/** Much better than rounding to nearest, on a layer where there is something to gain. */
function learnsCase(): KernelCase {
  const w = { rows: 8, columns: 48, data: normals(8 * 48, 95, 0.1) }
  const gram = grams(1, 48, 200, 96)
  const limits = limitsOf(3, true)
  const grids = gridsOf(w, limits, w.columns)
  const options = {
    ...{ ...limits, grids, iterations: 500, keepZeros: false },
    ...({ learningRate: 0.02, regularization: 0.01, beta: [20, 2], warmup: 0.2 } as const),
  }
  return kernelCase('optimizeRounding', 'learns', {
    run: (kernels) => kernels.optimizeRounding(w, gram, options),
    same: (actual, expected) => costsNoMore('the layer', actual.errorAfter, expected.errorAfter, descentTolerance),
    holds: ({ errorBefore, errorAfter }) => isTrue(errorAfter < 0.8 * errorBefore, `${errorAfter} of ${errorBefore}`),
  })
}

export const updateCases: readonly KernelCase[] = [
  ...gptqCases,
  identityCase(),
  betterCase(),
  ...obsCases,
  ...roundingCases,
  learnsCase(),
]
