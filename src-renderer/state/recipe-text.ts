// A recipe as YAML to begin an own one with. The seed is left out: that of the run's options replaces it.
import type { RecipeRecord } from '../../src-main/contract/report.ts'

/** Words that YAML readers of either version take for something else than text. */
const reserved = /^(true|false|null|yes|no|on|off|y|n)$/i

/** @param seed left out when it is 0 */
export function recipeYaml(recipe: RecipeRecord, name: string, seed = 0): string {
  const steps = recipe.passes.flatMap(({ pass, params }) => {
    const rows = Object.entries(params)
    if (rows.length === 0) return [`  - ${scalar(pass)}`]
    return [
      `  - pass: ${scalar(pass)}`,
      '    params:',
      ...rows.map(([key, value]) => `      ${scalar(key)}: ${scalar(value)}`),
    ]
  })
  const head = [`name: ${scalar(name)}`, ...(seed === 0 ? [] : [`seed: ${seed}`])]
  return [...head, steps.length === 0 ? 'passes: []' : 'passes:', ...steps, ''].join('\n')
}

/** @param recipe what the text says */
export function renamedRecipe(text: string, name: string, recipe: RecipeRecord): string {
  const line = /^name:.*$/m
  return line.test(text) ? text.replace(line, () => `name: ${scalar(name)}`) : recipeYaml(recipe, name, recipe.seed)
}

/** JSON is YAML too, so only plain words are written without quotes. */
function scalar(value: unknown): string {
  const isWord = typeof value === 'string' && /^[A-Za-z][\w-]*$/.test(value) && !reserved.test(value)
  return isWord ? value : JSON.stringify(value)
}
