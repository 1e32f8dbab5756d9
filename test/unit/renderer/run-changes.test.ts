// What one run did otherwise than the last, and what recipes of one name are called.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RecipeRecord } from '../../../src-main/contract/report.ts'
import type { RunSummary } from '../../../src-main/contract/run.ts'
import { summaryOf } from '../../../src-main/services/run/report.ts'
import { recipeDifferences } from '../../../src-renderer/state/recipe-difference.ts'
import { labelKey, recipeLabels, runChanges } from '../../../src-renderer/state/run-changes.ts'
import { sampleRun } from '../../support/sample-run.ts'

const names = {
  title: (pass: string) => pass.toUpperCase(),
  field: (_: string, name: string) => name,
  isDefault: (_: string, name: string, value: unknown) => name === 'seed' && value === 0,
}
const recipe = (passes: readonly [string, Record<string, unknown>?][], seed = 0): RecipeRecord => ({
  name: 'r',
  seed,
  passes: passes.map(([pass, params = {}]) => ({ pass, params })),
})
const base = summaryOf(sampleRun())
const run = (change: Partial<RunSummary>): RunSummary => ({ ...base, ...change })

describe('differences of recipes', () => {
  const plain = recipe([['fold'], ['quantize', { bits: 8 }], ['round']])
  test.each([
    ['nothing', plain, []],
    [
      'a step more',
      recipe([['fold'], ['prune', { share: 0.5 }], ['quantize', { bits: 8 }], ['round']]),
      [{ kind: 'added', pass: 'prune', params: { share: 0.5 } }],
    ],
    ['a step less', recipe([['fold'], ['quantize', { bits: 8 }]]), [{ kind: 'removed', pass: 'round', params: {} }]],
    [
      'a parameter',
      recipe([['fold'], ['quantize', { bits: 4 }], ['round']]),
      [{ kind: 'set', pass: 'quantize', name: 'bits', before: 8, after: 4 }],
    ],
    ['the order', recipe([['round'], ['fold'], ['quantize', { bits: 8 }]]), [{ kind: 'moved', pass: 'round' }]],
    ['the seed', { ...plain, seed: 7 }, [{ kind: 'seed', before: 0, after: 7 }]],
    [
      'the same pass again',
      recipe([['fold'], ['quantize', { bits: 8 }], ['round'], ['fold']]),
      [{ kind: 'added', pass: 'fold', params: {} }],
    ],
  ])('%s', (_, after, expected) => {
    expect(recipeDifferences(plain, after)).toEqual(expected)
  })

  test('none exactly where the steps are the same', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.record({ x: fc.nat(2) })), { maxLength: 6 })
    fc.assert(
      fc.property(steps, steps, (one, other) => {
        const [a, b] = [recipe(one), recipe(other)]
        expect(recipeDifferences(a, b).length === 0).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
    )
  })
})

describe('a run beside the one before', () => {
  const recipes = new Map([
    ['1', recipe([['quantize', { bits: 4 }]])],
    [
      '2',
      recipe([
        ['quantize', { bits: 4 }],
        ['prune', { share: 0.5, seed: 0 }],
      ]),
    ],
    ['3', recipe([['a'], ['b'], ['c'], ['d'], ['e']])],
  ])
  const before = run({ recipeSha256: '1', recipeName: 'own', flashBytes: 116_736, accuracyDrop: 0 })

  test('says what was asked for otherwise and what came of it', () => {
    const after = run({
      recipeSha256: '2',
      recipeName: 'own',
      encoding: 'fastest',
      flashBytes: 108_544,
      accuracyDrop: 28.33,
    })
    expect(runChanges(before, { ...after, accuracy: before.accuracy! - 0.2833 }, recipes, names)).toEqual({
      asked: ['+ PRUNE share 0.5', 'weights Fastest'],
      came: ['Flash\u00a0−8\u00a0KiB', 'Accuracy\u00a0−28.33\u00a0pp'],
    })
  })

  test('an accuracy of other samples, and a latency of another device, are no change', () => {
    const after = run({
      recipeSha256: '1',
      recipeName: 'own',
      samples: 30,
      accuracyDrop: 9,
      device: 'twin',
      latencyMs: 1,
      flashBytes: 116_736,
    })
    const { asked, came } = runChanges(before, after, recipes, names)
    expect(asked).toEqual([`device ${base.deviceName}`, 'n 30 instead of n 400'])
    expect(came).toEqual([])
  })

  test('another recipe is named, not listed', () => {
    const after = run({ recipeSha256: '3', recipeName: 'other', flashBytes: 116_736, accuracyDrop: 0 })
    expect(runChanges(before, after, recipes, names).asked).toEqual(['own → other'])
    const own = { ...after, recipeName: 'own' }
    expect(runChanges(before, own, recipes, names).asked).toEqual(['+ A', '+ B', '+ C', '3 more'])
    expect(runChanges(before, { ...own, recipeSha256: 'gone' }, recipes, names).asked).toEqual(['another recipe'])
  })
})

test('recipes that share a name say what they differ in, and no two are called the same', () => {
  const recipes = new Map([
    ['1', recipe([['quantize']])],
    ['2', recipe([['quantize'], ['prune']])],
    ['3', recipe([['x'], ['y'], ['z']])],
    ['4', recipe([['z'], ['y'], ['x']])],
  ])
  const runs = ['4', '3', '2', '1', '1'].map((recipeSha256) => run({ recipeSha256, recipeName: 'own' }))
  const labels = recipeLabels([...runs, run({ recipeSha256: '1', recipeName: 'int8' })], recipes, names)
  expect(runs.map((each) => labels.get(labelKey(each)))).toEqual(['own (3)', 'own (2)', 'own + PRUNE', 'own', 'own'])
  expect(labels.get(labelKey({ recipeSha256: '1', recipeName: 'int8' }))).toBe('int8')
})
