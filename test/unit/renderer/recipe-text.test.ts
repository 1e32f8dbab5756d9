import { describe, expect, test } from 'vitest'
import { parseRecipe, presets } from '../../../src-main/passes/recipe.ts'
import { recipesService } from '../../../src-main/services/recipes.ts'
import { recipeYaml } from '../../../src-renderer/state/recipe-text.ts'

describe('a recipe as YAML', () => {
  test.each(presets.map((preset) => preset.name))('%s reads back as it was', (name) => {
    const preset = recipesService()
      .presets()
      .find((each) => each.name === name)!
    expect(parseRecipe(recipeYaml(preset.recipe, 'own'))).toEqual({ ...preset.recipe, name: 'own' })
  })

  test('words that YAML takes for something else are quoted', () => {
    const params = { method: 'no', 'odd key': [1, 'a: b'], on: null }
    expect(recipeYaml({ name: 'x', seed: 3, passes: [{ pass: 'p', params }] }, 'y # z')).toBe(
      'name: "y # z"\npasses:\n  - pass: p\n    params:\n      method: "no"\n      "odd key": [1,"a: b"]\n      "on": null\n',
    )
  })

  test('a recipe without steps', () => {
    expect(parseRecipe(recipeYaml({ name: 'x', seed: 0, passes: [] }, 'own')).passes).toEqual([])
  })
})
