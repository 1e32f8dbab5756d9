import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src-main/base/random.ts'
import { estimateCost } from '../../../src-main/targets/cost.ts'
import { type CoreClass, coreClass, costModel } from '../../../src-main/targets/cost-model/cost-model.ts'
import { featuresOf } from '../../../src-main/targets/cost-model/features.ts'
import { fitKernels, leaveOneModelOut, type PlanProfile } from '../../../src-main/targets/cost-model/fit.ts'
import { nonNegativeLeastSquares } from '../../../src-main/targets/cost-model/least-squares.ts'
import { refine } from '../../../src-main/targets/cost-model/refine.ts'
import type { PlanOp } from '../../../src-main/targets/plan.ts'
import { smallPack } from '../../support/small-pack.ts'

const residual = (rows: number[][], b: number[], x: readonly number[]) =>
  rows.reduce((sum, row, i) => sum + (row.reduce((dot, value, j) => dot + value * x[j]!, 0) - b[i]!) ** 2, 0)

describe('non-negative least squares', () => {
  test('finds an exact solution that is there', () => {
    const rows = [
      [1, 2, 0],
      [0, 1, 3],
      [4, 0, 1],
      [1, 1, 1],
    ]
    const x = nonNegativeLeastSquares(rows, [5, 11, 7, 6])
    expect(x.map((value) => Math.round(value * 1e6) / 1e6)).toEqual([1, 2, 3])
  })

  test('no point of a fine grid is better, and nothing is negative', () => {
    const random = seededRandom(5)
    for (let turn = 0; turn < 30; turn++) {
      const rows = Array.from({ length: 6 }, () => [random.normal(), random.normal()])
      const b = rows.map(() => random.normal())
      const x = nonNegativeLeastSquares(rows, b)
      expect(Math.min(...x)).toBeGreaterThanOrEqual(0)
      const best = residual(rows, b, x)
      for (let i = 0; i <= 60; i++)
        for (let j = 0; j <= 60; j++) expect(residual(rows, b, [i / 20, j / 20])).toBeGreaterThanOrEqual(best - 1e-6)
    }
  })

  test('columns that say the same do not make it fail', () => {
    const x = nonNegativeLeastSquares(
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
      [2, 4, 6],
    )
    expect(x[0]! + x[1]!).toBeCloseTo(2, 6)
  })
})

describe('features', () => {
  const { plan } = smallPack()
  const [conv, table, dense] = plan.ops as [PlanOp, PlanOp, PlanOp]

  test('count what the kernels do: a 3 x 3 convolution of 8 x 8 with padding, by hand', () => {
    // 22 taps of 24 inside in each dimension (two ends miss one); each row of taps is one dot product of up to 3.
    const rows = 22
    expect(featuresOf(plan, conv)).toEqual({
      once: 1,
      positions: 64,
      outputs: 256,
      pairCalls: rows * 8 * 2,
      pairFours: 0,
      pairRest: rows * 22 * 2,
      singleCalls: 0,
      singleFours: 0,
      singleRest: 0,
    })
  })

  test('of a table and a dense layer', () => {
    expect([featuresOf(plan, table), featuresOf(plan, dense)]).toEqual([
      { once: 1, elements: 256 },
      {
        ...{ once: 1, rows: 1, outputs: 10, pairCalls: 5, pairFours: 5 * 64, pairRest: 0 },
        ...{ singleCalls: 0, singleFours: 0, singleRest: 0, batches: 1 },
      },
    ])
  })
})

/** Operators whose cycles obey known costs. */
function profilesWith(costs: Record<string, number>, families: readonly string[]): PlanProfile[] {
  const random = seededRandom(11)
  return families.map((family) => {
    const operators = Array.from({ length: 12 }, () => {
      const features = { once: 1, elements: 1 + random.below(1000), rows: 1 + random.below(40) }
      const cycles = Object.entries(features).reduce((sum, [name, times]) => sum + costs[name]! * times, 0)
      return { kernel: 'add', features, cycles }
    })
    const inference = operators.reduce((sum, { cycles }) => sum + cycles, 0)
    return { name: family, family, isModel: true, operators, inference }
  })
}

