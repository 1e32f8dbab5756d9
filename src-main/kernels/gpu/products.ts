// Matrix products: one shader with strides for every operand (wgsl/gemm.ts), Gram matrices, and patches.
import type { Gram, Matrix, PatchShape } from '../kernels.ts'
import { outputSize, patchCount } from '../reference/patches.ts'
import { type Gpu, type GpuCall, type Program, withCall } from './call.ts'
import { batches, linearGroups, rowParts } from './split.ts'
import { gemmOf, sumParts, tileOf } from './wgsl/gemm.ts'
import { patches as patchesWgsl } from './wgsl/patches.ts'

const gemmProgram: Record<1 | 4, Program> = {
  1: { name: 'gemm16', wgsl: gemmOf(1) },
  4: { name: 'gemm64', wgsl: gemmOf(4) },
}
const sumPartsProgram: Program = { name: 'sumParts', wgsl: sumParts }
const patchesProgram: Program = { name: 'patches', wgsl: patchesWgsl }

/** A matrix, or one of each batch, inside a buffer; all in elements. */
export interface Operand {
  readonly buffer: GPUBuffer
  readonly offset?: number
  readonly row: number
  readonly column: number
  readonly batch?: number
}

export interface Product {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly a: Operand
  readonly b: Operand
  readonly c: Operand
  /** 1 by default. */
  readonly alpha?: number
  /** 0 by default: C is overwritten. */
  readonly beta?: number
  readonly batch?: number
  /** The batches split an inner dimension of this many elements, k each. */
  readonly kTotal?: number
  /** Only what is on and below the diagonal of C. */
  readonly lower?: boolean
}

/** C = beta C + alpha A B. */
export function recordProduct(call: GpuCall, product: Product) {
  const { m, n, k, a, b, c, alpha = 1, beta = 0, batch = 1, kTotal = 0, lower = false } = product
  if (m <= 0 || n <= 0) return
  const per = Math.min(m, n) <= tileOf(1) ? 1 : 4
  const tile = tileOf(per)
  const words = [a, b, c].flatMap(({ offset = 0, row, column, batch: stride = 0 }) => [offset, row, column, stride])
  for (const { first, count } of batches(batch)) {
    const params = [m, n, k, kTotal, ...words, { f32: alpha }, { f32: beta }, lower ? 1 : 0, first]
    const groups = [Math.ceil(n / tile), Math.ceil(m / tile), count] as const
    call.dispatch(gemmProgram[per], [a.buffer, b.buffer, c.buffer], params, groups)
  }
}

export async function multiply(gpu: Gpu, x: Matrix, y: Matrix): Promise<Matrix> {
  const data = new Float32Array(x.rows * y.columns)
  const widest = Math.max(1, x.columns, y.columns)
  const limitBytes = Math.floor((gpu.pool.limitBytes / widest) * Math.max(1, x.columns))
  for (const { first, matrix } of rowParts(x, limitBytes))
    await withCall(gpu, async (call) => {
      const [m, k, n] = [matrix.rows, x.columns, y.columns]
      const c = call.scratch(m * n)
      recordProduct(call, {
        ...{ m, n, k },
        a: { buffer: call.input(matrix.data), row: k, column: 1 },
        b: { buffer: call.input(y.data), row: n, column: 1 },
        c: { buffer: c, row: n, column: 1 },
      })
      data.set(await call.readFloats(c, m * n), first * n)
    })
  return { rows: x.rows, columns: y.columns, data }
}

/** Scratch of one step of a Gram matrix: samples in it, and parts of its sum. */
const chunkBytes = 32 * 2 ** 20
/** Workgroups worth starting, before the samples are split further. */
const enoughTiles = 128
const leastSamples = 64

/**
 * Adds XᵀX of each of `groups` equal parts of the columns of the matrix in `x` to the stack in `sum`. The samples are split
 * where the tiles alone would leave most of the GPU idle: as a batch when there is one group, else one after the other.
 */
