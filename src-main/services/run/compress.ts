// A graph and a recipe to a pack: passes, lowering, memory plan, fit, bytes.
import type { Clock } from '../../base/clock.ts'
import { AppError } from '../../base/errors.ts'
import { canonicalJson, sha256 } from '../../base/hash.ts'
import { type Note, say } from '../../base/note.ts'
import type { EncodingGoal, RecipeRecord } from '../../contract/report.ts'
import { openHostModel } from '../../engine/host-model.ts'
import type { Samples } from '../../engine/samples.ts'
import { writeShoe } from '../../formats/shoe/index.ts'
import type { Graph } from '../../ir/graph.ts'
import { openKernels } from '../../kernels/open.ts'
import { type RecipeResult, runRecipe, type StepRecord } from '../../passes/pipeline.ts'
import { readRecipe, recipeSha256 } from '../../passes/recipe.ts'
import { lower } from '../../targets/lowering/lower.ts'
import { packWeights } from '../../targets/packer/pack-weights.ts'
import type { PackTarget, TensorDecision } from '../../targets/packer/situation.ts'
import type { Plan } from '../../targets/plan.ts'

export interface CompressInput {
  readonly graph: Graph
  readonly modelName: string
  readonly modelSha256: string
  readonly recipe: RecipeRecord
  readonly encoding: EncodingGoal
  readonly target: PackTarget
  readonly calibration: Samples | null
  /** Identity of the calibration samples; null without them. */
  readonly calibrationSha256: string | null
  readonly producer: string
  readonly clock: Clock
  readonly signal: AbortSignal
  progress(fraction: number, note: Note): void
  log(line: string): void
}

export interface Compressed {
  readonly graph: Graph
  readonly plan: Plan
  readonly pack: Uint8Array
  readonly packSha256: string
  readonly recipeSha256: string
  readonly steps: readonly StepRecord[]
  /** How each weight tensor is stored. */
  readonly encoding: readonly TensorDecision[]
}

/** The first dimension of every input is the batch; a device runs one sample at a time. */
export function assertSingleBatch(graph: Graph) {
  for (const name of graph.inputs) {
    const shape = graph.values.get(name)?.shape
    const batch = shape && shape.length > 1 ? shape[0] : 1
    if (typeof batch === 'number' && batch !== 1) throw new AppError('model.batch', { name, batch })
  }
}

export async function compress(input: CompressInput): Promise<Compressed> {
  return packGraph(input, await applyRecipe(input))
}

/** The passes alone. */
export async function applyRecipe(input: CompressInput): Promise<RecipeResult> {
  assertSingleBatch(input.graph)
  await using kernels = await openKernels('auto', { signal: input.signal })
  return await runRecipe(input.graph, readRecipe(input.recipe), {
    calibration: input.calibration,
    engine: { open: openHostModel },
    kernels,
    clock: input.clock,
    signal: input.signal,
    progress: input.progress,
    log: input.log,
  })
}

/** A graph whose passes have run, lowered and written. */
export function packGraph(input: CompressInput, { graph, steps }: RecipeResult): Compressed {
  const recipeHash = recipeSha256(readRecipe(input.recipe))
  const write = (plan: Plan) =>
    writeShoe(plan, {
      modelName: input.modelName,
      modelSha256: input.modelSha256,
      recipeSha256: recipeHash,
      dataSha256: input.calibrationSha256 ?? '0'.repeat(64),
      producer: input.producer,
    })
  const { plan, decisions } = packWeights(lower(graph), {
    goal: input.encoding,
    target: input.target,
    packBytes: (planned) => write(planned).length,
    signal: input.signal,
    progress: (done, total) => input.progress(1, say`weights: ${done} of ${total} tensors`),
  })
  const pack = write(plan)
  return { graph, plan, pack, packSha256: sha256(pack), recipeSha256: recipeHash, steps, encoding: decisions }
}

/** Names the samples that calibrated a model: the data set, how it was preprocessed, which samples. */
export function calibrationIdentity(dataSha256: string, preprocess: unknown, indices: ArrayLike<number>): string {
  return sha256(canonicalJson({ dataSha256, preprocess, indices: Array.from(indices) }))
}
