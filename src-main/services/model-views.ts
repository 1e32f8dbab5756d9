// What the Model screen asks of a model beyond its analysis. A model that is looked at stays open until memory is wanted.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'
import type { ModelId, RunId } from '../contract/ids.ts'
import type { ModelDifference, ModelGraph, TensorHistogram } from '../contract/model-graph.ts'
import { readShoe } from '../formats/shoe/index.ts'
import type { ServiceContext } from './context.ts'
import { openInput } from './file-input.ts'
import { differenceOf } from './model-difference.ts'
import { modelFile } from './model-file.ts'
import { graphOf } from './model-graph.ts'
import { type LoadedModel, loadModel } from './run/load.ts'
import { histogramOf, packedWeights, realsOf } from './tensor-histogram.ts'
import type { Uploads } from './uploads.ts'

export function modelViewsService(context: ServiceContext, uploads: Uploads) {
  const { store } = context
  const opened = new Map<ModelId, WeakRef<LoadedModel>>()

  async function open(id: ModelId): Promise<LoadedModel & { readonly name: string }> {
    const found = store.models.get(id)
    if (!found) throw new AppError('store.notFound', { kind: 'model', id, plural: 'models' })
    const path = join(store.trees.dir(found.tree), found.file)
    const loaded = opened.get(id)?.deref() ?? (await loadModel(path))
    opened.set(id, new WeakRef(loaded))
    return { ...loaded, name: found.model.name }
  }

  async function openPath(path: string) {
    await using input = await openInput(context, uploads, { kind: 'path', path })
    return { name: input.name, graph: (await loadModel(await modelFile(input.path))).graph }
  }

  async function planOf(run: RunId) {
    const tree = store.runs.packTree(run)
    if (tree === null) throw new AppError('store.notFound', { kind: 'run', id: run, plural: 'runs' })
    return readShoe(new Uint8Array(await readFile(join(store.trees.dir(tree), 'model.shoe')))).plan
  }

  return {
    async graph(id: ModelId): Promise<ModelGraph> {
      const { graph, name } = await open(id)
      return graphOf(graph, name)
    },
    async histogram(id: ModelId, tensor: string, run: RunId | undefined, bins: number): Promise<TensorHistogram> {
      const { graph } = await open(id)
      const before = realsOf(graph, tensor)
      const after = run === undefined ? null : packedWeights(await planOf(run), graph, tensor)
      return histogramOf(tensor, before, after, bins)
    },
    async difference(a: ModelId, b: ModelId): Promise<ModelDifference> {
      return differenceOf(await open(a), await open(b))
    },
    async differenceOfFiles(a: string, b: string): Promise<ModelDifference> {
      return differenceOf(await openPath(a), await openPath(b))
    },
    async graphOfFile(path: string): Promise<ModelGraph> {
      const { graph, name } = await openPath(path)
      return graphOf(graph, name)
    },
  }
}
