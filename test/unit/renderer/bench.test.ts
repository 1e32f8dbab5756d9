// What the Bench shows and hides, without a page.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RunReport } from '../../../src-main/contract/report.ts'
import type { RunSummary } from '../../../src-main/contract/run.ts'
import { comparedOperators, operatorUnit } from '../../../src-renderer/charts/compared-operators.ts'
import { areaBetween, type Box, freePlace, nearestPoint } from '../../../src-renderer/charts/pareto.ts'
import { linearScale } from '../../../src-renderer/charts/scale.ts'
import { commonAccuracy, compareRuns } from '../../../src-renderer/state/comparison.ts'
import { areOfSameSamples, sampleGroups, samplesKey, samplesText } from '../../../src-renderer/state/evaluation.ts'
import { toProjectId } from '../../../src-renderer/state/ids.ts'
import { sortRuns } from '../../../src-renderer/state/run-columns.ts'
import { budgetOf, costOf, formatCost } from '../../../src-renderer/state/run-costs.ts'
import { filterChoices, filterRuns, isFiltering, noFilter, readTags } from '../../../src-renderer/state/run-filter.ts'
import { formatGain, gainFloor, gainOf } from '../../../src-renderer/state/run-gains.ts'
import { scrollToRow, visibleRows } from '../../../src-renderer/views/runs/visible-rows.ts'
import { createFakeRouter } from '../../support/fake-host/fake-router.ts'
import { sampleRun } from '../../support/sample-run.ts'

function manyRuns(count: number) {
  const { fake } = createFakeRouter({ stepMs: 0 })
  fake.addRuns(count, { id: toProjectId('p'), name: 'P' })
  fake.notes.set('many-2', { tags: ['baseline'], note: 'Fits the small board' })
  return fake.summaries(undefined)
}

describe('filters', () => {
  const runs = manyRuns(40)
  const ids = (filter: Partial<typeof noFilter>) => filterRuns(runs, { ...noFilter, ...filter }).map((run) => run.id)

  test('none lets everything through', () => {
    expect([ids({}).length, isFiltering(noFilter), isFiltering({ ...noFilter, tag: 'x' })]).toEqual([40, false, true])
  })

  test.each([
    [{ text: 'TERNARY small' }, ['many-2']],
    [{ text: 'small int8' }, []],
    [{ tag: 'baseline' }, ['many-2']],
    [{ recipe: 'ternary', budgets: 'within' }, ['many-6', 'many-18', 'many-30']],
    [{ device: 'elsewhere' }, []],
    [{ bitExact: 'differs' }, []],
  ] as const)('%j', (filter, expected) => {
    expect(ids(filter)).toEqual(expected)
  })

  test('choices are named once', () => {
    expect([filterChoices(runs).recipe, filterChoices(runs).tag]).toEqual([
      ['float', 'int8', 'ternary', 'w4a8'],
      ['baseline'],
    ])
  })

  test.each([
    [' a, b ,,a，c', ['a', 'b', 'c']],
    ['', []],
    ['x'.repeat(50), ['x'.repeat(40)]],
  ])('tags typed as %j', (text, tags) => {
    expect(readTags(text)).toEqual(tags)
  })
})

describe('rows of a long table', () => {
  test('are those in sight and a few around, whatever the scroll', () => {
    const scrolls = fc.record({
      scrolled: fc.nat(600_000),
      height: fc.integer({ min: 1, max: 2000 }),
      count: fc.nat(10_000),
    })
    fc.assert(
      fc.property(scrolls, ({ scrolled, height, count }) => {
        const { first, end } = visibleRows(scrolled, height, 50, count)
        expect(end - first).toBeLessThanOrEqual(Math.ceil(height / 50) + 13)
        const top = Math.floor(scrolled / 50)
        if (top < count) expect(first <= top && top < end).toBe(true)
      }),
    )
  })

  test.each([
    [0, 500, 0],
    [9, 500, 450],
    [19, 500, 560],
    [12, 500, 500],
  ])('row %i from scroll %i is brought to %i', (row, scrolled, expected) => {
    expect(scrollToRow(row, { scrolled, height: 480, rowHeight: 50, covered: 40 })).toBe(expected)
  })

  test('are sorted by names as people read them, both ways', () => {
    const rows = manyRuns(8)
    const names = (descending: boolean) => sortRuns(rows, 'recipeName', descending).map((run) => run.recipeName)
    expect(names(false)).toEqual(['float', 'float', 'int8', 'int8', 'ternary', 'ternary', 'w4a8', 'w4a8'])
    expect(names(true)).toEqual(names(false).toReversed())
  })
})

