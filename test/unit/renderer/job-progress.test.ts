import { describe, expect, test } from 'vitest'
import {
  logSeries,
  notBefore,
  overallOf,
  overallShare,
  type ProgressPoint,
  stageDurations,
  steadied,
  timeLeftMs,
} from '../../../src-renderer/state/job-progress.ts'
import { stageOrder } from '../../../src-renderer/state/stages.ts'

const at = (atMs: number, name: (typeof stageOrder)[number], fraction = 0): ProgressPoint => ({
  atMs,
  stage: stageOrder.indexOf(name),
  fraction,
})
const times = (row: Partial<Record<(typeof stageOrder)[number], number>>) =>
  new Map(stageOrder.map((name, stage) => [stage, row[name] ?? 0]))
const none = new Map<number, number>()

describe('time left', () => {
  test('of the first job is not known until the stage that takes the time, and then by the rate of its samples', () => {
    const early = [at(0, 'import'), at(100, 'data'), at(300, 'original'), at(3300, 'original', 0.5)]
    const validating = [...early, at(5000, 'compress'), at(8000, 'validate')]
    const rated = [...validating, at(12_000, 'validate', 0.04)]
    expect([
      timeLeftMs([], 0, none),
      timeLeftMs(early, 3300, none),
      timeLeftMs(validating, 8000, none),
      // 4 % in 4 seconds.
      timeLeftMs(rated, 12_000, none),
    ]).toEqual([null, null, null, 96_000])
  })

  test('follows the rate of the last seconds, when the machine has more or less time than before', () => {
    const slowThenFast = [
      at(0, 'validate'),
      at(40_000, 'validate', 0.1),
      at(50_000, 'validate', 0.4),
      at(60_000, 'validate', 0.8),
    ]
    // 70 % in the 20 seconds since the last point that is old enough.
    expect(timeLeftMs(slowThenFast, 60_000, none)).toBeCloseTo((20_000 * 0.2) / 0.7)
  })

  test('of a job like one before: the rest of this stage at its own rate, the later ones as they were', () => {
    const before = times({ original: 2000, compress: 5000, twin: 6000, measure: 1000, validate: 40_000 })
    const compressing = [at(0, 'import'), at(1000, 'compress'), at(3000, 'compress', 0.9)]
    const slowTwin = [at(0, 'import'), at(1000, 'twin'), at(5000, 'twin', 0.25)]
    expect([
      // The share of passes that are done says nothing of the time: 5 s were taken before, 2 of them are over.
      timeLeftMs(compressing, 3000, before),
      timeLeftMs(slowTwin, 5000, before),
      // Longer than before: what is left of the stage is not less than nothing.
      timeLeftMs(compressing, 9000, before),
    ]).toEqual([3000 + 6000 + 1000 + 40_000, 12_000 + 1000 + 40_000, 47_000])
  })

  test('is not known while a stage to come is not', () => {
    const before = times({ validate: 40_000 })
    before.delete(stageOrder.indexOf('compress'))
    expect(timeLeftMs([at(0, 'original'), at(2000, 'original', 0.5)], 2000, before)).toBe(null)
  })

  test('counts down, and comes to another estimate without a jump', () => {
    expect([steadied(null, 60_000, 1000), steadied(60_000, null, 1000), steadied(60_000, 57_000, 1000)]).toEqual([
      60_000,
      null,
      59_000,
    ])
    let shown: number | null = 10_000
    const seen: number[] = []
    for (let second = 1; second <= 20; second++) {
      shown = steadied(shown, 100_000 - second * 1000, 1000)
      seen.push(shown ?? -1)
    }
    const steps = seen.map((value, index) => value - (seen[index - 1] ?? 10_000))
    expect(Math.max(...steps)).toBeLessThan(25_000)
    expect(Math.abs(seen.at(-1)! - 80_000)).toBeLessThan(0.1 * 80_000 + 1000)
  })
})

describe('progress', () => {
  test('never goes back, within a stage or to an earlier one', () => {
    const last = at(1000, 'compress', 0.8)
    expect([
      notBefore(at(2000, 'compress', 0.3), last),
      notBefore(at(2000, 'data', 0.9), last),
      notBefore(at(2000, 'pack', 0), last),
      notBefore(at(0, 'import'), undefined),
    ]).toEqual([at(2000, 'compress', 0.8), at(2000, 'compress', 0.8), at(2000, 'pack', 0), at(0, 'import')])
  })

  test('of the whole weighs stages by their time, the last job’s where it is known', () => {
    const before = times({ original: 10, validate: 90 })
    expect([
      overallShare(at(0, 'validate', 0.5), before),
      overallShare(at(0, 'import')),
      overallShare(at(0, 'store', 1)),
      overallOf(null),
      overallOf({ stage: 'analyze', fraction: 0.25, note: '' }),
    ]).toEqual([0.55, 0, expect.closeTo(1), 0, 0.25])
    expect(overallShare(at(0, 'validate'))).toBeLessThan(0.5)
  })

  test('times each stage that has ended', () => {
    const points = [at(0, 'import'), at(1000, 'compress'), at(2000, 'compress', 0.5), at(2500, 'pack')]
    expect(stageDurations(points)).toEqual(
      new Map([
        [0, 1000],
        [3, 1500],
      ]),
    )
  })
})

describe('figures in the log', () => {
  const read = (lines: readonly string[]) => logSeries(lines.map((line, i) => ({ atMs: i, line })))

  test('of layers and of methods are values of their own; each pass and quantity has its own axis', () => {
    const found = read([
      'fold-constants: 3 nodes computed beforehand',
      'quantize-weights: /c1: 16 x 27 weights, 4 bits, gptq, 16 scales, output error 2.5e-3',
      'quantize-weights: /c2: 16 x 144 weights, 4 bits, gptq, 16 scales, output error 1e-3',
      'quantize-weights: /c3: 16 x 144 weights, 4 bits, gptq, 16 scales, output error 5e-3',
      'quantize-int8: minmax: output error 1.2e-3',
      'quantize-int8: mse: output error 1.000e-3',
      'quantize-int8: kl: output error 4e-2',
    ])
    expect(
      found.map(({ pass, quantity, kind, points }) => [pass, quantity, kind, points.map((p) => [p.label, p.value])]),
    ).toEqual([
      [
        'quantize-weights',
        'output error',
        'points',
        [
          ['/c1', 0.0025],
          ['/c2', 0.001],
          ['/c3', 0.005],
        ],
      ],
      [
        'quantize-int8',
        'output error',
        'points',
        [
          ['minmax', 0.0012],
          ['mse', 0.001],
          ['kl', 0.04],
        ],
      ],
    ])
  })

  test('said again and again are a curve, and too few of them nothing', () => {
    const losses = ['train: loss 4', 'train: loss 3', 'train: loss 2.5', 'train: loss 2']
    expect([
      read(losses).map(({ kind }) => kind),
      read(losses.slice(1)),
      read(['a: x: error 1', 'a: y: error 2']),
    ]).toEqual([['curve'], [], []])
    const atOnce = losses.map((line) => ({ atMs: 5, line }))
    expect(logSeries(atOnce)).toEqual([])
  })
})
