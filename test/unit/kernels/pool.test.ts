// Calls over threads: order, cancellation, memory, wrong arguments.
import { expect, test } from 'vitest'
import { AppError, Bug } from '../../../src-main/base/errors.ts'
import { matrix } from '../../../src-main/kernels/cases/kernel-case.ts'
import { Arena } from '../../../src-main/kernels/cpu/arena.ts'
import { sharedMemory } from '../../../src-main/kernels/cpu/module.ts'
import { openKernels } from '../../../src-main/kernels/open.ts'

test('calls that are made at once do not disturb each other', async () => {
  await using kernels = await openKernels('cpu', { threads: 2 })
  const inputs = [3, 200, 5, 300, 2].map((size, i) => matrix(size, size, i))
  const apart = []
  for (const x of inputs) apart.push(await kernels.gram(x, null))
  expect(await Promise.all(inputs.map((x) => kernels.gram(x, null)))).toEqual(apart)
})

test('a call leaves its arguments as they are', async () => {
  await using kernels = await openKernels('cpu', { threads: 2 })
  const w = matrix(9, 33, 1)
  const before = w.data.slice()
  const gram = await kernels.gram(matrix(50, 33, 2), null)
  const held = gram.data.slice()
  const factor = await kernels.inverseFactor(gram, 0.01)
  await kernels.obsPrune(w, factor, { sparsity: { kind: 'n:m', n: 2, m: 4 }, blockSize: 32 })
  expect(w.data).toEqual(before)
  expect(gram.data).toEqual(held)
})

test('an aborted signal stops a long call, and those that wait for it', async () => {
  const controller = new AbortController()
  await using kernels = await openKernels('cpu', { threads: 2, signal: controller.signal })
  const w = matrix(64, 600, 1)
  const gram = await kernels.gram(matrix(700, 600, 2), null)
  const grids = { scale: new Float32Array(64).fill(0.2), zeroPoint: new Int32Array(64) }
  const limits = { min: -7, max: 7, symmetric: true, powerOfTwo: false }
  const rounding = { ...limits, grids, iterations: 1e6, learningRate: 0.01, regularization: 0.01, keepZeros: false }
  const long = kernels.optimizeRounding(w, gram, { ...rounding, beta: [20, 2], warmup: 0.2 })
  const next = kernels.gram(w, null)
  const reason = new DOMException('stopped by the user', 'AbortError')
  setTimeout(() => controller.abort(reason), 100)
  await expect(long).rejects.toBe(reason)
  await expect(next).rejects.toBe(reason)
}, 60_000)

test('more than 4 GB at once is refused with a sentence, and the next call works', async () => {
  const arena = new Arena(sharedMemory(), 1024)
  expect(() => arena.reserve(2 ** 32)).toThrow(AppError)
  expect(arena.reserve(100)).toBe(1024)
})

test('a matrix that is not positive in any precision is refused', async () => {
  await using kernels = await openKernels('cpu', { threads: 2 })
  const n = 300
  const data = Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? (i === 250 * (n + 1) ? -1 : 1) : 0))
  const failed = await kernels.cholesky({ groups: 1, size: n, data }, 0.01).catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(AppError)
  expect((failed as AppError).data).toEqual({ what: 'group 0', pivot: 250 })
})

test('sizes that do not fit together are a bug of the caller', async () => {
  await using kernels = await openKernels('cpu', { threads: 1 })
  const x = { rows: 3, columns: 4, data: new Float32Array(11) }
  await expect(kernels.rowStatistics(x)).rejects.toThrow(Bug)
  await expect(kernels.multiply(matrix(2, 3, 1), matrix(2, 3, 1))).rejects.toThrow(Bug)
})

test('closing waits for what runs, and ends the threads', async () => {
  const kernels = await openKernels('cpu', { threads: 2 })
  const running = kernels.gram(matrix(600, 500, 1), null)
  await kernels[Symbol.asyncDispose]()
  expect((await running).size).toBe(500)
})