describe('the plot', () => {
  test('names the nearest point within reach', () => {
    const pixels = [
      [10, 10],
      [20, 10],
    ] as const
    expect([nearestPoint(pixels, [17, 11], 8), nearestPoint(pixels, [60, 60], 8)]).toEqual([1, null])
  })

  test('a line is named where no point is', () => {
    const places: readonly [{ box: Box }, { box: Box }] = [{ box: [0, 0, 10, 10] }, { box: [20, 0, 10, 10] }]
    expect([
      freePlace(places, [[5, 5]]),
      freePlace(places, [[25, 5]]),
      freePlace(places, [
        [5, 5],
        [25, 5],
      ]),
    ]).toEqual([places[1], places[0], places[0]])
  })

  test('a budget for the drop is one line whatever the originals reach, as an accuracy only where they reach the same', () => {
    const [a, b] = manyRuns(2) as [RunSummary, RunSummary]
    const other = { ...b, accuracyDrop: b.accuracyDrop! + 3 }
    expect([gainFloor([a, other], 2, 'drop'), gainFloor([a, b], undefined, 'drop')]).toEqual([-2, null])
    expect(gainFloor([a, b], 2, 'accuracy')).toBeCloseTo(0.95, 9)
    expect(gainFloor([a, other], 2, 'accuracy')).toBeNull()
    expect([gainOf({ ...a, accuracyDrop: 0 }, 'drop'), formatGain(-1.5, 'drop')]).toEqual([0, '1.50\u00a0pp'])
  })

  test('runs are put together by the samples that they were measured on, the most first', () => {
    const [a, b, c] = manyRuns(3) as [RunSummary, RunSummary, RunSummary]
    const few = { ...b, samples: 300 }
    const elsewhere = { ...c, dataSha256: 'ff'.repeat(32) }
    const runs = [few, a, elsewhere]
    expect(sampleGroups(runs).map((group) => group.map(({ id }) => id))).toEqual([[a.id], [elsewhere.id], [few.id]])
    const keys = filterChoices(runs).samples
    expect(keys.map((key) => samplesText(key, keys))).toEqual(['n 400 · b2b2b2b2', 'n 400 · ffffffff', 'n 300'])
    expect(filterRuns(runs, { ...noFilter, samples: samplesKey(few) })).toEqual([few])
    expect([areOfSameSamples([a, a]), areOfSameSamples([a, few]), areOfSameSamples([])]).toEqual([true, false, true])
  })

  test('an area is the same whichever corner comes first', () => {
    const [a, b] = [
      { cost: 5, gain: 0.2 },
      { cost: 1, gain: 0.9 },
    ]
    expect(areaBetween(a, b)).toEqual(areaBetween(b, a))
    expect(areaBetween(a, b)).toEqual({ cost: [1, 5], gain: [0.2, 0.9] })
  })

  test('what is drawn at a pixel is found there', () => {
    const scale = linearScale([3, 17], 70, 700)
    expect(scale.invert(scale.at(11))).toBeCloseTo(11, 9)
  })

  test('bytes are drawn in KiB, and budgets as the runs are', () => {
    const run = manyRuns(1)[0]!
    expect([costOf(run, 'flashBytes'), costOf(run, 'energyUj'), budgetOf({ flashBytes: 2048 }, 'flashBytes')]).toEqual([
      20_000 / 1024,
      null,
      2,
    ])
    expect([formatCost(2, 'ramBytes'), formatCost(2, 'latencyMs')]).toEqual(['2\u00a0KiB', '2\u00a0ms'])
  })
})

