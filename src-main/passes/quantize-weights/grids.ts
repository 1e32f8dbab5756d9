// Grids of a layer's weights: limits of the integers, and scales (and zero points) per tensor, channel or group.
import { concatFloats, concatInts } from '../../base/bytes.ts'
import type { GridLimits, Kernels, Matrix, RowGrids, ScaleMetric, SquareStack } from '../../kernels/kernels.ts'
import type { WeightLayer } from '../layers.ts'
import { integerMultiples } from './group-scales.ts'
import { binaryScales, ternaryScales } from './low-bits.ts'
import type { Bits, LayerSettings } from './settings.ts'

export interface WeightGrids {
  readonly limits: GridLimits
  /** For each row one per block of `gridColumns` columns, row after row. */
  readonly grids: RowGrids
  readonly gridColumns: number
  /** Rows that share their grids with the row before them; 1 for a grid of its own. */
  readonly rowsPerGrid: number
}

/** Whether rows are cut into groups: what ONNX's blocks along one dimension can say. */
export const hasGroups = (layer: WeightLayer, { granularity, groupSize }: LayerSettings) =>
  granularity === 'group' && isDense(layer) && groupSize < layer.columns

/** A column of the matrix is one input, not one position of a kernel. */
const isDense = ({ node, groups, tensor, columns }: WeightLayer) =>
  groups === 1 && node.op !== 'ConvTranspose' && (node.op !== 'Conv' || tensor.shape[1] === columns)

export const bitCount = (bits: Bits): number => (bits === 'ternary' ? 2 : bits === 'binary' ? 1 : bits)

export function gridLimits({ bits, scheme, powerOfTwo }: LayerSettings): GridLimits {
  if (typeof bits === 'string') return { min: -1, max: 1, symmetric: true, powerOfTwo }
  const half = 2 ** (bits - 1)
  const symmetric = scheme === 'symmetric'
  // -128 is left out as TFLite's specification has it; fewer bits cannot spare a code.
  return { min: bits === 8 && symmetric ? -127 : -half, max: half - 1, symmetric, powerOfTwo }
}

/** @param hessian matrix of inputs, whose diagonal weighs the columns; null: all alike */
export async function searchGrids(
  kernels: Kernels,
  layer: WeightLayer,
  weights: Matrix,
  hessian: SquareStack | null,
  settings: LayerSettings,
): Promise<WeightGrids> {
  const limits = gridLimits(settings)
  const gridColumns = hasGroups(layer, settings) ? settings.groupSize : layer.columns
  const rowsPerGrid = rowsPerGridOf(layer, settings)
  const views = viewsOf(layer, weights, hessian, gridColumns, rowsPerGrid)
  const parts: RowGrids[] = []
  for (const view of views)
    parts.push(withoutEmpty(await searchView(kernels, view, settings, limits), emptyRows(view.matrix)))
  const blocks = Math.ceil(layer.columns / gridColumns)
  const free = blocks === 1 ? concatGrids(parts) : interleaved(parts, layer.rows)
  const grids =
    blocks > 1 && settings.groupScales === 'integer'
      ? integerMultiples(weights, free, gridColumns, limits, settings.powerOfTwo)
      : free
  return { limits, grids: repeated(grids, blocks === 1 ? rowsPerGrid : 1), gridColumns, rowsPerGrid }
}

/** Transposed convolutions have a row for each position of the kernel; groups of them share the indices of channels. */
function rowsPerGridOf({ node, groups, rows, tensor, channelAxis }: WeightLayer, settings: LayerSettings): number {
  if (settings.granularity === 'tensor' || (node.op === 'ConvTranspose' && groups > 1)) return rows
  return rows / tensor.shape[channelAxis]!
}

interface View {
  readonly matrix: Matrix
  readonly columnWeights: Float32Array | null
}

/** More calls than this cost more than weighing the columns brings. */
const mostGroups = 16