describe('fit', () => {
  const costs = { once: 500, elements: 12, rows: 30 }

  test('finds the costs that made the profiles, and then has no error on a model left out', () => {
    const profiles = profilesWith(costs, ['a', 'b', 'c'])
    const found = fitKernels(profiles.flatMap(({ operators }) => operators)).add!
    for (const [name, cost] of Object.entries(costs)) expect(found[name]! / cost).toBeCloseTo(1, 3)
    expect(leaveOneModelOut(profiles).worstPercent).toBeLessThan(0.01)
  })

  test('a model unlike all others has an error, which is stated', () => {
    const odd = profilesWith({ once: 500, elements: 24, rows: 30 }, ['odd'])
    const error = leaveOneModelOut([...profilesWith(costs, ['a', 'b', 'c']), ...odd])
    expect(error.models.map(({ model }) => model)).toEqual(['a', 'b', 'c', 'odd'])
    expect(error.worstPercent).toBeGreaterThan(30)
    expect(error.medianPercent).toBeLessThan(error.worstPercent)
  })

  test('what ships has the kernels of every operator, and its errors', () => {
    const kinds = 'conv2d depthwiseConv2d transposeConv2d fullyConnected averagePool2d maxPool2d add sub mul div table'
    const more = 'requantize prelu softmax mean concat slice pad transpose copy resizeNearest resizeBilinear'
    for (const { kernels, error } of Object.values(costModel().classes)) {
      expect(Object.keys(kernels).sort()).toEqual(`${kinds} ${more}`.split(' ').sort())
      expect(error.models.length).toBeGreaterThan(0)
      expect(error.worstPercent).toBeGreaterThanOrEqual(error.medianPercent)
    }
  })
})

test.each([
  ['Cortex-M0+', 'cortex-m0plus', true],
  ['Cortex-M0', 'cortex-m0', true],
  ['Cortex-M4F', 'cortex-m4', true],
  ['Cortex-M7', 'cortex-m4', false],
  ['Cortex-M33', 'cortex-m4', false],
  ['RISC-V RV32IMC', 'cortex-m4', false],
])('a %s is estimated as %s, profiled: %s', (core, name, isExact) => {
  expect(coreClass(core)).toMatchObject({ name, isExact })
  const { plan } = smallPack()
  expect(estimateCost(plan, core, 1e6).basis).toMatchObject({ coreClass: name, isExact, profiles: 0 })
})

describe('refinement by profiles', () => {
  const chosen: CoreClass = {
    ...coreClass('Cortex-M4'),
    kernels: { add: { once: 100 }, mul: { once: 100 } },
    cyclesPerInstruction: 1,
  }
  const profile = (model: string, kind: 'measured' | 'simulated', kernel: string, cycles: number, count: number) => ({
    ...{ packSha256: model, model, kind },
    operators: Array.from({ length: count }, () => ({ kernel, features: { once: 1 }, cycles })),
  })

  test('one operator moves half of the way, many all of it; what was not seen takes the mean of all', () => {
    expect(refine(chosen, [])).toBe(null)
    expect(refine(chosen, [profile('a', 'simulated', 'add', 400, 1)])!.factors.add).toBeCloseTo(2, 6)
    const many = refine(chosen, [profile('a', 'simulated', 'add', 400, 200)])!
    expect(many.factors.add).toBeCloseTo(4, 1)
    expect(many.overall).toBeCloseTo(4, 1)
    expect(many.error).toBe(null)
  })

  test('hardware outweighs an emulator, and the error is that of models left out', () => {
    const found = refine(chosen, [profile('a', 'simulated', 'add', 100, 10), profile('b', 'measured', 'add', 200, 10)])!
    expect(found.factors.add!).toBeGreaterThan(Math.sqrt(2))
    expect(found.error).toMatchObject({ models: 2 })
    expect(found.error!.worstPercent).toBeGreaterThan(40)
  })

  test('changes the estimate, and is said', () => {
    const { plan } = smallPack()
    const plain = estimateCost(plan, 'Cortex-M4', 1e6)
    const operators = plan.ops.map((op, i) => ({
      kernel: op.kind,
      features: featuresOf(plan, op),
      cycles: plain.operators[i]!.cycles * 3,
    }))
    const profiles = Array.from({ length: 40 }, () => ({
      packSha256: 'p',
      model: 'm',
      kind: 'measured' as const,
      operators,
    }))
    const refined = estimateCost(plan, 'Cortex-M4', 1e6, { refinement: refine(coreClass('Cortex-M4'), profiles) })
    expect(refined.cycles / plain.cycles).toBeGreaterThan(2.8)
    expect(refined.basis.profiles).toBe(40)
  })
})
