import { AppError } from '../base/errors.ts'
import type { RecipeRecord } from '../contract/report.ts'
import { parseRecipe, presetRecipe, presets, type Recipe } from '../passes/recipe.ts'
import { paramsSchema, passes } from '../passes/registry.ts'

export function recipesService() {
  return {
    presets: () => presets.map(({ recipe, ...preset }) => ({ ...preset, recipe: recordOf(recipe) })),
    passes: () =>
      passes.map((pass) => ({
        name: pass.name,
        title: pass.title,
        description: pass.description,
        needs: [...pass.needs],
        params: paramsSchema(pass),
      })),
    check: (text: string): RecipeRecord => recordOf(parseRecipe(text)),
  }
}

/** A preset's name, or a recipe as JSON or YAML; `seed` replaces the recipe's own. */
export function resolveRecipe(nameOrText: string, seed?: number): RecipeRecord {
  const preset = presetRecipe(nameOrText)
  if (!preset && /^[\w-]+$/.test(nameOrText)) {
    const problem = `there is no preset "${nameOrText}"; there are ${presets.map((p) => p.name).join(', ')}`
    throw new AppError('recipe.invalid', { problem })
  }
  const recipe = recordOf(preset ?? parseRecipe(nameOrText))
  return seed === undefined ? recipe : { ...recipe, seed }
}

function recordOf(recipe: Recipe): RecipeRecord {
  const passes = recipe.passes.map(({ pass, params }) => ({ pass, params: { ...params } }))
  return { name: recipe.name, seed: recipe.seed, passes }
}
