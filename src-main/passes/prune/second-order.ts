// One-shot pruning of one layer with the second-order view of layer-wise error (OBC, Frantar & Alistarh 2022; SparseGPT,
// 2023): which weights go is decided with the inverse of the inputs' Gram matrix, and those left take the best values.
import { AppError } from '../../base/errors.ts'
import type { Gram, Kernels, Matrix, ObsPruneOptions, Sparsity, SquareStack } from '../../kernels/kernels.ts'
import { damped, layerError, refit } from './masked-least-squares.ts'

export interface SecondOrderOptions {
  /** Added to the diagonal, as a share of its mean. */
  readonly damping: number
  /** Columns whose mask is chosen together; null: the size with the least error of several. */
  readonly blockSize: number | null
}

export interface PrunedLayer {
  readonly weights: Matrix
  /** Squared error of the layer's outputs over their energy. */
  readonly relativeError: number
}

export async function pruneSecondOrder(
  kernels: Kernels,
  w: Matrix,
  gram: Gram,
  sparsity: Sparsity,
  options: SecondOrderOptions,
): Promise<PrunedLayer> {
  const live = withoutDeadInputs(w, gram)
  const { factor, hessian } = await factorOf(kernels, gram, options.damping)
  const masked = await bestMask(kernels, live, { factor, hessian, sparsity, blocks: blockSizes(w, sparsity, options) })
  const weights = await refit(kernels, live, masked, hessian)
  return { weights, relativeError: await relativeError(kernels, live, weights, gram) }
}

/** Squared error of the outputs when `v` takes the place of `w`, over the energy of the outputs; 0 for a silent layer. */
export async function relativeError(kernels: Kernels, w: Matrix, v: Matrix, gram: SquareStack): Promise<number> {
  const energy = await layerError(kernels, w, { ...w, data: new Float32Array(w.data.length) }, gram)
  return energy > 0 ? (await layerError(kernels, w, v, gram)) / energy : 0
}

/** Weights of inputs that were zero in every sample do nothing. */
function withoutDeadInputs(w: Matrix, { groups, size, data }: Gram): Matrix {
  const dead = (row: number, column: number) =>
    data[(Math.floor((row * groups) / w.rows) * size + column) * size + column] === 0
  return { ...w, data: w.data.map((value, i) => (dead(Math.floor(i / size), i % size) ? 0 : value)) }
}

const largestDamping = 1

/** More damping is taken where rounding has made the matrix indefinite. */
export async function factorOf(kernels: Kernels, gram: Gram, damping: number) {
  for (let share = damping; ; share = Math.max(share, 1e-4) * 10) {
    const hessian = damped(gram, share)
    try {
      return { hessian, factor: await kernels.inverseFactor(hessian, 0) }
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'kernel.notPositive' || share >= largestDamping) throw error
    }
  }
}

/** SparseGPT decides 128 columns at a time; layers of small networks often do better all at once. */
function blockSizes({ columns }: Matrix, sparsity: Sparsity, { blockSize }: SecondOrderOptions): number[] {
  const whole = (size: number) => (sparsity.kind === 'n:m' ? Math.ceil(size / sparsity.m) * sparsity.m : size)
  const sizes = blockSize === null ? [columns, 128, 32] : [blockSize]
  return [...new Set(sizes.map((size) => whole(Math.min(size, columns))))]
}

interface MaskSearch {
  readonly factor: SquareStack
  readonly hessian: SquareStack
  readonly sparsity: Sparsity
  readonly blocks: readonly number[]
}

async function bestMask(
  kernels: Kernels,
  w: Matrix,
  { factor, hessian, sparsity, blocks }: MaskSearch,
): Promise<Matrix> {
  let best: { readonly weights: Matrix; readonly error: number } | null = null
  for (const blockSize of blocks) {
    const options: ObsPruneOptions = { sparsity, blockSize }
    const weights = await kernels.obsPrune(w, factor, options)
    const error = await layerError(kernels, w, weights, hessian)
    if (!best || error < best.error) best = { weights, error }
  }
  return best!.weights
}
