import { describe, expect, test } from 'vitest'
import { presets } from '../../../src-main/passes/recipe.ts'
import { paramsSchema, passByName, passes } from '../../../src-main/passes/registry.ts'
import { recipesService } from '../../../src-main/services/recipes.ts'
import { compress } from '../../../src-renderer/i18n/en/compress.ts'
import { locale } from '../../../src-renderer/i18n/locale.ts'
import { familyOf, isChangeable } from '../../../src-renderer/state/pass-families.ts'
import { fieldsOf, type Step } from '../../../src-renderer/state/pass-fields.ts'
import { placeFor, recipeRows } from '../../../src-renderer/state/recipe-order.ts'
import { recipeYaml, renamedRecipe } from '../../../src-renderer/state/recipe-text.ts'
import { shownFields } from '../../../src-renderer/state/step-fields.ts'
import { stepSummary } from '../../../src-renderer/state/step-text.ts'

const fieldsFor = (pass: string) => fieldsOf(paramsSchema(passByName(pass)!))
const step = (pass: string, params: Step['params'] = {}): Step => ({ pass, params })
const preset = (name: string) => presets.find((each) => each.name === name)!.recipe
const { examine } = recipesService()

describe('where a step belongs', () => {
  test.each([
    ['prune-magnitude', 'w4a8', 'quantize-weights'],
    ['prune-obs', 'int8', 'quantize-int8'],
    ['prune-channels', 'int8-pruned', 'prune-magnitude'],
    ['equalize', 'w4a8', 'quantize-weights'],
    ['bias-correct', 'w4a8-nearest', 'quantize-int8'],
    ['fuse-linear', 'w4a8', 'quantize-weights'],
    ['convert-floats', 'w4a8', undefined],
    ['quantize-int8', 'float', undefined],
  ])('%s in %s comes right before %s', (pass, name, before) => {
    const { passes: steps } = preset(name)
    expect(steps[placeFor(steps, pass)]?.pass).toBe(before)
  })

  test('the host takes every pass at its place in every preset that has none of its kind', () => {
    const refused = presets.flatMap(({ name, recipe }) => {
      const problems = (steps: readonly Step[]) =>
        examine(
          recipeYaml({ ...recipe, passes: [...steps].map((each) => ({ ...each, params: { ...each.params } })) }, 'x'),
        ).problems
      const before = problems(recipe.passes).length
      return passes
        .filter(
          (pass) =>
            !recipe.passes.some((each) => familyOf(each.pass) === familyOf(pass.name) && each.pass !== 'quantize-int8'),
        )
        .filter(
          ({ name: pass }) =>
            !(
              pass === 'convert-floats' ||
              (pass === 'quantize-int8' && recipe.passes.some((each) => each.pass === pass))
            ),
        )
        .flatMap(({ name: pass }) => {
          const steps = recipe.passes.toSpliced(placeFor(recipe.passes, pass), 0, { pass, params: {} })
          return problems(steps).length > before ? [`${pass} in ${name}`] : []
        })
    })
    expect(refused).toEqual([])
  })
})

test('steps that only simplify stand as one row, two of them as they are', () => {
  const rows = recipeRows(
    ['fold-pad', 'remove-dead', 'fold-constants', 'prune-nm', 'fold-pad', 'remove-dead'].map((pass) => step(pass)),
  )
  expect(rows).toEqual([
    { kind: 'group', from: 0, count: 3 },
    { kind: 'step', index: 3 },
    { kind: 'step', index: 4 },
    { kind: 'step', index: 5 },
  ])
  expect(recipeRows([])).toEqual([])
})

describe('what a step says in a line', () => {
  test.each([
    [step('quantize-weights'), '4 bits · per channel · GPTQ'],
    [
      step('quantize-weights', { bits: 'ternary', method: 'nearest', samples: 9 }),
      'ternary · per channel · to the nearest',
    ],
    [step('quantize-weights', { bits: 3, layers: { a: 8, b: 4 } }), '3 bits · per channel · GPTQ · 2 layers set apart'],
    [step('prune-magnitude', { sparsity: 0.625 }), '62.5 % zeros'],
    [step('prune-nm'), '2 of 4 kept'],
    [step('share-weights', { k: 16 }), '16 values'],
    [step('quantize-int8'), 'automatic'],
    [step('prune-channels', { share: 0.25, minChannels: 8 }), '25 % · Fewest channels 8'],
    [step('fold-constants'), ''],
  ])('%j is %s', (given, expected) => {
    expect(stepSummary(given, fieldsFor(given.pass))).toBe(expected)
  })

  test('in Chinese too', async () => {
    await locale.set('zh-CN')
    try {
      expect(stepSummary(step('quantize-weights'), fieldsFor('quantize-weights'))).toBe('4 位 · 每通道 · GPTQ')
    } finally {
      await locale.set('en')
    }
  })
})

describe('fields of a step', () => {
  const names = (given: Step) => {
    const { first, more } = shownFields(given, fieldsFor(given.pass))
    return [first, more].map((fields) => fields.map(({ name }) => name))
  }

  test('that do nothing as the others are set are left out, and most wait behind More', () => {
    const [first, more] = names(step('quantize-weights'))
    expect(first).toEqual(['bits', 'method', 'granularity', 'ends', 'layers'])
    expect(more).not.toEqual(expect.arrayContaining(['groupSize']))
    for (const idle of ['iterations', 'power', 'groupScales']) expect(more).not.toContain(idle)
    expect(names(step('quantize-weights', { granularity: 'group', range: 'lp', method: 'adaround' }))).toEqual([
      ['bits', 'method', 'granularity', 'groupSize', 'ends', 'layers'],
      [
        'scheme',
        'groupScales',
        'powerOfTwo',
        'range',
        'keepZeros',
        'power',
        'iterations',
        'correctInputs',
        'sweeps',
        'samples',
        'positions',
      ],
    ])
    expect(names(step('quantize-int8', { method: 'kl' }))).toEqual([['method', 'weights'], ['correctBiases']])
  })

  test('every value that can be chosen has its words, but for types, which are called so', () => {
    const options = passes.flatMap((pass) =>
      fieldsOf(paramsSchema(pass)).flatMap((field) => ('options' in field ? field.options : [])),
    )
    expect([...new Set(options)].filter((option) => !(option in compress.choice))).toEqual(['float16', 'bfloat16'])
  })
})

test('layers that passes change are those with weights of their own', () => {
  expect(['Conv', 'DepthwiseConv', 'Gemm', 'MatMul', 'Clip', 'BatchNormalization', 'Add'].map(isChangeable)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ])
})

test('a recipe is renamed in its text, whatever else stands there', () => {
  const recipe = { name: 'a', seed: 3, passes: [{ pass: 'fold-constants', params: {} }] }
  expect([
    renamedRecipe('# mine\nname: a\nseed: 3\npasses: [fold-constants]\n', 'b: c', recipe),
    renamedRecipe('{"passes": ["fold-constants"]}', 'b', recipe),
  ]).toEqual(['# mine\nname: "b: c"\nseed: 3\npasses: [fold-constants]\n', recipeYaml(recipe, 'b', 3)])
})