describe('side by side', () => {
  const first = sampleRun()
  const { flash, latency, operators } = first
  const second = sampleRun({
    flash: { ...flash, totalBytes: flash.totalBytes - 1024 },
    operators: [operators[1]!, operators[0]!, { ...operators[0]!, cycles: 7 }],
  })

  test('figures say what they differ by from the first run', () => {
    const rows = compareRuns([first, second])
    expect(rows[0]!.changes).toEqual([null, '−1\u00a0KiB'])
    expect(rows[1]!.changes).toEqual([null, '±0'])
  })

  const onFew = (n: number, top1: number) => {
    const { quality, bitExact } = first
    if (quality.twin.task !== 'classification') throw new Error('the sample run has classes')
    return sampleRun({
      quality: { ...quality, twin: { ...quality.twin, n, top1 } },
      bitExact: { ...bitExact, samples: n, equal: n },
    })
  }
  const rowOf = (runs: readonly RunReport[], title: string) => compareRuns(runs).find((row) => row.title === title)!

  test('accuracies of different samples are not held against each other, and say of how many they are', () => {
    const apart = rowOf([onFew(300, 0.99), onFew(5000, 0.8)], 'Accuracy (twin)')
    expect(apart).toMatchObject({ isApart: true, best: [], changes: [null, null], counts: [300, 5000] })
    const otherData = { ...first, data: { ...first.data, sha256: 'other' } }
    expect(rowOf([first, otherData], 'Accuracy (twin)').isApart).toBe(true)
    const { original } = first.quality
    const otherPart = { ...first, quality: { ...first.quality, original: { ...original, top1: 0.5 } } }
    expect(rowOf([first, otherPart], 'Accuracy (twin)').isApart).toBe(true)
    const same = rowOf([first, { ...first, recipeSha256: 'other' }], 'Accuracy (twin)')
    expect(same).toMatchObject({ isApart: false, changes: [null, '±0'] })
  })

  test('bit-exactness is a share: all of few is no worse than all of many', () => {
    const row = rowOf([onFew(300, 0.9), onFew(241, 0.9)], 'Bit-exact outputs')
    expect(row).toMatchObject({ cells: ['100.00\u00a0%', '100.00\u00a0%'], best: [], counts: [300, 241] })
    const none = sampleRun({ bitExact: { ...first.bitExact, samples: 0, equal: 0 } })
    expect(rowOf([none, first], 'Bit-exact outputs').cells[0]).toBe('–')
  })

  test('the samples that all runs share give one accuracy that can be compared', () => {
    const found = { compared: 200, total: 9, right: [180, 190], obstacle: null, samples: [] }
    expect(commonAccuracy(found)).toMatchObject({
      cells: ['90.00\u00a0%', '95.00\u00a0%'],
      best: [1],
      counts: [200, 200],
    })
    expect(commonAccuracy({ ...found, right: null })).toBeNull()
    expect(commonAccuracy({ ...found, compared: 0, right: [] })).toBeNull()
  })

  test('operators are matched by name, and one that occurs twice twice', () => {
    const rows = comparedOperators([first, second], 'count')
    expect(rows.map(({ name, values }) => [name, ...values]).slice(0, 3)).toEqual([
      ['conv1', 2_400_000, 2_400_000],
      ['conv2', 4_700_000, 4_700_000],
      ['pool', 120_000, null],
    ])
    expect(rows.at(-1)).toEqual({ key: 'conv1 1', name: 'conv1', values: [null, 7] })
  })

  test('counts of different clocks are not put beside each other', () => {
    const other = sampleRun({ latency: { ...latency, clockHz: 1 } })
    expect([operatorUnit([first, second]), operatorUnit([first, other])]).toEqual(['count', 'share'])
    const shares = comparedOperators([first], 'share').reduce((sum, { values }) => sum + values[0]!, 0)
    expect(shares).toBeCloseTo(1, 9)
  })
})