/** Matrices whose rows are what shares a grid. */
function viewsOf(
  layer: WeightLayer,
  weights: Matrix,
  hessian: SquareStack | null,
  gridColumns: number,
  rowsPerGrid: number,
): View[] {
  const { rows, columns, groups } = layer
  if (gridColumns < columns) return blockViews(weights, hessian, gridColumns)
  if (rowsPerGrid > 1 || !hessian || groups > mostGroups) {
    const matrix = { rows: rows / rowsPerGrid, columns: columns * rowsPerGrid, data: weights.data }
    return [{ matrix, columnWeights: null }]
  }
  const each = rows / groups
  return Array.from({ length: groups }, (_, g) => ({
    matrix: { rows: each, columns, data: weights.data.subarray(g * each * columns, (g + 1) * each * columns) },
    columnWeights: diagonalOf(hessian, g),
  }))
}

/** The last block is filled up with zeros, which are on every grid. */
function blockViews({ rows, columns, data }: Matrix, hessian: SquareStack | null, size: number): View[] {
  const diagonal = hessian && diagonalOf(hessian, 0)
  return Array.from({ length: Math.ceil(columns / size) }, (_, b) => {
    const block = new Float32Array(rows * size)
    const [from, to] = [b * size, Math.min(columns, (b + 1) * size)]
    for (let r = 0; r < rows; r++) block.set(data.subarray(r * columns + from, r * columns + to), r * size)
    const columnWeights = diagonal && new Float32Array(size)
    columnWeights?.set(diagonal!.subarray(from, to))
    return { matrix: { rows, columns: size, data: block }, columnWeights }
  })
}

export function diagonalOf({ size, data }: SquareStack, group: number): Float32Array {
  const from = group * size * size
  return Float32Array.from({ length: size }, (_, i) => data[from + i * size + i]!)
}

/** Scales tried below the full range: few bits gain from much smaller ones. */
const candidates = 80
const smallestShare = 0.2

async function searchView(
  kernels: Kernels,
  { matrix, columnWeights }: View,
  { bits, range, power }: LayerSettings,
  limits: GridLimits,
): Promise<RowGrids> {
  if (bits === 'ternary') return ternaryScales(matrix, columnWeights, limits.powerOfTwo)
  if (bits === 'binary') return binaryScales(matrix, columnWeights, limits.powerOfTwo)
  const metric: ScaleMetric =
    range === 'lp' ? { kind: 'lp', p: power } : range === 'kl' ? { kind: 'kl', bins: 2048 } : { kind: range }
  const weighed = range === 'mse' || range === 'lp' ? columnWeights : null
  return kernels.searchScales(matrix, {
    ...limits,
    metric,
    candidates,
    shrinkTo: smallestShare,
    columnWeights: weighed,
  })
}

export const concatGrids = (parts: readonly RowGrids[]): RowGrids => ({
  scale: concatFloats(parts.map(({ scale }) => scale)),
  zeroPoint: concatInts(parts.map(({ zeroPoint }) => zeroPoint)),
})

/** From block after block to row after row. */
function interleaved(parts: readonly RowGrids[], rows: number): RowGrids {
  const scale = new Float32Array(rows * parts.length)
  const zeroPoint = new Int32Array(rows * parts.length)
  for (const [b, part] of parts.entries())
    for (let r = 0; r < rows; r++) {
      scale[r * parts.length + b] = part.scale[r]!
      zeroPoint[r * parts.length + b] = part.zeroPoint[r]!
    }
  return { scale, zeroPoint }
}

/** A row of zeros comes with scale 1, and its bias would be as coarse: it takes the largest scale of the others. */
function withoutEmpty({ scale, zeroPoint }: RowGrids, isEmpty: readonly boolean[]): RowGrids {
  const largest = scale.reduce((most, s, i) => (isEmpty[i] ? most : Math.max(most, s)), 0) || scale[0]!
  return { scale: scale.map((s, i) => (isEmpty[i] ? largest : s)), zeroPoint }
}

const emptyRows = ({ rows, columns, data }: Matrix) =>
  Array.from({ length: rows }, (_, r) => data.subarray(r * columns, (r + 1) * columns).every((w) => w === 0))

function repeated({ scale, zeroPoint }: RowGrids, times: number): RowGrids {
  if (times === 1) return { scale, zeroPoint }
  return {
    scale: Float32Array.from({ length: scale.length * times }, (_, r) => scale[Math.floor(r / times)]!),
    zeroPoint: Int32Array.from({ length: scale.length * times }, (_, r) => zeroPoint[Math.floor(r / times)]!),
  }
}
