// One layer on its way to a codebook: its matrix, the size of its rows, what errors cost, and in the end its integers.
import type { Gram, Kernels, Matrix, SquareStack } from '../../kernels/kernels.ts'
import { weightMatrix } from '../layers.ts'
import { factorOf } from '../prune/second-order.ts'
import { firstLayer, type PruneTarget } from '../prune/targets.ts'
import {
  type AssignInput,
  assignCompensated,
  assignNearest,
  type CodedLayer,
  fitScales,
  improveCodes,
  refitCodes,
  scalesByOutput,
} from './assign.ts'
import { type Codebook, fitCodebook } from './codebook.ts'
import type { ShareParams } from './share.ts'

export interface LayerState {
  readonly target: PruneTarget
  readonly k: number
  readonly w: Matrix
  readonly perChannel: boolean
  readonly rowSizes: Float32Array
  /** For each group its columns; null: all equal. */
  readonly columnCosts: Float32Array | null
  readonly groups: number
  /** The layer is pruned: its zeros stay. */
  readonly keepZeros: boolean
}

export const needsInputs = ({ weighting, compensate }: Pick<ShareParams, 'weighting' | 'compensate'>) =>
  compensate || weighting !== 'none'

/** Exact zeros beyond this share of the weights are taken for a mask. */
const maskShare = 0.02

export async function layerState(
  kernels: Kernels,
  target: PruneTarget,
  k: number,
  gram: Gram | null,
  { weighting, scales, damping }: ShareParams,
): Promise<LayerState> {
  const layer = firstLayer(target)
  const w = weightMatrix(layer)
  // Rows of a transposed convolution are kernel positions, which have no scale of their own.
  const perChannel = scales === 'per-channel' && layer.node.op !== 'ConvTranspose'
  const zeros = w.data.reduce((count, value) => count + (value === 0 ? 1 : 0), 0)
  return {
    target,
    k,
    w,
    perChannel,
    rowSizes: rowSizes(w, perChannel),
    columnCosts: gram && weighting !== 'none' ? await costsOf(kernels, gram, weighting, damping) : null,
    groups: layer.groups,
    keepZeros: zeros > maskShare * w.data.length,
  }
}

/** Smallest row scale over the largest: biases, in units of it, must fit 32 bits. */
const smallestRow = 2 ** -12

function rowSizes({ rows, columns, data }: Matrix, perChannel: boolean): Float32Array {
  const squares = new Float64Array(rows)
  for (const [i, value] of data.entries()) squares[Math.floor(i / columns)]! += value * value
  const whole = Math.sqrt(squares.reduce((a, b) => a + b, 0) / data.length) || 1
  if (!perChannel) return new Float32Array(rows).fill(whole)
  const sizes = squares.map((sum) => Math.sqrt(sum / columns))
  const least = sizes.reduce((a, b) => Math.max(a, b), 0) * smallestRow || 1
  return Float32Array.from(sizes, (size) => Math.max(size, least))
}

/** The Hessian's diagonal, or what an error costs when the other weights may make up for it: 1 / [H⁻¹]ⱼⱼ (OBS). */
async function costsOf(kernels: Kernels, gram: Gram, weighting: 'activation' | 'hessian', damping: number) {
  const { groups, size, data } = gram
  const costs = new Float32Array(groups * size)
  if (weighting === 'activation') return costs.map((_, i) => data[i * size + (i % size)]!)
  const { factor } = await factorOf(kernels, gram, damping)
  return costs.map((_, at) => {
    const column = at % size
    const base = (at - column) * size
    let inverse = 0
    // H⁻¹ = Uᵀ U.
    for (let i = 0; i <= column; i++) inverse += factor.data[base + i * size + column]! ** 2
    return inverse > 0 ? 1 / inverse : 0
  })
}

/** Layers whose own table is this share of their bytes or more do better with a common one. */
const tableShare = 0.1

export async function codebooksOf(
  kernels: Kernels,
  states: readonly LayerState[],
  { scope }: ShareParams,
): Promise<Map<LayerState, Codebook>> {
  const shares = (state: LayerState) => scope === 'shared' || (scope === 'auto' && isTableHeavy(state))
  const common = new Map<string, LayerState[]>()
  for (const state of states) {
    const key = shares(state) ? `k${state.k}` : state.target.name
    common.set(key, [...(common.get(key) ?? []), state])
  }
  const found = new Map<LayerState, Codebook>()
  for (const group of common.values()) {
    const keepZero = group.some(({ keepZeros }) => keepZeros)
    const codebook = await fitCodebook(kernels, group, { k: group[0]!.k, keepZero })
    for (const state of group) found.set(state, codebook)
  }
  return found
}

const isTableHeavy = ({ k, w }: LayerState) => k >= (tableShare * w.data.length * Math.ceil(Math.log2(k))) / 8

const scaleRounds = 4
const improvementRounds = 4

export async function codeLayer(
  kernels: Kernels,
  state: LayerState,
  { codes, step }: Codebook,
  gram: Gram | null,
  { compensate, damping }: ShareParams,
  ownCodes: boolean,
): Promise<CodedLayer> {
  const scales = state.rowSizes.map((size) => size * step)
  let input: AssignInput = { w: state.w, codes, scales, keepZeros: state.keepZeros }
  const equal = new Float32Array(state.w.columns).fill(1)
  const { columnCosts, groups, w, perChannel } = state
  const costs = (row: number) => {
    const group = Math.floor((row * groups) / w.rows)
    return columnCosts?.subarray(group * w.columns, (group + 1) * w.columns) ?? equal
  }
  if (perChannel)
    for (let round = 0; round < scaleRounds; round++)
      input = { ...input, scales: exact(fitScales(input, assignNearest(input).integers, costs)) }
  if (!compensate || !gram) return assignNearest({ ...input, scales: exact(input.scales) })
  const { factor, hessian } = await factorOf(kernels, gram, damping)
  return improved(input, assignCompensated(input, factor), hessian, { perChannel, ownCodes })
}

interface Improvement {
  readonly perChannel: boolean
  /** The codebook is this layer's alone and may be fitted to it. */
  readonly ownCodes: boolean
}

function improved(start: AssignInput, coded: CodedLayer, hessian: SquareStack, how: Improvement): CodedLayer {
  let input = start
  let { integers, scales } = coded
  const fitScales = () => {
    if (how.perChannel) scales = exact(scalesByOutput({ ...input, scales }, integers, hessian))
  }
  for (let round = 0; round < improvementRounds; round++) {
    fitScales()
    if (how.ownCodes) {
      const fitted = refitCodes(input, { integers, scales }, hessian)
      ;[input, integers, scales] = [fitted, fitted.integers, fitted.scales]
    }
    if (improveCodes(input, integers, scales, hessian) === 0) break
  }
  fitScales()
  return { integers, scales }
}

const exact = (scales: Float32Array) => scales.map((scale) => Math.max(scale, 2 ** -40))
