import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors, errorInfo } from './error.ts'
import { modelId } from './ids.ts'
import { recipe } from './report.ts'

export const passInfo = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  needs: z.array(z.string()),
  /** JSON Schema of the parameters. */
  params: z.record(z.string(), z.unknown()),
})

/** A recipe that can be read, and what is wrong with the order of its steps. */
export const examinedRecipe = z.object({
  recipe,
  problems: z.array(z.object({ step: z.number().int(), error: errorInfo })),
})
export type ExaminedRecipe = z.infer<typeof examinedRecipe>

/** Counted from shapes and the parameters of the steps; nothing was calibrated or packed. */
export const recipeEstimate = z.object({
  parameters: z.number().int(),
  originalBytes: z.number().int(),
  /** Weights as they would be coded. */
  weightsBytes: z.number().int(),
  /** Weights with one byte (or more, where they stay float) each. */
  plainBytes: z.number().int(),
  /** Pack: coded weights, biases and factors, plan. Without the runtime. */
  flashBytes: z.number().int(),
  /** Share of the weights that are zero, 0 to 1. */
  zeros: z.number(),
  /** Steps whose effect depends on the samples, and is not in the figures. */
  open: z.array(z.string()),
})
export type RecipeEstimate = z.infer<typeof recipeEstimate>

const base = oc.errors(appErrors)

export const recipesContract = {
  presets: base.output(z.array(z.object({ name: z.string(), title: z.string(), description: z.string(), recipe }))),
  passes: base.output(z.array(passInfo)),
  /** Parses JSON or YAML; fails with recipe.invalid and the place. */
  check: base.input(z.object({ text: z.string() })).output(recipe),
  /** As check, and the steps that cannot stand where they stand. */
  examine: base.input(z.object({ text: z.string() })).output(examinedRecipe),
  /** The text of a recipe, or the name of a preset. */
  estimate: base.input(z.object({ model: modelId, text: z.string() })).output(recipeEstimate),
}
