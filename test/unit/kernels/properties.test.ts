// What must hold of the kernels whatever they are given, on both backends that run everywhere.
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { grams, matrix, quadraticError } from '../../../src-main/kernels/cases/kernel-case.ts'
import type { Kernels, Matrix } from '../../../src-main/kernels/kernels.ts'
import { openKernels } from '../../../src-main/kernels/open.ts'

const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }), {
  minLength: 1,
  maxLength: 40,
})

describe.each(['reference', 'cpu'] as const)('%s', (backend) => {
  const opened = openKernels(backend, { threads: 2 })
  afterAll(async () => (await opened)[Symbol.asyncDispose]())
  const property = <T>(arbitrary: fc.Arbitrary<T>, check: (kernels: Kernels, value: T) => Promise<void>) =>
    fc.assert(
      fc.asyncProperty(arbitrary, async (value) => check(await opened, value)),
      { seed: 7, numRuns: 150 },
    )

  test('topMask keeps exactly as many as it is told, and none that is smaller than one it drops', () =>
    property(fc.tuple(values, fc.nat(45)), async (kernels, [scores, keep]) => {
      const mask = await kernels.topMask(Float32Array.from(scores), keep)
      const kept = scores.filter((_, i) => mask[i])
      const dropped = scores.filter((_, i) => !mask[i])
      expect(kept.length).toBe(Math.min(keep, scores.length))
      if (kept.length && dropped.length) expect(Math.min(...kept)).toBeGreaterThanOrEqual(Math.max(...dropped))
    }))

  test('exact k-means is as good as the best of all partitions', () =>
    property(
      fc.tuple(
        fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 4 }),
      ),
      async (kernels, [integers, k]) => {
        const x = Float32Array.from(integers)
        const found = await kernels.kmeans(x, null, { k, exactLimit: 1e9, iterations: 0, fixed: [] })
        expect(found.error).toBeCloseTo(
          bestError(
            [...x].sort((a, b) => a - b),
            k,
          ),
          3,
        )
      },
    ))

  test('integers of a grid come back as themselves', () =>
    property(fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 40 }), async (kernels, integers) => {
      const grids = { scale: Float32Array.of(0.25), zeroPoint: Int32Array.of(6) }
      const shape = { rows: 1, columns: integers.length }
      const data = await kernels.dequantize({ integers: Int32Array.from(integers) }, shape, grids)
      const limits = { min: 0, max: 15, symmetric: false, powerOfTwo: false }
      expect([...(await kernels.quantize({ ...shape, data }, grids, limits)).integers]).toEqual(integers)
    }))

  test('more candidates never give a dearer grid', () =>
    property(values, async (kernels, row) => {
      const x = { rows: 1, columns: row.length, data: Float32Array.from(row) }
      const search = { min: -7, max: 7, symmetric: true, powerOfTwo: false, shrinkTo: 0.2, columnWeights: null }
      const errorWith = async (candidates: number) => {
        const grids = await kernels.searchScales(x, { ...search, candidates, metric: { kind: 'mse' } })
        const back = await kernels.dequantize(await kernels.quantize(x, grids, search), x, grids)
        return x.data.reduce((sum, value, i) => sum + (value - back[i]!) ** 2, 0)
      }
      // 9 candidates are among 17.
      const [few, many] = [await errorWith(9), await errorWith(17)]
      expect(many).toBeLessThanOrEqual(few * (1 + 1e-4) + 1e-9)
    }))

  test('pruning by second order loses less than by magnitude', async () => {
    const kernels = await opened
    let [second, magnitude] = [0, 0]
    for (let seed = 0; seed < 10; seed++) {
      const [w, gram] = [matrix(12, 32, seed), grams(1, 32, 80, 100 + seed)]
      const factor = await kernels.inverseFactor(gram, 0.01)
      const pruned = await kernels.obsPrune(w, factor, { sparsity: { kind: 'share', zeros: 0.5 }, blockSize: 32 })
      const mask = await kernels.topMask(w.data.map(Math.abs), w.data.length / 2)
      const largest = w.data.map((value, i) => value * mask[i]!)
      second += quadraticError(w, pruned.data, gram)
      magnitude += quadraticError(w, largest, gram)
    }
    expect(second).toBeLessThan(0.75 * magnitude)
  })
})

/** Least squared error of the ascending values in at most k stretches. */
function bestError(sorted: readonly number[], k: number): number {
  if (sorted.length === 0) return 0
  if (k === 0) return Number.POSITIVE_INFINITY
  return Math.min(
    ...sorted.map((_, from) => spread(sorted.slice(from)) + (from === 0 ? 0 : bestError(sorted.slice(0, from), k - 1))),
  )
}

function spread(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
}

describe('threads', () => {
  test('do not change a single bit of a result', async () => {
    await using one = await openKernels('cpu', { threads: 1 })
    await using three = await openKernels('cpu', { threads: 3 })
    const limits = { min: -7, max: 7, symmetric: true, powerOfTwo: false }
    const results = async (kernels: Kernels) => {
      const [x, w] = [matrix(700, 300, 1), matrix(70, 300, 2)]
      const gram = await kernels.gram(x, null)
      const factor = await kernels.inverseFactor(gram, 0.01)
      const wide: Matrix = matrix(1, 50_000, 3)
      const search = { ...limits, metric: { kind: 'mse' }, candidates: 30, shrinkTo: 0.3, columnWeights: null } as const
      const grids = await kernels.searchScales(w, search)
      const options = { ...limits, grids, gridColumns: 300, blockSize: 128, keepZeros: false }
      const rounding = { ...limits, grids, iterations: 20, learningRate: 0.02, regularization: 0.01, keepZeros: false }
      return {
        gram,
        factor,
        grids,
        wide: await kernels.searchScales(wide, search),
        product: await kernels.multiply(x, { rows: 300, columns: 300, data: gram.data }),
        statistics: await kernels.rowStatistics(wide),
        gptq: await kernels.gptq(w, factor, options),
        obs: await kernels.obsPrune(w, factor, { sparsity: { kind: 'share', zeros: 0.5 }, blockSize: 64 }),
        rounding: await kernels.optimizeRounding(w, gram, { ...rounding, beta: [20, 2], warmup: 0.2 }),
        clusters: await kernels.kmeans(wide.data, null, { k: 16, exactLimit: 0, iterations: 20, fixed: [0] }),
      }
    }
    expect(await results(three)).toEqual(await results(one))
  })
})
