// Versions of a model that an analysis needs: the float network with its layers canonical, the same after one method, and the
// plan that lowering makes of it.
import type { Clock } from '../../base/clock.ts'
import { AppError } from '../../base/errors.ts'
import type { Note } from '../../base/note.ts'
import { openHostModel } from '../../engine/host-model.ts'
import type { Samples } from '../../engine/samples.ts'
import type { Graph } from '../../ir/graph.ts'
import type { Kernels } from '../../kernels/kernels.ts'
import { runRecipe } from '../../passes/pipeline.ts'
import { presetRecipe, type RecipeStep, readRecipe } from '../../passes/recipe.ts'
import { lower } from '../../targets/lowering/lower.ts'
import { planMemory } from '../../targets/memory-plan.ts'
import type { Plan } from '../../targets/plan.ts'

export interface VersionContext {
  readonly kernels: Kernels
  readonly calibration: Samples
  readonly seed: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** What stands before quantisation in the int8 preset: widening and folding. */
const folding = (): readonly RecipeStep[] =>
  (presetRecipe('int8')?.passes ?? []).filter(({ pass }) => pass !== 'quantize-int8')

/** Ranges decide no size and no time, so the simplest will do. */
const quickInt8 = { pass: 'quantize-int8', params: { method: 'min-max', maxTrials: 0 } }

type Steps = readonly { readonly pass: string; readonly params: Readonly<Record<string, unknown>> }[]

export async function withSteps(graph: Graph, steps: Steps, context: VersionContext): Promise<Graph> {
  const { seed, calibration, kernels, clock, signal } = context
  const recipe = readRecipe({ name: 'analysis', seed, passes: [...folding(), ...steps] })
  const engine = { open: openHostModel }
  const { graph: changed } = await runRecipe(graph, recipe, { calibration, engine, kernels, clock, signal })
  return changed
}

/** null with the reason where no microcontroller runs it. */
export async function loweredWith(
  graph: Graph,
  steps: Steps,
  context: VersionContext,
): Promise<{ readonly plan: Plan | null; readonly problem: Note | null }> {
  try {
    return { plan: planMemory(lower(await withSteps(graph, [...steps, quickInt8], context))), problem: null }
  } catch (error) {
    if (!(error instanceof AppError) || context.signal.aborted) throw error
    return { plan: null, problem: error.note }
  }
}
