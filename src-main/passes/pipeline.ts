// Runs a recipe: checks the order of its passes, runs them one after another, verifies the graph after each and keeps a
// record of every step.
import type { Clock } from '../base/clock.ts'
import { AppError, Bug } from '../base/errors.ts'
import { type Note, say, sentence } from '../base/note.ts'
import { seededRandom } from '../base/random.ts'
import type { Graph } from '../ir/graph.ts'
import { inferShapes } from '../ir/infer.ts'
import { verify } from '../ir/verify.ts'
import type { Kernels } from '../kernels/kernels.ts'
import type { CalibrationData, Fact, HostEngine, OrderRule, Pass, PassContext } from './pass.ts'
import { lostMasks } from './prune/mask-check.ts'
import type { Recipe } from './recipe.ts'
import { passByName, passes } from './registry.ts'

export interface RunContext {
  readonly calibration: CalibrationData | null
  readonly engine: HostEngine
  readonly kernels: Kernels
  readonly clock: Clock
  readonly signal?: AbortSignal
  /** @param fraction 0 to 1 over the whole recipe */
  progress?(fraction: number, note: Note): void
  log?(line: Note): void
}

export interface StepRecord {
  readonly pass: string
  readonly params: Readonly<Record<string, unknown>>
  readonly durationMs: number
  readonly nodesBefore: number
  readonly nodesAfter: number
  readonly notes: readonly Note[]
  readonly warnings: readonly Note[]
}

export interface RecipeResult {
  readonly graph: Graph
  readonly steps: readonly StepRecord[]
}

export async function runRecipe(graph: Graph, recipe: Recipe, context: RunContext): Promise<RecipeResult> {
  checkOrder(recipe)
  let current = graph
  let reference: Graph | null = null
  let masked = false
  const steps: StepRecord[] = []
  for (const [index, { pass: name, params }] of recipe.passes.entries()) {
    context.signal?.throwIfAborted()
    const pass = knownPass(name)
    if (pass.lossy) reference ??= current
    const place = { recipe, index, context, original: graph, reference: reference ?? current, masked }
    const { graph: next, step } = await runStep(current, pass, params, place)
    current = next
    masked ||= pass.provides.includes('masks')
    steps.push(step)
  }
  context.progress?.(1, say`recipe done`)
  return { graph: current, steps }
}

/** Fails with recipe.order where a pass stands before one it needs, or after one that spoils its work. */
export function checkOrder(recipe: Recipe) {
  const facts = new Set<Fact>()
  const before = new Set<string>()
  for (const { pass: name } of recipe.passes) {
    const pass = knownPass(name)
    for (const fact of pass.needs) if (!facts.has(fact)) refuseOrder(pass, fact)
    for (const rule of pass.notAfter ?? []) if (before.has(rule.pass)) refuseAfter(pass, rule)
    for (const fact of pass.provides) facts.add(fact)
    before.add(name)
  }
}

function refuseAfter(pass: Pass, rule: OrderRule): never {
  const problem = say`${pass.name} comes after it, and ${rule.because}`
  throw new AppError('recipe.order', { pass: rule.pass, problem, needs: pass.name })
}

function refuseOrder(pass: Pass, fact: Fact): never {
  const needs = passes.filter((other) => other.provides.includes(fact)).map((other) => other.name)
  const problem = say`it needs what ${needs.join(' or ')} does, and that does not stand before it`
  throw new AppError('recipe.order', { pass: pass.name, problem, needs: needs.join(' or ') })
}

interface StepPlace {
  readonly recipe: Recipe
  readonly index: number
  readonly context: RunContext
  readonly original: Graph
  readonly reference: Graph
  /** Weights were pruned before. */
  readonly masked: boolean
}

async function runStep(graph: Graph, pass: Pass, params: Readonly<Record<string, unknown>>, place: StepPlace) {
  const { context } = place
  const notes: Note[] = []
  const warnings: Note[] = []
  const startMs = context.clock.monotonicMs()
  const changed = await pass.run(graph, pass.params.parse(params), passContext(pass, place, notes, warnings))
  const next = changed === graph ? graph : inferShapes(changed)
  verify(next)
  if (place.masked && next !== graph) for (const line of lostMasks(graph, next)) warnings.push(line)
  const durationMs = context.clock.monotonicMs() - startMs
  const step: StepRecord = {
    pass: pass.name,
    params,
    durationMs,
    nodesBefore: graph.nodes.length,
    nodesAfter: next.nodes.length,
    notes,
    warnings,
  }
  return { graph: next, step }
}

function passContext(
  pass: Pass,
  { recipe, index, context, original, reference }: StepPlace,
  notes: Note[],
  warnings: Note[],
): PassContext {
  const keep = (lines: Note[]) => (line: Note) => {
    lines.push(line)
    context.log?.(sentence('{pass}: {line}', { pass: pass.name, line }))
  }
  return {
    calibration: context.calibration,
    original,
    reference,
    engine: context.engine,
    kernels: context.kernels,
    signal: context.signal,
    seed: recipe.seed,
    random: seededRandom(recipe.seed + index),
    log: keep(notes),
    warn: keep(warnings),
    progress: (fraction, note) =>
      context.progress?.(
        (index + fraction) / recipe.passes.length,
        sentence(`{pass}: {note}`, { pass: sentence(pass.title, {}), note }),
      ),
  }
}

function knownPass(name: string): Pass {
  const pass = passByName(name)
  if (!pass) throw new Bug(`the recipe names the pass ${name}, which parsing must have refused`)
  return pass
}
