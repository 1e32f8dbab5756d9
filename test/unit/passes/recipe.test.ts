import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import { checkOrder } from '../../../src-main/passes/pipeline.ts'
import { parseRecipe, presets, readRecipe, recipeSha256 } from '../../../src-main/passes/recipe.ts'
import { paramsSchema, passes } from '../../../src-main/passes/registry.ts'
import { plain } from '../../support/plain.ts'

function errorOf(work: () => unknown) {
  try {
    work()
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, problem: plain(error.data.problem), next: error.next }
    throw error
  }
  return null
}

const yaml = `
name: mine
seed: 7
passes:
  - fold-constants
  - pass: quantize-int8
    params: { method: percentile, percentile: 99.9 }
`

describe('parseRecipe', () => {
  test('YAML and JSON say the same, and defaults are filled in', () => {
    const params = {
      method: 'percentile',
      percentile: 99.9,
      weights: 'per-channel',
      maxTrials: 24,
      correctBiases: false,
      trialSamples: 128,
    }
    const fold = { pass: 'fold-constants', params: { maxElements: 16777216 } }
    const expected = { name: 'mine', seed: 7, passes: [fold, { pass: 'quantize-int8', params }] }
    expect(parseRecipe(yaml)).toEqual(expected)
    expect(parseRecipe(JSON.stringify(expected))).toEqual(expected)
  })

  test.each([
    ['a syntax error has its line', 'passes:\n  - {pass: fold-pad\n', /^line 3: /],
    [
      'an unknown pass',
      'passes: [fold-everything]',
      /^passes\[0\]\.pass: there is no pass "fold-everything"; there are .*fold-pad.*quantize-int8/,
    ],
    [
      'a wrong parameter',
      'passes: [{pass: quantize-int8, params: {percentile: 50}}]',
      /^passes\[0\] \(quantize-int8\), params\.percentile: /,
    ],
    ['an unknown parameter', 'passes: [{pass: fold-pad, params: {a: 1}}]', /^passes\[0\] \(fold-pad\), params: .*"a"/],
    ['a wrong seed', 'seed: -1\npasses: []', /^seed: /],
    ['no passes', 'name: x', /^passes: /],
    ['a step without a pass', 'passes: [{params: {}}]', /^passes\[0\]\.pass: /],
    ['no recipe at all', '3', /^the whole recipe: /],
    ['the same key twice', 'passes: []\npasses: []', /^line 2: /],
    [
      'an alias bomb',
      `a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [${'*a,'.repeat(30)}]\nc: &c [${'*b,'.repeat(30)}]\npasses: [*c]`,
      /^line|alias/i,
    ],
  ])('%s', (_, text, problem) => {
    expect(errorOf(() => parseRecipe(text))).toEqual({
      code: 'recipe.invalid',
      problem: expect.stringMatching(problem),
      next: 'Correct the recipe at the place named.',
    })
  })
})

describe('recipeSha256', () => {
  const a = parseRecipe(yaml)
  test('the name and the order of keys do not count', () => {
    const turned = { passes: a.passes.map(({ params, pass }) => ({ params, pass })), seed: 7, name: 'other' }
    expect(recipeSha256(readRecipe(turned))).toBe(recipeSha256(a))
  })
  test.each([
    ['seed', { ...a, seed: 8 }],
    ['a parameter', { ...a, passes: [a.passes[0], { pass: 'quantize-int8', params: { percentile: 99.8 } }] }],
    ['order', { ...a, passes: [...a.passes].reverse() }],
  ])('%s counts', (_, changed) => {
    expect(recipeSha256(readRecipe(changed))).not.toBe(recipeSha256(a))
  })
})

describe('order', () => {
  test.each(presets.map((preset) => [preset.name, preset.recipe] as const))(
    'preset %s stands in order',
    (_, recipe) => {
      expect(errorOf(() => checkOrder(recipe))).toBeNull()
    },
  )
  test('a pass before the one it needs', () => {
    expect(errorOf(() => checkOrder(readRecipe({ passes: ['fold-batch-norm', 'fold-constants'] })))).toEqual({
      code: 'recipe.order',
      problem: 'it needs what fold-constants does, and that does not stand before it',
      next: 'Move fold-batch-norm after fold-constants.',
    })
  })
})

test('every pass has a schema an editor can be made from', () => {
  for (const pass of passes) {
    const { properties = {} } = paramsSchema(pass) as { properties?: Record<string, Record<string, unknown>> }
    for (const [name, field] of Object.entries(properties))
      expect({ pass: pass.name, name, ...field }).toMatchObject({
        title: expect.any(String),
        description: expect.any(String),
        default: expect.anything(),
      })
  }
})

test('the recipe in the README can be run', () => {
  const [, text = ''] = readFileSync('README.md', 'utf8').match(/```yaml\n([\s\S]*?)```/) ?? []
  const recipe = parseRecipe(text)
  expect(recipe.seed).toBe(7)
  checkOrder(recipe)
})
