import { describe, expect, test } from 'vitest'
import { runId } from '../../../src-main/contract/ids.ts'
import { commonRows, disagreementsOf } from '../../../src-main/services/disagreements.ts'
import { summaryOf } from '../../../src-main/services/run/report.ts'
import { compare } from '../../../src-main/services/run/verify-run.ts'
import type { RunPredictions } from '../../../src-main/store/runs.ts'
import { openStore } from '../../../src-main/store/store.ts'
import { sampleRun } from '../../support/sample-run.ts'
import { temporaryFolder } from '../../support/workspace.ts'

const answers = (indices: number[], twin: number[]): RunPredictions => ({
  indices,
  labels: indices.map((index) => index % 4),
  twin,
  original: indices.map(() => 1),
})

describe('disagreements', () => {
  test('only samples that all have are compared, whatever their order', () => {
    const rows = commonRows([answers([5, 6, 7], [0, 1, 2]), answers([7, 5, 9], [3, 0, 1])])
    expect(rows.map(({ index, label, answers: given }) => [index, label, ...given])).toEqual([
      [5, 1, 0, 0],
      [7, 3, 2, 3],
    ])
  })

  test('are paged, with names of classes; without the data there is no picture', async () => {
    using folder = temporaryFolder()
    const store = openStore(folder.file('workspace'))
    const run = (twin: number[]) => ({ report: sampleRun(), predictions: answers([0, 1, 2, 3], twin) })
    const found = await disagreementsOf(store, [run([0, 1, 2, 3]), run([1, 1, 3, 0])], { first: 1, count: 1 })
    store.close()
    const sample = { index: 2, truth: 'swipe', original: 'shake', answers: ['swipe', 'still'], picture: null }
    expect(found).toEqual({ compared: 4, total: 3, right: [4, 1], obstacle: null, samples: [sample] })
  })

  test.each([
    ['data', { data: { ...sampleRun().data, sha256: 'ff'.repeat(32) } }, true],
    ['predictions', {}, false],
  ] as const)('other %s are an obstacle', async (obstacle, change, kept) => {
    using folder = temporaryFolder()
    const store = openStore(folder.file('workspace'))
    const one = { report: sampleRun(), predictions: answers([0], [0]) }
    const other = { report: sampleRun(change), predictions: kept ? answers([0], [1]) : null }
    const found = await disagreementsOf(store, [one, other], { first: 0, count: 8 })
    store.close()
    expect([found.obstacle, found.total]).toEqual([obstacle, 0])
  })
})

test('runs keep their answers, tags and note; the record itself never changes', () => {
  using folder = temporaryFolder()
  const store = openStore(folder.file('workspace'))
  for (const [id, createdAt] of [
    ['a', '2026-01-01T00:00:00.000Z'],
    ['b', '2026-01-02T00:00:00.000Z'],
  ] as const) {
    const report = sampleRun({ id, createdAt, project: null })
    store.runs.add({ report, summary: summaryOf(report), packTree: 't', predictions: answers([1, 2], [3, 0]) })
  }
  const [a] = [runId.parse('a')]
  store.runs.annotate(a, ['x', 'y'], 'note')
  const { total, rows } = store.runs.page(null, 1, 5)
  expect([total, rows.map(({ id, tags, note }) => [id, tags, note])]).toEqual([2, [['a', ['x', 'y'], 'note']]])
  expect(store.runs.predictions(a)).toEqual(answers([1, 2], [3, 0]))
  expect(store.runs.get(a)).toEqual(sampleRun({ id: 'a', createdAt: '2026-01-01T00:00:00.000Z', project: null }))
  store.runs.remove(a)
  expect(store.runs.predictions(a)).toBeNull()
  store.close()
})

describe('comparing a record with what was made again', () => {
  test.each([
    ['equal integers', { a: 1 }, { a: 1 }, [['a', 'same']]],
    ['the last bits of a double', { a: 0.1 }, { a: 0.10000000001 }, [['a', 'same']]],
    ['another double', { a: 0.1 }, { a: 0.1001 }, [['a', 'differs']]],
    ['a fraction where a whole number is right', { a: 1.0000001 }, { a: 1 }, [['a', 'differs']]],
    ['a figure that is not there', {}, { a: { b: 1 } }, [['a.b', 'missing']]],
    ['null for a number', { a: null }, { a: 1 }, [['a', 'differs']]],
    [
      'a list that is too long',
      { operators: [{ n: 1 }, { n: 2 }] },
      { operators: [{ n: 1 }] },
      [
        ['operators.length', 'differs'],
        ['operators', 'same'],
      ],
    ],
    ['figures of the device are left out', { a: 1, cycles: 7 }, { a: 1 }, [['a', 'same']]],
  ])('%s', (_, stated, found, expected) => {
    expect(compare('', stated, found).map(({ figure, outcome }) => [figure, outcome])).toEqual(expected)
  })
})
