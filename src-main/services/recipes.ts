import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import { toErrorInfo } from '../contract/error.ts'
import type { ExaminedRecipe } from '../contract/recipe.ts'
import type { RecipeRecord } from '../contract/report.ts'
import { checkOrder } from '../passes/pipeline.ts'
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
    examine(text: string): ExaminedRecipe {
      const recipe = parseRecipe(text)
      return { recipe: recordOf(recipe), problems: orderProblems(recipe) }
    },
  }
}

/** Every step that cannot stand where it does; each is judged without those found wrong before it. */
function orderProblems(recipe: Recipe): ExaminedRecipe['problems'] {
  const problems: ExaminedRecipe['problems'] = []
  let sound: Recipe['passes'] = []
  for (const [step, pass] of recipe.passes.entries()) {
    const next = [...sound, pass]
    try {
      checkOrder({ ...recipe, passes: next })
      sound = next
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      problems.push({ step, error: toErrorInfo(error) })
    }
  }
  return problems
}

/** A preset's name, or a recipe as JSON or YAML; `seed` replaces the recipe's own. */
export function resolveRecipe(nameOrText: string, seed?: number): RecipeRecord {
  const preset = presetRecipe(nameOrText)
  if (!preset && /^[\w-]+$/.test(nameOrText)) {
    const problem = say`there is no preset "${nameOrText}"; there are ${presets.map((p) => p.name).join(', ')}`
    throw new AppError('recipe.invalid', { problem })
  }
  const recipe = recordOf(preset ?? parseRecipe(nameOrText))
  return seed === undefined ? recipe : { ...recipe, seed }
}

function recordOf(recipe: Recipe): RecipeRecord {
  const passes = recipe.passes.map(({ pass, params }) => ({ pass, params: { ...params } }))
  return { name: recipe.name, seed: recipe.seed, passes }
}
