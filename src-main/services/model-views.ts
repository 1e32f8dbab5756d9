// What the Model screen asks of a model beyond its analysis. A small model that is looked at stays open until memory is wanted.
import type { ModelId, ProjectId, RunId } from '../contract/ids.ts'
import type { ModelOutline } from '../contract/model.ts'
import type { ModelDifference, ModelGraph, TensorHistogram } from '../contract/model-graph.ts'
import type { RunSummary } from '../contract/run.ts'
import type { ServiceContext } from './context.ts'
import { openInput } from './file-input.ts'
import type { ModelDescriptions } from './model-descriptions.ts'
import { modelFile } from './model-file.ts'
import { runModelTask } from './model-task.ts'
import { type LoadedModel, loadModel } from './run/load.ts'
import { modelOf, storedModel } from './stored-inputs.ts'
import { runPack } from './stored-run.ts'
import { histogramOfFiles } from './tensor-histogram.ts'
import type { Uploads } from './uploads.ts'

/** Of a tensor whose histogram takes a thread some 20 ms. Larger ones are counted in a worker. */
const quickElements = 1 << 20
/** Of all constants of a model that is read in as long. */
const quickBytes = 4 << 20

/** Runs that are offered to compare with. */
const shownRuns = 100

export function modelViewsService(context: ServiceContext, uploads: Uploads, descriptions: ModelDescriptions) {
  const { store, background } = context
  const opened = new Map<ModelId, WeakRef<LoadedModel>>()

  async function open(id: ModelId): Promise<LoadedModel> {
    const loaded = opened.get(id)?.deref() ?? (await loadModel(modelOf(store, id).path))
    opened.set(id, new WeakRef(loaded))
    return loaded
  }

  return {
    async outline(id: ModelId): Promise<ModelOutline> {
      return (await descriptions.of(id)).outline
    },
    async graph(id: ModelId): Promise<ModelGraph> {
      return (await descriptions.of(id)).graph
    },
    async histogram(id: ModelId, tensor: string, run: RunId | undefined, bins: number): Promise<TensorHistogram> {
      const pack = run === undefined ? null : runPack(store, run)
      const input = { path: modelOf(store, id).path, tensor, pack, bins }
      return isQuick((await descriptions.of(id)).graph, tensor)
        ? histogramOfFiles(input, (await open(id)).graph)
        : runModelTask(background, 'histogram', input)
    },
    runs(id: ModelId, project: ProjectId): RunSummary[] {
      return store.runs.ofModel(storedModel(store, id).model.sha256, project, shownRuns)
    },
    difference: async (a: ModelId, b: ModelId): Promise<ModelDifference> =>
      runModelTask(background, 'difference', { a: modelOf(store, a), b: modelOf(store, b) }),
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

/** Whether this thread may do it: neither reading the model nor counting the tensor keeps others waiting. */
export function isQuick({ nodes }: ModelGraph, tensor: string): boolean {
  const constants = new Map(nodes.flatMap((node) => node.constants).map((constant) => [constant.name, constant]))
  const modelBytes = [...constants.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  const elements = constants.get(tensor)?.shape?.reduce<number>((product, size) => product * Number(size), 1) ?? 0
  return modelBytes <= quickBytes && elements <= quickElements
}