function recordGram(call: GpuCall, x: GPUBuffer, rows: number, groups: number, size: number, sum: GPUBuffer) {
  const tiles = groups * Math.ceil(size / tileOf(size <= tileOf(1) ? 1 : 4)) ** 2
  const [pitch, count] = [groups * size, groups * size * size]
  const fitting = Math.max(1, Math.floor(chunkBytes / 4 / count))
  const k = Math.ceil(
    rows / Math.max(1, Math.min(fitting, Math.ceil(enoughTiles / tiles), Math.ceil(rows / leastSamples))),
  )
  const parts = Math.ceil(rows / k)
  const part = call.scratch(parts * count)
  const product = (first: number, samples: number, batch: number, step: number): Product => ({
    ...{ m: size, n: size, k: samples, batch, lower: true },
    a: { buffer: x, offset: first * pitch, row: 1, column: pitch, batch: step },
    b: { buffer: x, offset: first * pitch, row: pitch, column: 1, batch: step },
    c: { buffer: part, offset: (first / k) * count, row: size, column: 1, batch: size * size },
  })
  if (groups === 1) recordProduct(call, { ...product(0, k, parts, k * pitch), kTotal: rows })
  else
    for (let first = 0; first < rows; first += k)
      recordProduct(call, product(first, Math.min(k, rows - first), groups, size))
  call.dispatch(sumPartsProgram, [part, sum], [count, size, parts, count], linearGroups(Math.ceil(count / 64)))
  call.flush()
  call.release(part)
}

export function gram(gpu: Gpu, x: Matrix, sum: Gram | null): Promise<Gram> {
  const size = x.columns
  return withCall(gpu, async (call) => {
    const total = sum ? call.input(sum.data) : call.zeros(size * size)
    for (const { matrix } of rowParts(x, Math.min(gpu.pool.limitBytes, 4 * chunkBytes))) {
      const data = call.input(matrix.data)
      recordGram(call, data, matrix.rows, 1, size, total)
      call.release(data)
    }
    const data = await call.readFloats(total, size * size)
    return { groups: 1, size, data, samples: x.rows + (sum?.samples ?? 0) }
  })
}

interface PatchInputs {
  readonly x: GPUBuffer
  readonly positions: GPUBuffer
  readonly isPicked: boolean
}

function patchInputs(call: GpuCall, x: Float32Array, positions: Uint32Array | null): PatchInputs {
  return { x: call.input(x), positions: call.input(positions ?? new Uint32Array(1)), isPicked: positions !== null }
}

interface PatchPart {
  readonly firstRow: number
  readonly rows: number
  readonly firstColumn: number
  readonly columns: number
}

function recordPatches(call: GpuCall, { x, positions, isPicked }: PatchInputs, shape: PatchShape, part: PatchPart) {
  const { channels, height, width, kernel, strides, dilations, pads } = shape
  const matrix = call.scratch(part.rows * part.columns)
  const params = [
    ...[part.rows, part.columns, part.firstRow, part.firstColumn],
    ...[channels, height, width, ...kernel, ...strides, ...dilations, pads[0], pads[1]],
    ...[...outputSize(shape), isPicked ? 1 : 0],
  ]
  const groups = linearGroups(Math.ceil((part.rows * part.columns) / 256))
  call.dispatch(patchesProgram, [x, positions, matrix], params, groups)
  return matrix
}

const patchColumns = ({ channels, kernel }: PatchShape) => channels * kernel[0] * kernel[1]

export async function patches(
  gpu: Gpu,
  x: Float32Array,
  shape: PatchShape,
  positions: Uint32Array | null,
): Promise<Matrix> {
  const [rows, columns] = [patchCount(shape, positions), patchColumns(shape)]
  const data = new Float32Array(rows * columns)
  for (const { first, matrix } of rowParts({ rows, columns, data }, gpu.pool.limitBytes))
    await withCall(gpu, async (call) => {
      const part = { firstRow: first, rows: matrix.rows, firstColumn: 0, columns }
      const buffer = recordPatches(call, patchInputs(call, x, positions), shape, part)
      matrix.data.set(await call.readFloats(buffer, matrix.data.length))
    })
  return { rows, columns, data }
}

export function patchGram(
  gpu: Gpu,
  x: Float32Array,
  shape: PatchShape,
  groups: number,
  positions: Uint32Array | null,
  sum: Gram | null,
): Promise<Gram> {
  const [rows, size] = [patchCount(shape, positions), patchColumns(shape) / groups]
  const columns = groups * size
  const rowsAtOnce = Math.max(1, Math.floor(chunkBytes / 4 / Math.max(1, columns)))
  return withCall(gpu, async (call) => {
    const inputs = patchInputs(call, x, positions)
    const total = sum ? call.input(sum.data) : call.zeros(groups * size * size)
    for (let firstRow = 0; firstRow < rows; firstRow += rowsAtOnce) {
      const part = { firstRow, rows: Math.min(rowsAtOnce, rows - firstRow), firstColumn: 0, columns }
      const matrix = recordPatches(call, inputs, shape, part)
      recordGram(call, matrix, part.rows, groups, size, total)
      call.release(matrix)
    }
    const data = await call.readFloats(total, groups * size * size)
    return { groups, size, data, samples: rows + (sum?.samples ?? 0) }
  })
}
