// Search of a scale and zero point for each row: the candidates are made on the host, exactly as the reference makes them;
// their costs are summed on the GPU, and the first of the cheapest is taken.
import type { Matrix, RowGrids, ScaleSearch } from '../kernels.ts'
import {
  candidateScales,
  candidateZeroPoints,
  fullScale,
  type Grid,
  rangeWithZero,
  searchScales as referenceSearch,
} from '../reference/scales.ts'
import { type Gpu, type Program, withCall } from './call.ts'
import { linearGroups, rowParts } from './split.ts'
import { isWide } from './statistics.ts'
import { candidatesAtOnce, narrowColumns, scaleCosts, scaleCostsNarrow } from './wgsl/scales.ts'

const wideProgram: Program = { name: 'scaleCosts', wgsl: scaleCosts }
const narrowProgram: Program = { name: 'scaleCostsNarrow', wgsl: scaleCostsNarrow }

/** Candidates of one submission: a matrix of many rows is searched in parts. */
const candidateLimit = 2 ** 20

/**
 * The divergence of histograms walks thousands of bins one after the other and decides between costs that differ in the
 * seventh digit: it is left to double precision on the host, and 'max' has nothing to search.
 */
export async function searchScales(gpu: Gpu, x: Matrix, search: ScaleSearch): Promise<RowGrids> {
  const { kind } = search.metric
  if (kind === 'kl' || kind === 'max' || isWide(search)) return referenceSearch(x, search)
  const scale = new Float32Array(x.rows)
  const zeroPoint = new Int32Array(x.rows)
  const perRow = Math.max(1, search.candidates) * (search.symmetric ? 1 : 5)
  const limitBytes = Math.min(gpu.pool.limitBytes, Math.max(1, Math.floor(candidateLimit / perRow)) * x.columns * 4)
  for (const { first, matrix } of rowParts(x, limitBytes)) {
    const best = await searchPart(gpu, matrix, search)
    for (const [r, grid] of best.entries()) {
      scale[first + r] = grid.scale
      zeroPoint[first + r] = grid.zeroPoint
    }
  }
  return { scale, zeroPoint }
}

interface RowCandidates {
  readonly grids: readonly Grid[]
  /** Power of two near 1 / range. */
  readonly unit: number
}

async function searchPart(gpu: Gpu, x: Matrix, search: ScaleSearch): Promise<Grid[]> {
  const rows = Array.from({ length: x.rows }, (_, r) =>
    candidatesOf(x.data.subarray(r * x.columns, (r + 1) * x.columns), search),
  )
  const costs = await costsOf(gpu, x, rows, search)
  let at = 0
  return rows.map(({ grids }) => {
    let best = 0
    for (let i = 1; i < grids.length; i++) if (costs[at + i]! < costs[at + best]!) best = i
    at += grids.length
    return grids[best]!
  })
}

function candidatesOf(row: Float32Array, search: ScaleSearch): RowCandidates {
  const [low, high] = rangeWithZero(row)
  const full = fullScale(low, high, search)
  const nothing = { scale: 1, zeroPoint: search.symmetric ? 0 : Math.max(search.min, Math.min(search.max, 0)) }
  if (!(full > 0)) return { grids: [nothing], unit: 1 }
  const grids = candidateScales(full, search).flatMap((scale) =>
    candidateZeroPoints(scale, low, high, search).map((zeroPoint) => ({ scale, zeroPoint })),
  )
  const exponent = Math.ceil(Math.log2(Math.max(high, -low)))
  return { grids, unit: 2 ** Math.max(-126, Math.min(126, -exponent)) }
}

function costsOf(gpu: Gpu, x: Matrix, rows: readonly RowCandidates[], search: ScaleSearch): Promise<Float32Array> {
  const grids = rows.flatMap((row) => row.grids)
  const isNarrow = x.columns <= narrowColumns
  const atOnce = isNarrow ? 1 : candidatesAtOnce
  const batches: number[][] = []
  let at = 0
  for (const [r, row] of rows.entries()) {
    for (let i = 0; i < row.grids.length; i += atOnce)
      batches.push([r, at + i, Math.min(atOnce, row.grids.length - i), row.unit])
    at += row.grids.length
  }
  const table = new DataView(new ArrayBuffer(batches.length * 16))
  for (const [i, [row, first, count, unit]] of batches.entries()) {
    table.setUint32(i * 16, row!, true)
    table.setUint32(i * 16 + 4, first!, true)
    table.setUint32(i * 16 + 8, count!, true)
    table.setFloat32(i * 16 + 12, unit!, true)
  }
  const { columnWeights, metric } = search
  const power = metric.kind === 'lp' ? metric.p : 2
  return withCall(gpu, async (call) => {
    const costs = call.scratch(grids.length)
    const buffers = [
      call.input(x.data),
      call.input(columnWeights ?? new Float32Array(1)),
      call.input(new Uint8Array(table.buffer)),
      call.input(Float32Array.from(grids, (grid) => grid.scale)),
      call.input(Int32Array.from(grids, (grid) => grid.zeroPoint)),
      costs,
    ]
    const params = [x.columns, batches.length, search.min, search.max, { f32: power }, columnWeights ? 1 : 0]
    const groups = linearGroups(isNarrow ? Math.ceil(batches.length / 64) : batches.length)
    call.dispatch(isNarrow ? narrowProgram : wideProgram, buffers, params, groups)
    return call.readFloats(costs, grids.length)
  })
}
