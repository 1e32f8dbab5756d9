// GPTQ and one-shot pruning: blocks of 32 columns in a workgroup, the columns after them by one product.
import type { GptqOptions, Matrix, ObsPruneOptions, Quantized, SquareStack } from '../kernels.ts'
import { gptq as referenceGptq } from '../reference/gptq.ts'
import { zerosBefore } from '../reference/obs.ts'
import { type Gpu, type GpuCall, type Program, withCall } from './call.ts'
import { recordNmMask, recordTopMask } from './masks.ts'
import { recordProduct } from './products.ts'
import { batches, linearGroups } from './split.ts'
import { isWide } from './statistics.ts'
import * as wgsl from './wgsl/updates.ts'

const gptqProgram: Program = { name: 'gptqBlock', wgsl: wgsl.gptqBlock }
const obsProgram: Program = { name: 'obsBlock', wgsl: wgsl.obsBlock }
const obsScoresProgram: Program = { name: 'obsScores', wgsl: wgsl.obsScores }

/** Columns done in a workgroup; `blockSize` of GPTQ changes no result, so it is left aside. */
const block = wgsl.updateBlock
/** Rows of a workgroup. */
const rowTile = 8

interface Layer {
  readonly rows: number
  readonly columns: number
  readonly groups: number
  readonly rowsPerGroup: number
  readonly weights: GPUBuffer
  readonly factor: GPUBuffer
  /** Error / U[j][j] of the block's columns, rows x 32. */
  readonly errors: GPUBuffer
}

function layerOf(call: GpuCall, { rows, columns, data }: Matrix, factor: SquareStack): Layer {
  return {
    ...{ rows, columns, groups: factor.groups, rowsPerGroup: rows / factor.groups },
    weights: call.input(data),
    factor: call.input(factor.data),
    errors: call.scratch(rows * block),
  }
}

/** What the errors of a block take from all columns after it. */
function recordCompensation(call: GpuCall, layer: Layer, first: number, width: number) {
  const { columns, groups, rowsPerGroup, weights, factor, errors } = layer
  const end = first + width
  recordProduct(call, {
    ...{ m: rowsPerGroup, n: columns - end, k: width, batch: groups, alpha: -1, beta: 1 },
    a: { buffer: errors, row: block, column: 1, batch: rowsPerGroup * block },
    b: { buffer: factor, offset: first * columns + end, row: columns, column: 1, batch: columns * columns },
    c: { buffer: weights, offset: end, row: columns, column: 1, batch: rowsPerGroup * columns },
  })
}

/** Blocks recorded before they are handed to the driver. */
const blocksAtOnce = 16

export async function gptq(gpu: Gpu, w: Matrix, factor: SquareStack, options: GptqOptions): Promise<Quantized> {
  if (isWide(options)) return referenceGptq(w, factor, options)
  const { rows, columns } = w
  const { grids, gridColumns, keepZeros, min, max } = options
  return withCall(gpu, async (call) => {
    const layer = layerOf(call, w, factor)
    const integers = call.scratch(rows * columns)
    const original = call.input(keepZeros ? w.data : new Float32Array(1))
    const scale = call.input(grids.scale)
    const zeroPoint = call.input(grids.zeroPoint)
    const buffers = [original, layer.weights, layer.factor, scale, zeroPoint, integers, layer.errors]
    for (let first = 0; first < columns; first += block) {
      const width = Math.min(block, columns - first)
      for (const batch of batches(layer.groups)) {
        const params = [
          ...[columns, first, width, layer.rowsPerGroup, gridColumns, Math.ceil(columns / gridColumns)],
          ...[min, max, keepZeros ? 1 : 0, batch.first],
        ]
        call.dispatch(gptqProgram, buffers, params, [Math.ceil(layer.rowsPerGroup / rowTile), 1, batch.count])
      }
      recordCompensation(call, layer, first, width)
      if ((first / block) % blocksAtOnce === blocksAtOnce - 1) call.flush()
    }
    return { integers: await call.readInts(integers, rows * columns) }
  })
}

export function obsPrune(gpu: Gpu, w: Matrix, factor: SquareStack, options: ObsPruneOptions): Promise<Matrix> {
  const { rows, columns } = w
  const { sparsity, blockSize } = options
  return withCall(gpu, async (call) => {
    const layer = layerOf(call, w, factor)
    if (sparsity.kind === 'n:m' && sparsity.m <= block) recordPatterns(call, layer, sparsity)
    else {
      const step = sparsity.kind === 'n:m' ? sparsity.m : blockSize
      for (let from = 0; from < columns; from += step)
        recordPruned(call, layer, sparsity, from, Math.min(columns, from + step))
    }
    return { rows, columns, data: await call.readFloats(layer.weights, rows * columns) }
  })
}

/** n of m with short m: each group of columns is chosen inside the workgroup when its first column is reached. */
function recordPatterns(call: GpuCall, layer: Layer, { n, m }: { readonly n: number; readonly m: number }) {
  const unused = call.zeros(1)
  const step = Math.floor(block / m) * m
  for (let first = 0; first < layer.columns; first += step) {
    const width = Math.min(step, layer.columns - first)
    recordObsBlock(call, layer, unused, { first, width, maskFirst: 0, maskColumns: 0, n, m })
  }
}

/** A block whose survivors are chosen together, before its columns are removed. */
function recordPruned(call: GpuCall, layer: Layer, sparsity: ObsPruneOptions['sparsity'], from: number, to: number) {
  const { rows, columns, rowsPerGroup, weights, factor } = layer
  const width = to - from
  const scores = call.scratch(rows * width)
  const count = rows * width
  const groups = linearGroups(Math.ceil(count / 256))
  call.dispatch(obsScoresProgram, [weights, factor, scores], [count, columns, from, width, rowsPerGroup], groups)
  const mask = recordMask(call, layer, sparsity, scores, from, to)
  for (let first = from; first < to; first += block) {
    const part = { first, width: Math.min(block, to - first), maskFirst: first - from, maskColumns: width, n: 0, m: 0 }
    recordObsBlock(call, layer, mask, part)
  }
  call.flush()
  call.release(scores)
  call.release(mask)
}

function recordMask(
  call: GpuCall,
  { rows }: Layer,
  sparsity: ObsPruneOptions['sparsity'],
  scores: GPUBuffer,
  from: number,
  to: number,
): GPUBuffer {
  if (sparsity.kind === 'n:m') return recordNmMask(call, scores, rows, to - from, sparsity.n, sparsity.m)
  const zeros = zerosBefore(rows, to, sparsity.zeros) - zerosBefore(rows, from, sparsity.zeros)
  return recordTopMask(call, scores, rows * (to - from), rows * (to - from) - zeros)
}

interface ObsPart {
  readonly first: number
  readonly width: number
  readonly maskFirst: number
  readonly maskColumns: number
  readonly n: number
  readonly m: number
}

function recordObsBlock(call: GpuCall, layer: Layer, mask: GPUBuffer, part: ObsPart) {
  const { columns, groups, rowsPerGroup, factor, weights, errors } = layer
  const { first, width, maskFirst, maskColumns, n, m } = part
  for (const batch of batches(groups)) {
    const params = [columns, first, width, rowsPerGroup, maskFirst, maskColumns, n, m, batch.first]
    const shape = [Math.ceil(rowsPerGroup / rowTile), 1, batch.count] as const
    call.dispatch(obsProgram, [mask, factor, weights, errors], params, shape)
  }
  recordCompensation(call, layer, first, width)
}
