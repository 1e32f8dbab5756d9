import { describe, expect, test } from 'vitest'
import { runId } from '../../../src-main/contract/ids.ts'
import type { RunSummary } from '../../../src-main/contract/run.ts'
import { summaryOf } from '../../../src-main/services/run/report.ts'
import { bestIn, latestBeside } from '../../../src-renderer/state/best-runs.ts'
import { sampleRun } from '../../support/sample-run.ts'

const shown = sampleRun()
const base = summaryOf(shown)
const run = (id: string, change: Partial<RunSummary>): RunSummary => ({ ...base, id: runId.parse(id), ...change })

describe('the best run in a budget', () => {
  const good = run('good', { flashBytes: 114_000, accuracyDrop: 0.4 })
  const pruned = run('pruned', { flashBytes: 106_000, accuracyDrop: 28.3 })

  test('is one within the accuracy budget', () => {
    expect(bestIn([pruned, good], 'flashBytes', { accuracyDrop: 1 })).toEqual({ run: good, value: 114_000 })
    expect(bestIn([pruned, good], 'flashBytes', {})?.run).toBe(pruned)
    expect(bestIn([pruned], 'flashBytes', { accuracyDrop: 1 })).toBeNull()
  })

  test('without labels is one all the same', () => {
    const unlabelled = run('unlabelled', { accuracy: null, accuracyDrop: null })
    expect(bestIn([unlabelled], 'ramBytes', { accuracyDrop: 1 })?.run).toBe(unlabelled)
    expect(bestIn([unlabelled], 'accuracyDrop', { accuracyDrop: 1 })).toBeNull()
  })

  test('by its drop is one on the most samples', () => {
    const lucky = run('lucky', { accuracyDrop: -1, samples: 30 })
    expect(bestIn([lucky, good], 'accuracyDrop', { accuracyDrop: 1 })?.run).toBe(good)
  })
})

describe('the newest run beside the one shown', () => {
  test.each([
    ['it is the one shown', { id: base.id }, null],
    ['over a budget', { accuracyDrop: 28.5 }, { why: 'over', over: [{ budget: 'accuracyDrop', by: 27.5 }] }],
    ['on fewer samples', { accuracyDrop: 0, samples: 30 }, { why: 'fewer', over: [] }],
    ['not as good', { accuracyDrop: 0.9 }, { why: 'behind', over: [] }],
  ] as const)('%s', (_, change, expected) => {
    const found = latestBeside([run('newest', change), base], shown, { accuracyDrop: 1 })
    expect(found && { why: found.why, over: found.over }).toEqual(expected)
  })

  test('there is none', () => {
    expect(latestBeside([], shown, {})).toBeNull()
  })
})
