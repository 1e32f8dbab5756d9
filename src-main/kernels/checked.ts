// Kernels that refuse arguments whose sizes do not fit together, before any backend reads them: a broken invariant of ours.
import { Bug } from '../base/errors.ts'
import type { GridLimits, Kernels, Matrix, PatchShape, RowGrids, SquareStack } from './kernels.ts'
import { outputSize } from './reference/patches.ts'

function demand(isTrue: boolean, problem: string) {
  if (!isTrue) throw new Bug(`kernel called with ${problem}`)
}

const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0

function checkMatrix({ rows, columns, data }: Matrix) {
  demand(isCount(rows) && isCount(columns), `a matrix of ${rows} x ${columns}`)
  demand(data.length === rows * columns, `${data.length} elements for ${rows} x ${columns}`)
}

function checkStack({ groups, size, data }: SquareStack) {
  demand(isCount(groups) && isCount(size), `${groups} matrices of ${size}`)
  demand(data.length === groups * size * size, `${data.length} elements for ${groups} matrices of ${size}`)
}

/** A weight matrix and one square matrix for each group of its rows. */
function checkStacked(w: Matrix, stack: SquareStack) {
  checkMatrix(w)
  checkStack(stack)
  demand(w.columns === stack.size, `${w.columns} columns for matrices of ${stack.size}`)
  demand(w.rows % stack.groups === 0, `${w.rows} rows for ${stack.groups} groups`)
}

/** Integers are exact as float32 up to 2^23 steps from the zero point. */
function checkLimits({ min, max }: Pick<GridLimits, 'min' | 'max'>) {
  demand(Number.isInteger(min) && Number.isInteger(max) && min < max, `the limits ${min} to ${max}`)
  demand(min >= -(2 ** 22) && max <= 2 ** 22, `limits beyond 23 bits, ${min} to ${max}`)
}

function checkGrids({ scale, zeroPoint }: RowGrids, count: number) {
  demand(scale.length === count && zeroPoint.length === count, `${scale.length} grids for ${count} rows`)
}

function checkPatches(x: Float32Array, shape: PatchShape, groups: number, positions: Uint32Array | null) {
  const { batch, channels, height, width, kernel, strides, dilations, pads } = shape
  const all = [batch, channels, height, width, ...kernel, ...strides, ...dilations]
  demand(all.every(isCount) && pads.every(isCount), `a patch shape ${JSON.stringify(shape)}`)
  demand(
    [...kernel, ...strides, ...dilations].every((value) => value > 0),
    `a patch shape ${JSON.stringify(shape)}`,
  )
  demand(x.length === batch * channels * height * width, `${x.length} elements for ${JSON.stringify(shape)}`)
  demand(groups > 0 && channels % groups === 0, `${groups} groups of ${channels} channels`)
  const [outHeight, outWidth] = outputSize(shape)
  const count = batch * outHeight * outWidth
  demand(positions === null || positions.every((position) => position < count), `a position beyond ${count}`)
}

function checkSum(sum: SquareStack | null, groups: number, size: number) {
  if (!sum) return
  checkStack(sum)
  demand(sum.groups === groups && sum.size === size, `a sum of ${sum.groups} x ${sum.size} for ${groups} x ${size}`)
}

type Checks = {
  readonly [name in Exclude<keyof Kernels, 'backend' | typeof Symbol.asyncDispose>]: (
    ...args: Parameters<Kernels[name]>
  ) => void
}

const checks: Checks = {
  rowStatistics: checkMatrix,
  histogram: (_, { bins }) => demand(isCount(bins) && bins > 0 && bins <= 2 ** 22, `${bins} bins`),
  searchScales: (x, search) => {
    checkMatrix(x)
    checkLimits(search)
    const { metric, columnWeights } = search
    if (metric.kind === 'kl') demand(isCount(metric.bins) && metric.bins > 0, `${metric.bins} bins`)
    demand(columnWeights === null || columnWeights.length === x.columns, 'weights for other columns')
    demand(isCount(search.candidates), `${search.candidates} candidates`)
  },
  quantize: (x, grids, limits) => {
    checkMatrix(x)
    checkGrids(grids, x.rows)
    checkLimits(limits)
  },
  dequantize: ({ integers }, { rows, columns }, grids) => {
    demand(integers.length === rows * columns, `${integers.length} integers for ${rows} x ${columns}`)
    checkGrids(grids, rows)
  },
  kmeans: (x, weights, { k, iterations, fixed }) => {
    demand(weights === null || weights.length === x.length, 'weights for other elements')
    demand(isCount(k) && isCount(iterations) && k + fixed.length <= 65536, `${k} clusters`)
  },
  topMask: (_, keep) => demand(Number.isInteger(keep), `${keep} elements to keep`),
  nmMask: (scores, n, m) => {
    checkMatrix(scores)
    demand(Number.isInteger(n) && Number.isInteger(m) && m > 0, `${n} of ${m}`)
  },
  patches: (x, shape, positions) => checkPatches(x, shape, 1, positions),
  gram: (x, sum) => {
    checkMatrix(x)
    checkSum(sum, 1, x.columns)
  },
  patchGram: (x, shape, groups, positions, sum) => {
    checkPatches(x, shape, groups, positions)
    checkSum(sum, groups, (shape.channels / groups) * shape.kernel[0] * shape.kernel[1])
  },
  multiply: (x, y) => {
    checkMatrix(x)
    checkMatrix(y)
    demand(x.columns === y.rows, `a product of ${x.columns} columns and ${y.rows} rows`)
  },
  cholesky: checkStack,
  solve: (lower, b) => {
    checkStack(lower)
    checkMatrix(b)
    demand(b.rows === lower.groups * lower.size, `${b.rows} rows for ${lower.groups} matrices of ${lower.size}`)
  },
  inverseFactor: checkStack,
  gptq: (w, factor, options) => {
    checkStacked(w, factor)
    checkLimits(options)
    demand(isCount(options.gridColumns) && options.gridColumns > 0, `grids of ${options.gridColumns} columns`)
    checkGrids(options.grids, w.rows * Math.ceil(w.columns / options.gridColumns))
    demand(isCount(options.blockSize) && options.blockSize > 0, `blocks of ${options.blockSize} columns`)
  },
  obsPrune: (w, factor, { sparsity, blockSize }) => {
    checkStacked(w, factor)
    demand(isCount(blockSize) && blockSize > 0, `blocks of ${blockSize} columns`)
    if (sparsity.kind === 'share') demand(sparsity.zeros >= 0 && sparsity.zeros <= 1, `a share of ${sparsity.zeros}`)
    else demand(isCount(sparsity.n) && isCount(sparsity.m) && sparsity.m > 0, `${sparsity.n} of ${sparsity.m}`)
  },
  optimizeRounding: (w, gram, options) => {
    checkStacked(w, gram)
    checkLimits(options)
    checkGrids(options.grids, w.rows)
    demand(isCount(options.iterations), `${options.iterations} iterations`)
  },
}

export function checkedKernels(kernels: Kernels): Kernels {
  const checked = Object.entries(checks).map(([name, check]) => {
    const run = kernels[name as keyof Checks] as (...args: unknown[]) => Promise<unknown>
    return [
      name,
      async (...args: unknown[]) => {
        ;(check as (...args: unknown[]) => void)(...args)
        return run.call(kernels, ...args)
      },
    ]
  })
  return { ...kernels, ...Object.fromEntries(checked) }
}
