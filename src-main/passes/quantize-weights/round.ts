// One layer's weights to integers, by the method its settings name.
import type { Gram, Kernels, Matrix, SquareStack } from '../../kernels/kernels.ts'
import type { JointGram } from '../layer-inputs.ts'
import type { WeightLayer } from '../layers.ts'
import { diagonalOf, searchGrids, type WeightGrids } from './grids.ts'
import { signs } from './low-bits.ts'
import { dampened, outputError, type Rounding, withFittedScales, withSweeps } from './refine.ts'
import type { LayerSettings } from './settings.ts'
import { targetWeights, timesSquare } from './target.ts'

export interface RoundedLayer extends Rounding {
  /** Energy of the error of the layer's outputs over that of the outputs; null without samples. */
  readonly error: number | null
}

/** @param inputs null: rounding to the nearest, all columns alike */
export async function roundLayer(
  kernels: Kernels,
  layer: WeightLayer,
  weights: Matrix,
  inputs: JointGram | null,
  settings: LayerSettings,
): Promise<RoundedLayer> {
  if (!inputs || settings.method === 'nearest') {
    const grids = await searchGrids(kernels, layer, weights, null, settings)
    const rounding = { ...grids, integers: await nearest(kernels, weights, grids, settings) }
    const hessian = inputs && dampened(inputs.after, 0)
    return { ...rounding, error: hessian && (await relativeError(kernels, weights, weights, rounding, hessian)) }
  }
  return fitted(kernels, layer, weights, inputs, settings)
}

async function fitted(
  kernels: Kernels,
  layer: WeightLayer,
  weights: Matrix,
  inputs: JointGram,
  settings: LayerSettings,
): Promise<RoundedLayer> {
  const { damping, correctInputs, keepZeros, sweeps } = settings
  const pruned = keepZeros && hasZeros(weights)
  const aimed = correctInputs && !pruned ? await targetWeights(kernels, weights, inputs, damping) : weights
  const hessian = dampened(inputs.after, damping)
  const grids = await searchGrids(kernels, layer, aimed, hessian, settings)
  const first = { ...grids, integers: await integersOf(kernels, aimed, inputs, grids, settings) }
  const options = { sweeps, keepZeros, binary: settings.bits === 'binary' }
  let rounding: Rounding = await withSweeps(kernels, aimed, first, hessian, options)
  if (canFit(settings, layer, grids)) {
    const scaled = await withFittedScales(kernels, aimed, rounding, hessian)
    rounding = await withSweeps(kernels, aimed, scaled, hessian, options)
  }
  return { ...rounding, error: await relativeError(kernels, weights, aimed, rounding, hessian) }
}

const canFit = ({ powerOfTwo, sweeps }: LayerSettings, { columns }: WeightLayer, { gridColumns }: WeightGrids) =>
  !powerOfTwo && sweeps > 0 && gridColumns === columns

/** More than a float model has by chance. */
const zeroShare = 0.01

function hasZeros({ data }: Matrix): boolean {
  let zeros = 0
  for (const w of data) if (w === 0) zeros++
  return zeros > zeroShare * data.length
}

async function relativeError(
  kernels: Kernels,
  weights: Matrix,
  target: Matrix,
  rounding: Rounding,
  hessian: SquareStack,
): Promise<number> {
  const products = await timesSquare(kernels, weights, hessian)
  const energy = products.reduce((sum, p, i) => sum + p * weights.data[i]!, 0)
  return (await outputError(kernels, target, rounding, hessian)) / (energy || 1)
}

async function integersOf(
  kernels: Kernels,
  aimed: Matrix,
  { after }: JointGram,
  grids: WeightGrids,
  settings: LayerSettings,
): Promise<Int32Array> {
  const { method, bits, damping, blockSize, keepZeros, iterations } = settings
  const { limits, gridColumns } = grids
  if (bits === 'binary') return nearest(kernels, aimed, grids, settings)
  if (method === 'gptq') {
    const factor = await kernels.inverseFactor(after, damping)
    return (await kernels.gptq(aimed, factor, { ...limits, grids: grids.grids, gridColumns, blockSize, keepZeros }))
      .integers
  }
  const regularization = regularizationShare * meanCurvature(after, grids.grids.scale)
  const schedule = { learningRate: 0.01, regularization, beta: [20, 2], warmup: 0.2 } as const
  const options = { ...limits, ...schedule, grids: grids.grids, iterations, keepZeros }
  return (await kernels.optimizeRounding(aimed, after, options)).integers
}

/** Of the regulariser's weight to the error that one weight makes by a step of its grid, so that neither drowns the other. */
const regularizationShare = 0.2

function meanCurvature(gram: Gram, scale: Float32Array): number {
  let trace = 0
  for (let g = 0; g < gram.groups; g++) for (const v of diagonalOf(gram, g)) trace += v
  const squares = scale.reduce((sum, s) => sum + s * s, 0) / scale.length
  return (squares * trace) / (gram.groups * gram.size * Math.max(1, gram.samples))
}

async function nearest(
  kernels: Kernels,
  weights: Matrix,
  { limits, grids, gridColumns }: WeightGrids,
  { bits, keepZeros }: LayerSettings,
): Promise<Int32Array> {
  if (bits === 'binary') return signs(weights, keepZeros)
  const { rows, columns, data } = weights
  if (gridColumns === columns) return (await kernels.quantize(weights, grids, limits)).integers
  // Blocks as rows of their own, the last of each row filled up.
  const blocks = Math.ceil(columns / gridColumns)
  const wide = new Float32Array(rows * blocks * gridColumns)
  for (let r = 0; r < rows; r++) wide.set(data.subarray(r * columns, (r + 1) * columns), r * blocks * gridColumns)
  const view = { rows: rows * blocks, columns: gridColumns, data: wide }
  const { integers } = await kernels.quantize(view, grids, limits)
  const result = new Int32Array(rows * columns)
  for (let r = 0; r < rows; r++)
    result.set(integers.subarray(r * blocks * gridColumns, r * blocks * gridColumns + columns), r * columns)
  return result
}
