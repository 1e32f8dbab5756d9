// What the Model screen asks of a model beyond its analysis. A model that is looked at stays open until memory is wanted.
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import type { ModelId, ProjectId, RunId } from '../contract/ids.ts'
import type { ModelOutline } from '../contract/model.ts'
import type { ModelDifference, ModelGraph, TensorHistogram } from '../contract/model-graph.ts'
import type { RunSummary } from '../contract/run.ts'
import { elementsOf } from '../ir/tensor.ts'
import type { ServiceContext } from './context.ts'
import { openInput } from './file-input.ts'
import type { ModelDescriptions } from './model-descriptions.ts'
import { type DescribedModel, modelFile } from './model-file.ts'
import { type NamedFile, runModelTask } from './model-task.ts'
import { type LoadedModel, loadModel } from './run/load.ts'
import { histogramOfFiles } from './tensor-histogram.ts'
import type { Uploads } from './uploads.ts'

/** Of a tensor whose histogram takes a thread some 20 ms. Larger ones are counted in a worker. */
const quickElements = 1 << 20

/** Runs that are offered to compare with. */
const shownRuns = 100

export function modelViewsService(context: ServiceContext, uploads: Uploads, descriptions: ModelDescriptions) {
  const { store, background } = context
  const opened = new Map<ModelId, WeakRef<LoadedModel>>()

  function fileOf(id: ModelId): NamedFile {
    const found = store.models.get(id)
    if (!found) throw new AppError('store.notFound', { kind: say`model`, id, plural: 'models' })
    return { path: join(store.trees.dir(found.tree), found.file), name: found.model.name }
  }

  async function open(id: ModelId): Promise<LoadedModel> {
    const loaded = opened.get(id)?.deref() ?? (await loadModel(fileOf(id).path))
    opened.set(id, new WeakRef(loaded))
    return loaded
  }

  function describe(id: ModelId): Promise<DescribedModel> {
    const file = fileOf(id)
    return descriptions.of(id, () => runModelTask(background, 'read', file))
  }

  function packOf(run: RunId): string {
    const tree = store.runs.packTree(run)
    if (tree === null) throw new AppError('store.notFound', { kind: say`run`, id: run, plural: 'runs' })
    return join(store.trees.dir(tree), 'model.shoe')
  }

  return {
    async outline(id: ModelId): Promise<ModelOutline> {
      return (await describe(id)).outline
    },
    async graph(id: ModelId): Promise<ModelGraph> {
      return (await describe(id)).graph
    },
    async histogram(id: ModelId, tensor: string, run: RunId | undefined, bins: number): Promise<TensorHistogram> {
      const { graph } = await open(id)
      const input = { path: fileOf(id).path, tensor, pack: run === undefined ? null : packOf(run), bins }
      const isQuick = elementsOf(graph.constants.get(tensor)?.shape ?? []) <= quickElements
      return isQuick ? histogramOfFiles(input, graph) : runModelTask(background, 'histogram', input)
    },
    runs(id: ModelId, project: ProjectId): RunSummary[] {
      const found = store.models.get(id)
      if (!found) throw new AppError('store.notFound', { kind: say`model`, id, plural: 'models' })
      return store.runs.ofModel(found.model.sha256, project, shownRuns)
    },
    difference: async (a: ModelId, b: ModelId): Promise<ModelDifference> =>
      runModelTask(background, 'difference', { a: fileOf(a), b: fileOf(b) }),
    async differenceOfFiles(a: string, b: string): Promise<ModelDifference> {
      await using first = await openInput(context, uploads, { kind: 'path', path: a })
      await using second = await openInput(context, uploads, { kind: 'path', path: b })
      return runModelTask(background, 'difference', {
        a: { path: await modelFile(first.path), name: first.name },
        b: { path: await modelFile(second.path), name: second.name },
      })
    },
    async graphOfFile(path: string): Promise<ModelGraph> {
      await using input = await openInput(context, uploads, { kind: 'path', path })
      const file = { path: await modelFile(input.path), name: input.name }
      return (await runModelTask(background, 'read', file)).graph
    },
  }
}
