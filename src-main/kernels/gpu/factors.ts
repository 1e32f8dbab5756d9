// Blocked Cholesky factors, triangular solutions and inverses of stacks. A block of 32 columns is factored and inverted by one
// workgroup a matrix; everything beside it is multiplication (right-looking, as LAPACK's potrf).
import { AppError } from '../../base/errors.ts'
import type { Matrix, SquareStack } from '../kernels.ts'
import { type Gpu, type GpuCall, type Program, withCall } from './call.ts'
import { recordProduct } from './products.ts'
import { batches, linearGroups } from './split.ts'
import * as wgsl from './wgsl/factor.ts'

const prepareProgram: Program = { name: 'prepareFactor', wgsl: wgsl.prepareFactor }
const diagonalProgram: Program = { name: 'diagonalBlock', wgsl: wgsl.diagonalBlock }
const panelProgram: Program = { name: 'scalePanel', wgsl: wgsl.scalePanel }
const solveBlockProgram: Program = { name: 'solveBlock', wgsl: wgsl.solveBlock }
const identityProgram: Program = { name: 'identity', wgsl: wgsl.identity }
const reverseProgram: Program = { name: 'reverseStack', wgsl: wgsl.reverseStack }

const block = wgsl.factorBlock
const blockWords = block * block
/** What the shader leaves when no pivot failed. */
const noFailure = 0xffffffff

export function cholesky(gpu: Gpu, a: SquareStack, damping: number): Promise<SquareStack> {
  const { groups, size } = a
  return withCall(gpu, async (call) => {
    const factor = recordFactor(call, a, damping, false)
    const data = await call.readFloats(factor.lower, a.data.length)
    await factor.check()
    return { groups, size, data }
  })
}

/** U = J L⁻¹ J with L the factor of J A J (the reference says why). */
export function inverseFactor(gpu: Gpu, a: SquareStack, damping: number): Promise<SquareStack> {
  const { groups, size } = a
  const count = a.data.length
  return withCall(gpu, async (call) => {
    const { lower, check } = recordFactor(call, a, damping, true)
    const inverse = call.scratch(count)
    const everyElement = linearGroups(Math.ceil(count / 256))
    call.dispatch(identityProgram, [inverse], [count, size], everyElement)
    const system = { groups, size, columns: size, lower, x: inverse, isTriangular: true }
    recordForward(call, system)
    const upper = call.scratch(count)
    call.dispatch(reverseProgram, [inverse, upper], [count, size * size], everyElement)
    const data = await call.readFloats(upper, count)
    await check()
    return { groups, size, data }
  })
}

export function solve(gpu: Gpu, lower: SquareStack, b: Matrix): Promise<Matrix> {
  const { groups, size } = lower
  const { columns } = b
  return withCall(gpu, async (call) => {
    const x = call.input(b.data)
    const system = { groups, size, columns, lower: call.input(lower.data), x, isTriangular: false }
    recordForward(call, system)
    recordBackward(call, system)
    return { rows: b.rows, columns, data: await call.readFloats(x, b.data.length) }
  })
}

/** The diagonals as the contract damps them, in double precision. */
function dampedDiagonals({ groups, size, data }: SquareStack, damping: number): Float32Array {
  const diagonals = new Float32Array(groups * size)
  for (let g = 0; g < groups; g++) {
    const own = Float64Array.from({ length: size }, (_, i) => data[(g * size + i) * size + i]! || 1)
    const more = (damping * own.reduce((sum, value) => sum + value, 0)) / size
    diagonals.set(
      own.map((value) => value + more),
      g * size,
    )
  }
  return diagonals
}

function recordFactor(call: GpuCall, a: SquareStack, damping: number, reversed: boolean) {
  const { groups, size, data } = a
  const lower = call.scratch(data.length)
  const source = call.input(data)
  const diagonal = call.input(dampedDiagonals(a, damping))
  const params = [data.length, size, reversed ? 1 : 0]
  call.dispatch(prepareProgram, [source, diagonal, lower], params, linearGroups(Math.ceil(data.length / 256)))
  call.flush()
  call.release(source)
  const failed = call.input(Uint32Array.of(noFailure))
  const inverse = call.scratch(groups * blockWords)
  const panel = call.scratch(groups * Math.max(1, size - block) * block)
  for (let first = 0; first < size; first += block) {
    call.dispatch(diagonalProgram, [lower, inverse, failed], [groups, size, first, 1], linearGroups(groups))
    recordTrailing(call, { groups, size, lower, inverse, panel }, first)
  }
  return { lower, check: () => throwFailure(call, failed, size) }
}

