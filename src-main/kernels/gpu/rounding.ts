// Learned rounding (AdaRound): every iteration is one product and one elementwise step on the GPU; only the end is read back.
import type { Gram, Matrix, Rounded, RoundingOptions } from '../kernels.ts'
import { adam, exponentAt, optimizeRounding as referenceRounding } from '../reference/rounding.ts'
import { type Gpu, type GpuCall, type Program, withCall } from './call.ts'
import { recordProduct } from './products.ts'
import { linearGroups } from './split.ts'
import { isWide } from './statistics.ts'
import * as wgsl from './wgsl/rounding.ts'

const startProgram: Program = { name: 'roundingStart', wgsl: wgsl.roundingStart }
const stepProgram: Program = { name: 'roundingStep', wgsl: wgsl.roundingStep }
const endProgram: Program = { name: 'roundingEnd', wgsl: wgsl.roundingEnd }
const rowProductsProgram: Program = { name: 'rowProducts', wgsl: wgsl.rowProducts }

/** Iterations of a submission, and those after which the host waits for the GPU. */
const iterationsAtOnce = 32
const iterationsAhead = 256

interface Learning {
  readonly rows: number
  readonly columns: number
  readonly groups: number
  readonly weights: GPUBuffer
  readonly grids: GPUBuffer
  readonly gram: GPUBuffer
  readonly state: GPUBuffer
  readonly difference: GPUBuffer
  readonly product: GPUBuffer
}

export async function optimizeRounding(gpu: Gpu, w: Matrix, gram: Gram, options: RoundingOptions): Promise<Rounded> {
  if (isWide(options)) return referenceRounding(w, gram, options)
  return withCall(gpu, async (call) => {
    const learning = learningOf(call, w, gram, options)
    await recordLearning(call, learning, gram, options)
    const nearest = await readEnd(call, learning, options, false)
    const learned = await readEnd(call, learning, options, true)
    return better(w, Math.max(1, gram.samples), nearest, learned)
  })
}

function learningOf(call: GpuCall, { rows, columns, data }: Matrix, gram: Gram, { grids }: RoundingOptions): Learning {
  const table = new Float32Array(rows * 2)
  for (let r = 0; r < rows; r++) table.set([grids.scale[r]!, grids.zeroPoint[r]!], r * 2)
  return {
    ...{ rows, columns, groups: gram.groups },
    weights: call.input(data),
    grids: call.input(table),
    gram: call.input(gram.data),
    state: call.scratch(rows * columns * 4),
    difference: call.scratch(rows * columns),
    product: call.scratch(rows * columns),
  }
}

/** product = difference H, group by group. */
function recordGradient(call: GpuCall, { rows, columns, groups, difference, gram, product }: Learning) {
  const m = rows / groups
  recordProduct(call, {
    ...{ m, n: columns, k: columns, batch: groups },
    a: { buffer: difference, row: columns, column: 1, batch: m * columns },
    b: { buffer: gram, row: columns, column: 1, batch: columns * columns },
    c: { buffer: product, row: columns, column: 1, batch: m * columns },
  })
}

async function recordLearning(call: GpuCall, learning: Learning, gram: Gram, options: RoundingOptions) {
  const { weights, grids, product, state, difference, columns, rows } = learning
  const { min, max, keepZeros, iterations } = options
  const count = rows * columns
  const groups = linearGroups(Math.ceil(count / 256))
  const common = [count, columns, { f32: min }, { f32: max }, keepZeros ? 1 : 0]
  call.dispatch(startProgram, [weights, grids, state, difference], common, groups)
  for (let t = 0; t < iterations; t++) {
    recordGradient(call, learning)
    const params = [...common, ...stepParams(t, Math.max(1, gram.samples), options)]
    call.dispatch(stepProgram, [weights, grids, product, state, difference], params, groups)
    if (t % iterationsAtOnce === iterationsAtOnce - 1) call.flush()
    if (t % iterationsAhead === iterationsAhead - 1) await call.settled()
  }
}

function stepParams(t: number, samples: number, options: RoundingOptions) {
  const biases = [adam.beta1, adam.beta2].map((beta) => 1 / (1 - beta ** (t + 1)))
  const { learningRate, regularization } = options
  const floats = [2 / samples, learningRate, regularization, exponentAt(t, options) ?? 0, ...biases]
  return floats.map((f32) => ({ f32 }))
}

interface End {
  readonly integers: Int32Array
  /** d H dᵀ of each row. */
  readonly errors: Float32Array
}

async function readEnd(call: GpuCall, learning: Learning, options: RoundingOptions, isLearned: boolean): Promise<End> {
  const { rows, columns, weights, grids, state, difference, product } = learning
  const count = rows * columns
  const integers = call.scratch(count)
  const params = [count, columns, options.min, options.max, options.keepZeros ? 1 : 0, isLearned ? 1 : 0]
  const groups = linearGroups(Math.ceil(count / 256))
  call.dispatch(endProgram, [weights, grids, state, integers, difference], params, groups)
  recordGradient(call, learning)
  const sums = call.scratch(rows)
  call.dispatch(rowProductsProgram, [difference, product, sums], [rows, columns], linearGroups(rows))
  return { integers: await call.readInts(integers, count), errors: await call.readFloats(sums, rows) }
}

/** Rows do not act on each other: each takes what is better for it. */
function better({ rows, columns }: Matrix, samples: number, nearest: End, learned: End): Rounded {
  const integers = nearest.integers.slice()
  let [errorBefore, errorAfter] = [0, 0]
  for (let r = 0; r < rows; r++) {
    const [before, after] = [nearest.errors[r]! / samples, learned.errors[r]! / samples]
    const [from, to] = [r * columns, (r + 1) * columns]
    if (after <= before) integers.set(learned.integers.subarray(from, to), from)
    errorBefore += before
    errorAfter += Math.min(before, after)
  }
  return { integers, errorBefore, errorAfter }
}
