import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { recipe } from './report.ts'

export const passInfo = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  needs: z.array(z.string()),
  /** JSON Schema of the parameters. */
  params: z.record(z.string(), z.unknown()),
})

const base = oc.errors(appErrors)

export const recipesContract = {
  presets: base.output(z.array(z.object({ name: z.string(), title: z.string(), description: z.string(), recipe }))),
  passes: base.output(z.array(passInfo)),
  /** Parses JSON or YAML; fails with recipe.invalid and the place. */
  check: base.input(z.object({ text: z.string() })).output(recipe),
}
