// Row statistics, histograms, integers and back.
import type { GridLimits, HistogramOptions, Matrix, Quantized, RowGrids, RowStatistics } from '../kernels.ts'
import { quantize as referenceQuantize } from '../reference/grids.ts'
import { type Gpu, type GpuCall, type Program, withCall } from './call.ts'
import { linearGroups, rowParts } from './split.ts'
import * as wgsl from './wgsl/elements.ts'

const rowStatisticsProgram: Program = { name: 'rowStatistics', wgsl: wgsl.rowStatistics }
const histogramProgram: Program = { name: 'histogram', wgsl: wgsl.histogram }
const quantizeProgram: Program = { name: 'quantize', wgsl: wgsl.quantize }
const dequantizeProgram: Program = { name: 'dequantize', wgsl: wgsl.dequantize }

/** Columns that one workgroup sums. */
const spanColumns = 16384
/** Words of a partial result. */
const partialWords = 7

export async function rowStatistics(gpu: Gpu, x: Matrix): Promise<RowStatistics> {
  const make = () => new Float32Array(x.rows)
  const result = { min: make(), max: make(), mean: make(), meanSquare: make() }
  if (x.columns === 0) return result
  const parts = Math.ceil(x.columns / spanColumns)
  for (const { first, matrix } of rowParts(x, gpu.pool.limitBytes)) {
    const partial = await withCall(gpu, async (call) => {
      const items = matrix.rows * parts
      const to = call.scratch(items * partialWords)
      const params = [matrix.rows, matrix.columns, parts, spanColumns]
      call.dispatch(rowStatisticsProgram, [call.input(matrix.data), to], params, linearGroups(items))
      return call.readFloats(to, items * partialWords)
    })
    for (let r = 0; r < matrix.rows; r++)
      joinRow(partial.subarray(r * parts * partialWords, (r + 1) * parts * partialWords), result, first + r)
  }
  return result
}

function joinRow(partial: Float32Array, result: RowStatistics, row: number) {
  let [low, high, sum, square, count] = [Infinity, -Infinity, 0, 0, 0]
  for (let at = 0; at < partial.length; at += partialWords) {
    low = Math.min(low, partial[at]!)
    high = Math.max(high, partial[at + 1]!)
    sum += partial[at + 2]! + partial[at + 3]!
    square += partial[at + 4]! + partial[at + 5]!
    count += partial[at + 6]!
  }
  if (count === 0) return
  result.min[row] = low
  result.max[row] = high
  result.mean[row] = sum / count
  // A square beyond float32 leaves NaN as its rounding error.
  result.meanSquare[row] = Number.isNaN(square) ? Infinity : square / count
}

/** Elements that one workgroup counts. */
const histogramSpan = 8192

export async function histogram(gpu: Gpu, x: Float32Array, options: HistogramOptions): Promise<Uint32Array> {
  const { bins } = options
  const [low, high] = [Math.fround(options.low), Math.fround(options.high)]
  const perUnit = Math.fround(bins / (high - low))
  return withCall(gpu, async (call) => {
    const counts = call.zeros(bins)
    for (const { matrix } of rowParts({ rows: x.length, columns: 1, data: x }, gpu.pool.limitBytes)) {
      const params = [matrix.rows, bins, { f32: low }, { f32: high }, { f32: perUnit }, histogramSpan]
      const data = call.input(matrix.data)
      call.dispatch(histogramProgram, [data, counts], params, linearGroups(Math.ceil(matrix.rows / histogramSpan)))
      call.flush()
      call.release(data)
    }
    return call.readUints(counts, bins)
  })
}

/** What the shader's rounding covers (wgsl/common.ts). */
const widestGrid = 2 ** 16
export const isWide = ({ min, max }: GridLimits) => max - min > widestGrid || Math.max(Math.abs(min), max) > widestGrid

/** Zero points may lie outside the grid when they come from a model. */
const isFar = ({ zeroPoint }: RowGrids) => zeroPoint.some((zero) => Math.abs(zero) > widestGrid / 2)

export async function quantize(gpu: Gpu, x: Matrix, grids: RowGrids, limits: GridLimits): Promise<Quantized> {
  if (isWide(limits) || isFar(grids)) return referenceQuantize(x, grids, limits)
  const integers = new Int32Array(x.rows * x.columns)
  for (const { first, matrix } of rowParts(x, gpu.pool.limitBytes))
    await withCall(gpu, async (call) => {
      const [scale, zeroPoint] = gridInputs(call, grids, first, matrix.rows)
      const q = call.scratch(matrix.data.length)
      const params = [matrix.data.length, matrix.columns, limits.min, limits.max]
      const groups = linearGroups(Math.ceil(matrix.data.length / 256))
      call.dispatch(quantizeProgram, [call.input(matrix.data), scale, zeroPoint, q], params, groups)
      integers.set(await call.readInts(q, matrix.data.length), first * x.columns)
    })
  return { integers }
}

function gridInputs(call: GpuCall, { scale, zeroPoint }: RowGrids, first: number, rows: number) {
  return [call.input(scale.subarray(first, first + rows)), call.input(zeroPoint.subarray(first, first + rows))] as const
}

export async function dequantize(
  gpu: Gpu,
  { integers }: Quantized,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  grids: RowGrids,
): Promise<Float32Array> {
  const real = new Float32Array(rows * columns)
  for (const { first, matrix } of rowParts({ rows, columns, data: real }, gpu.pool.limitBytes))
    await withCall(gpu, async (call) => {
      const count = matrix.data.length
      const [scale, zeroPoint] = gridInputs(call, grids, first, matrix.rows)
      const q = call.input(integers.subarray(first * columns, first * columns + count))
      const x = call.scratch(count)
      call.dispatch(dequantizeProgram, [q, scale, zeroPoint, x], [count, columns], linearGroups(Math.ceil(count / 256)))
      matrix.data.set(await call.readFloats(x, count))
    })
  return real
}
