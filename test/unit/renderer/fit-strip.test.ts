import { describe, expect, test } from 'vitest'
import type { Deployability } from '../../../src-main/contract/model.ts'
import { type FitQuestion, fitRows } from '../../../src-renderer/state/fit-strip.ts'

const device: Deployability = {
  ...{ device: 'pico', name: 'Pico', fits: true, flashBytes: 170_000, ramBytes: 60_000, latencyMs: 12 },
  ...{ latencyKind: 'simulated', cost: null, problem: null },
  flash: { packBytes: 100_000, codeBytes: 70_000, codeKind: 'exact', availableBytes: 1_000_000 },
  ram: {
    ...{ arenaBytes: 40_000, inputBytes: 0, stackBytes: 10_000, staticBytes: 10_000 },
    ...{ agentKind: 'simulated', packBytes: 0, availableBytes: 200_000 },
  },
}
const estimate = {
  ...{ parameters: 90_000, originalBytes: 360_000, weightsBytes: 45_000, plainBytes: 90_000, flashBytes: 55_000 },
  ...{ zeros: 0, open: [] },
}
const question: FitQuestion = {
  ...{ estimate, device, encoding: 'auto', budgets: {} },
  passes: ['quantize-weights', 'quantize-int8'],
}
const short = (change: Partial<FitQuestion>) =>
  fitRows({ ...question, ...change }).map(({ value, bound, limit, over }) => [value, bound, limit, over])

describe('what a recipe would need', () => {
  test('with plain weights: the firmware and the pack; RAM and time of the model in 8 bits', () => {
    expect(short({ budgets: { flashBytes: 300_000, ramBytes: 50_000 } })).toEqual([
      [170_000, 'about', 300_000, false],
      [60_000, 'about', 50_000, true],
      [12, 'about', null, null],
    ])
  })

  test('coded where that is asked for, or where plain ones do not fit: decoding comes on top', () => {
    const coded = [
      [125_000, 'about', 150_000, false],
      [60_000, 'atLeast', 200_000, null],
      [12, 'atLeast', 5, true],
    ]
    const budgets = { flashBytes: 150_000, latencyMs: 5 }
    expect([short({ budgets }), short({ budgets, encoding: 'smallest' })]).toEqual([coded, coded])
    expect(short({ budgets, encoding: 'int8' })[0]).toEqual([170_000, 'about', 150_000, true])
  })

  test('what steps change beyond the weights is a bound, or not estimated', () => {
    const passes = ['prune-channels', 'quantize-int8']
    expect(short({ passes, budgets: { latencyMs: 20 } }).slice(1)).toEqual([
      [60_000, 'atMost', 200_000, false],
      [12, 'atMost', 20, false],
    ])
    expect([
      short({ passes, encoding: 'smallest' }).map(([value]) => value),
      short({ passes: ['factorize', 'quantize-int8'] }).map(([value]) => value),
      short({ passes: ['fold-constants'] }).map(([value]) => value),
      short({ device: null }).map(([value]) => value),
      short({ estimate: null }).map(([value]) => value),
    ]).toEqual([
      [125_000, null, null],
      [170_000, null, null],
      [null, null, null],
      [null, null, null],
      [null, 60_000, 12],
    ])
  })

  test('a pack that lies in RAM counts there', () => {
    const inRam = { ...device, ramBytes: 160_000, ram: { ...device.ram!, packBytes: 100_000 } }
    expect(short({ device: inRam, encoding: 'int8' }).map(([value]) => value)).toEqual([70_000, 60_000 + 100_000, 12])
  })
})