interface Trailing {
  readonly groups: number
  readonly size: number
  readonly lower: GPUBuffer
  readonly inverse: GPUBuffer
  readonly panel: GPUBuffer
}

/** The columns below a factored block, and what they take from the rest of the lower triangle. */
function recordTrailing(call: GpuCall, { groups, size, lower, inverse, panel }: Trailing, first: number) {
  const below = size - first - block
  if (below <= 0) return
  for (const batch of batches(groups)) {
    const shape = [Math.ceil(below / 8), 1, batch.count] as const
    call.dispatch(panelProgram, [lower, inverse, panel], [size, first, batch.first], shape)
  }
  recordProduct(call, {
    ...{ m: below, n: below, k: block, batch: groups, alpha: -1, beta: 1, lower: true },
    a: { buffer: panel, row: block, column: 1, batch: below * block },
    b: { buffer: panel, row: 1, column: block, batch: below * block },
    c: {
      buffer: lower,
      offset: (first + block) * (size + 1),
      row: size,
      column: 1,
      batch: size * size,
    },
  })
}

async function throwFailure(call: GpuCall, failed: GPUBuffer, size: number) {
  const [first] = await call.readUints(failed, 1)
  if (first === undefined || first === noFailure) return
  const index = first - 1
  throw new AppError('kernel.notPositive', { what: `group ${Math.floor(index / size)}`, pivot: index % size })
}

interface System {
  readonly groups: number
  readonly size: number
  /** Of every right-hand side. */
  readonly columns: number
  readonly lower: GPUBuffer
  /** Right-hand sides, which become the solution. */
  readonly x: GPUBuffer
  /** The right-hand sides are lower triangular: their columns are zero above the diagonal. */
  readonly isTriangular: boolean
}

/** L Y = B. */
function recordForward(call: GpuCall, system: System) {
  const { groups, size, columns, lower, x, isTriangular } = system
  const scratch = systemScratch(call, system)
  for (let first = 0; first < size; first += block) {
    const used = isTriangular ? Math.min(columns, first + block) : columns
    recordSolveBlock(call, system, scratch, first, used, false)
    const end = first + block
    recordProduct(call, {
      ...{ m: size - end, n: used, k: block, batch: groups, alpha: -1, beta: 1 },
      a: { buffer: lower, offset: end * size + first, row: size, column: 1, batch: size * size },
      b: { buffer: scratch.solved, row: columns, column: 1, batch: block * columns },
      c: { buffer: x, offset: end * columns, row: columns, column: 1, batch: size * columns },
    })
  }
}

/** Lᵀ X = Y. */
function recordBackward(call: GpuCall, system: System) {
  const { groups, size, columns, lower, x } = system
  const scratch = systemScratch(call, system)
  for (let first = Math.floor((size - 1) / block) * block; first >= 0; first -= block) {
    recordSolveBlock(call, system, scratch, first, columns, true)
    recordProduct(call, {
      ...{ m: first, n: columns, k: Math.min(block, size - first), batch: groups, alpha: -1, beta: 1 },
      a: { buffer: lower, offset: first * size, row: 1, column: size, batch: size * size },
      b: { buffer: scratch.solved, row: columns, column: 1, batch: block * columns },
      c: { buffer: x, row: columns, column: 1, batch: size * columns },
    })
  }
}

function systemScratch(call: GpuCall, { groups, columns }: System) {
  return {
    inverse: call.scratch(groups * blockWords),
    solved: call.scratch(groups * block * columns),
    failed: call.input(Uint32Array.of(noFailure)),
  }
}

function recordSolveBlock(
  call: GpuCall,
  { groups, size, columns, lower, x }: System,
  { inverse, solved, failed }: ReturnType<typeof systemScratch>,
  first: number,
  used: number,
  transposed: boolean,
) {
  call.dispatch(diagonalProgram, [lower, inverse, failed], [groups, size, first, 0], linearGroups(groups))
  for (const batch of batches(groups)) {
    const params = [size, first, columns, used, transposed ? 1 : 0, batch.first]
    call.dispatch(solveBlockProgram, [x, inverse, solved], params, [Math.ceil(used / 64), 1, batch.count])
  }
}
