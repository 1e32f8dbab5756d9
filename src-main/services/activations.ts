// Distributions of activations: asking for them, and keeping what was found, so that a second look costs nothing.
import { AppError } from '../base/errors.ts'
import { canonicalJson, sha256 } from '../base/hash.ts'
import { say } from '../base/note.ts'
import type { Activations, ActivationsRequest } from '../contract/activations.ts'
import type { JobId } from '../contract/ids.ts'
import { isOpen } from '../contract/job.ts'
import type { ActivationsInput } from './analysis/activations.ts'
import type { ServiceContext } from './context.ts'
import { dataOf, modelOf } from './stored-inputs.ts'
import { runPack, storedRun } from './stored-run.ts'

/** Changes when results of the same input change. */
const activationsVersion = 1
const defaultSamples = 64

export function activationsService({ store, jobs }: ServiceContext) {
  /** Of this process, by what they find. */
  const started = new Map<string, JobId>()
  const openJob = (key: string): JobId | null => {
    const job = started.get(key)
    return job !== undefined && isOpen(jobs.get(job)) ? job : null
  }

  function packOf({ run, model }: ActivationsRequest, modelSha256: string) {
    if (run === undefined) return null
    const report = storedRun(store, run)
    if (report.model.sha256 !== modelSha256)
      throw new AppError('usage.invalid', { problem: say`The run ${run} is not of the model ${model}.` })
    return { path: runPack(store, run), run, recipe: report.recipe.name, sha256: report.pack.sha256 }
  }

  function inputOf(request: ActivationsRequest): { readonly input: ActivationsInput; readonly key: string } {
    const model = modelOf(store, request.model)
    const data = dataOf(store, request.data)
    const pack = packOf(request, model.sha256)
    const { samples = defaultSamples, seed = 0 } = request
    const input: ActivationsInput = {
      task: 'activations',
      model,
      data,
      pack: pack && { path: pack.path, run: pack.run, recipe: pack.recipe },
      samples,
      seed,
    }
    const sources = {
      ...{ modelSha256: model.sha256, dataSha256: data.sha256, preprocess: data.preprocess },
      packSha256: pack?.sha256 ?? null,
    }
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
