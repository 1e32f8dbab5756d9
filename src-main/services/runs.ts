// Runs: asking for one, storing what it gave, reading.
import { randomUUID } from 'node:crypto'
import { say, sentence } from '../base/note.ts'
import { type JobId, type ProjectId, type RunId, runId } from '../contract/ids.ts'
import type { RunReport } from '../contract/report.ts'
import type { RunRequest, RunSummary } from '../contract/run.ts'
import type { ServiceContext } from './context.ts'
import { profileOf } from './devices.ts'
import { disagreementsOf } from './disagreements.ts'
import { resolveRecipe } from './recipes.ts'
import { packTarget } from './run/pack-target.ts'
import { summaryOf } from './run/report.ts'
import type { RunInput, RunOutput } from './run/run-input.ts'
import { dataOf, modelOf } from './stored-inputs.ts'
import { noRun, storedRun } from './stored-run.ts'

/** Distinct recipes of a project; a campaign of more tells its latest. */
const recipesTold = 200

export function runsService(context: ServiceContext) {
  const { store, jobs } = context

  const get = (id: RunId): RunReport => storedRun(store, id)

  const summary = (id: RunId): RunSummary => store.runs.summary(id) ?? noRun(id)

  /** Everything is looked up before the job is queued, so that what cannot start fails at once. */
  function inputOf(request: RunRequest): RunInput {
    const model = modelOf(store, request.model)
    const project = request.project === null ? null : store.projects.get(request.project)
    const profile = profileOf(request.device)
    const budgets = request.budgets ?? project?.budgets ?? profile.defaultBudgets
    const recipe = resolveRecipe(request.recipe, request.seed)
    return {
      runId: randomUUID(),
      producer: `Shoehorn ${context.version}`,
      project: project && { id: project.id, name: project.name },
      model,
      data: dataOf(store, request.data, request.limit ?? null),
      calibration: request.calibration ? dataOf(store, request.calibration) : null,
      calibrationLimit: request.calibrationLimit ?? null,
      recipe,
      encoding: request.encoding ?? 'auto',
      target: packTarget(profile, budgets),
      seed: recipe.seed,
      device: request.device,
      deviceSamples: request.deviceSamples ?? null,
      warmup: request.warmup,
      runs: request.runs,
      budgets,
    }
  }

  async function keep(output: RunOutput) {
    const { report, pack, profile, predictions } = output
    const tree = await store.trees.add([{ path: 'model.shoe', from: { bytes: pack } }])
    const id = runId.parse(report.id)
    const commit = () => {
      store.runs.add({ report, summary: summaryOf(report), packTree: tree.hash, predictions })
      store.profiles.add(id, profile, report.createdAt)
    }
    return { runId: id, commit }
  }

  return {
    get,
    list: (project?: ProjectId) => store.runs.list(project),
    page: (project: ProjectId | undefined, first: number, count: number) =>
      store.runs.page(project ?? null, first, count),
    sinceLast: (id: RunId) => ({ run: summary(id), previous: store.runs.previous(id) }),
    recipes: (project: ProjectId) => store.runs.recipes(project, recipesTold),
    disagreements: (ids: readonly RunId[], first: number, count: number) =>
      disagreementsOf(
        store,
        ids.map((id) => ({ report: get(id), predictions: store.runs.predictions(id) })),
        {
          first,
          count,
        },
      ),
    annotate({ id, tags, note }: { id: RunId; tags?: readonly string[]; note?: string }): RunSummary {
      return store.transaction(() => {
        const now = summary(id)
        store.runs.annotate(id, [...new Set(tags ?? now.tags)], note ?? now.note)
        return summary(id)
      })
    },
    start(request: RunRequest): JobId {
      const input = inputOf(request)
      return jobs.enqueue({
        title: say`${input.model.name} on ${sentence(profileOf(request.device).name, {})}, ${input.recipe.name}`,
        projectId: request.project,
        request,
        input: async () => input,
        finish: (result) => keep(result as RunOutput),
      })
    },
    remove(id: RunId) {
      get(id)
      store.runs.remove(id)
    },
  }
}
