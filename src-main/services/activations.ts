// Distributions of activations: asking for them, and keeping what was found, so that a second look costs nothing.
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { canonicalJson, sha256 } from '../base/hash.ts'
import { say } from '../base/note.ts'
import type { Activations, ActivationsRequest } from '../contract/activations.ts'
import type { JobId } from '../contract/ids.ts'
import type { ActivationsInput } from './analysis/activations.ts'
import type { ServiceContext } from './context.ts'

/** Changes when results of the same input change. */
const activationsVersion = 1
const defaultSamples = 64

export function activationsService({ store, jobs }: ServiceContext) {
  /** Of this process, by what they find. */
  const started = new Map<string, JobId>()
  const openJob = (key: string): JobId | null => {
    const job = started.get(key)
    return job !== undefined && ['queued', 'running'].includes(jobs.get(job).state) ? job : null
  }

  function packOf({ run, model }: ActivationsRequest, modelSha256: string) {
    if (run === undefined) return null
    const report = store.runs.get(run)
    const tree = store.runs.packTree(run)
    if (!report || tree === null) throw new AppError('store.notFound', { kind: say`run`, id: run, plural: 'runs' })
    if (report.model.sha256 !== modelSha256)
      throw new AppError('usage.invalid', { problem: say`The run ${run} is not of the model ${model}.` })
    return {
      path: join(store.trees.dir(tree), 'model.shoe'),
      run,
      recipe: report.recipe.name,
      sha256: report.pack.sha256,
    }
  }

  function inputOf(request: ActivationsRequest): { readonly input: ActivationsInput; readonly key: string } {
    const model = store.models.get(request.model)
    if (!model) throw new AppError('store.notFound', { kind: say`model`, id: request.model, plural: 'models' })
    const data = store.data.get(request.data)
    if (!data) throw new AppError('store.notFound', { kind: say`data set`, id: request.data, plural: 'data' })
    const { sha256: modelSha256, name } = model.model
    const { preprocess, sha256: dataSha256 } = data.dataSet
    const pack = packOf(request, modelSha256)
    const { samples = defaultSamples, seed = 0 } = request
    const input: ActivationsInput = {
      task: 'activations',
      model: { path: join(store.trees.dir(model.tree), model.file), name },
      data: {
        ...{ path: join(store.trees.dir(data.tree), data.file), name: data.dataSet.name, preprocess, limit: null },
        sha256: dataSha256,
      },
      pack: pack && { path: pack.path, run: pack.run, recipe: pack.recipe },
      samples,
      seed,
    }
    const sources = { modelSha256, dataSha256, preprocess, packSha256: pack?.sha256 ?? null }
    return { input, key: sha256(canonicalJson({ activationsVersion, ...sources, samples, seed })) }
  }

  return {
    start(request: ActivationsRequest): { job: JobId | null } {
      const { key, input } = inputOf(request)
      const open = openJob(key)
      if (open !== null) return { job: open }
      if (store.activations.get(key)) return { job: null }
      const job = jobs.enqueue({
        title: say`Activations of ${input.model.name}`,
        projectId: null,
        request,
        input: async () => input,
        finish: async (result) => ({
          runId: null,
          commit: () => store.activations.add({ key, run: request.run ?? null, result: result as Activations }),
        }),
      })
      started.set(key, job)
      return { job }
    },
    find: (request: ActivationsRequest): Activations | null => store.activations.get(inputOf(request).key),
    running: (request: ActivationsRequest): { job: JobId | null } => ({ job: openJob(inputOf(request).key) }),
  }
}
