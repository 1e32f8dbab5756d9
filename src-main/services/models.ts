import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { z } from 'zod'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import { type ModelId, modelId, type ProjectId } from '../contract/ids.ts'
import type { Analysis, fileSourceInput, Model } from '../contract/model.ts'
import { isoNow, type ServiceContext } from './context.ts'
import { catalogueDevices } from './devices.ts'
import { openInput } from './file-input.ts'
import { type AnalysisFacts, analysisOf, estimatesOf, outlineOf } from './model-analysis.ts'
import type { ModelDescriptions } from './model-descriptions.ts'
import { KnownEstimates } from './model-estimates.ts'
import { modelFile } from './model-file.ts'
import { runModelTask } from './model-task.ts'
import { loadModel } from './run/load.ts'
import { modelOf, storedModel } from './stored-inputs.ts'
import type { Uploads } from './uploads.ts'

export function modelsService(context: ServiceContext, uploads: Uploads, descriptions: ModelDescriptions) {
  const { store, clock, background } = context
  /** What was estimated of a model, by its id and the profiles that the estimates were made with. */
  const known = new KnownEstimates()
  const factsNow = (): AnalysisFacts => ({
    version: context.version,
    profiles: Object.fromEntries(catalogueDevices().map(({ id }) => [id, store.profiles.ofDevice(id)])),
  })

  const find = (id: ModelId) => storedModel(store, id)

  /** The key it is known by, and the work that finds it. */
  function estimating(id: ModelId) {
    const { path, name } = modelOf(store, id)
    const work = (progress: (fraction: number) => void) =>
      runModelTask(background, 'estimate', { path, name, facts: factsNow() }, progress)
    return [`${id} ${store.profiles.revision()}`, work] as const
  }

  return {
    list: () => store.models.list().map(({ model }) => model),
    get: (id: ModelId) => find(id).model,
    async add(source: z.infer<typeof fileSourceInput>, project?: ProjectId): Promise<Model> {
      await using input = await openInput(context, uploads, source)
      const path = await modelFile(input.path)
      const { siblings, ...described } = await runModelTask(background, 'read', { path })
      const { model: facts } = described.outline
      const { name } = facts
      const known = store.models.bySha256(facts.sha256)
      const model: Model = known?.model ?? {
        ...facts,
        id: modelId.parse(randomUUID()),
        addedAt: isoNow(clock),
      }
      if (!known) {
        const files = [name, ...siblings].map((file) => ({
          path: file,
          from: { path: join(dirname(path), file) },
        }))
        const tree = await store.trees.add(files)
        store.models.add({ model, tree: tree.hash, file: name })
      }
      // Under the name it is known by.
      if (model.name === name) descriptions.keep(model.id, described)
      if (project) chooseForProject(context, project, { modelId: model.id })
      return model
    },
    async analyze(id: ModelId): Promise<Analysis> {
      const { outline } = await descriptions.of(id)
      return analysisOf(outline, await known.get(...estimating(id)))
    },
    watchEstimates: (id: ModelId) => known.watch(...estimating(id)),
    async analyzeFile(path: string): Promise<Analysis> {
      await using input = await openInput(context, uploads, { kind: 'path', path })
      const model = await loadModel(await modelFile(input.path))
      return analysisOf(outlineOf(model, input.name), await estimatesOf(model, input.name, factsNow()))
    },
    remove(id: ModelId) {
      const { tree } = find(id)
      store.models.remove(id)
      return store.trees.remove(tree)
    },
  }
}

export function chooseForProject(
  { store }: ServiceContext,
  id: ProjectId,
  choice: { modelId?: ModelId; dataSetId?: import('../contract/ids.ts').DataSetId },
) {
  store.transaction(() => {
    const project = store.projects.get(id)
    if (!project) throw new AppError('store.notFound', { kind: say`project`, id, plural: 'projects' })
    store.projects.update({ ...project, ...choice })
  })
}
