import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { AppError } from '../base/errors.ts'
import type { DataSet, PreprocessRecord } from '../contract/data-set.ts'
import { type DataSetId, dataSetId, type ProjectId } from '../contract/ids.ts'
import type { fileSourceInput } from '../contract/model.ts'
import type { Dataset } from '../data/dataset.ts'
import { openDataset } from '../data/open.ts'
import { filesBelow } from '../store/trees.ts'
import { isoNow, type ServiceContext } from './context.ts'
import { type LocalInput, openInput } from './file-input.ts'
import { chooseForProject } from './models.ts'
import { dataOf, storedData } from './stored-inputs.ts'
import type { Uploads } from './uploads.ts'

export function dataService(context: ServiceContext, uploads: Uploads) {
  const { store, clock } = context

  const find = (id: DataSetId) => storedData(store, id)

  function usedByOthers(id: DataSetId, project: ProjectId): boolean {
    const projects = [...store.projects.list(), ...store.projects.bin()]
    return projects.some((other) => other.dataSetId === id && other.id !== project)
  }

  return {
    list: () => store.data.list().map(({ dataSet }) => dataSet),
    get: (id: DataSetId) => find(id).dataSet,
    async add(
      source: z.infer<typeof fileSourceInput>,
      preprocess: PreprocessRecord = {},
      project?: ProjectId,
    ): Promise<DataSet> {
      await using input = await openInput(context, uploads, source)
      const opened = await named(input, () => openDataset(input.path, { preprocess }))
      const tree = await store.trees.add(await filesBelow(input.path, input.name))
      const known = store.data.byContent(tree.hash, opened.preprocess)
      const identity = { id: dataSetId.parse(randomUUID()), name: input.name, addedAt: isoNow(clock) }
      // A set of an older version may say less of itself, and have the hash of those files only that were not left out.
      const dataSet: DataSet = { ...identity, ...known?.dataSet, ...factsOf(opened) }
      if (known) store.data.update(dataSet)
      else store.data.add({ dataSet, tree: tree.hash, file: input.name })
      if (project) chooseForProject(context, project, { dataSetId: dataSet.id })
      return dataSet
    },
    /** For one project: others that use the set keep it as it is. */
    async setPreprocess(id: DataSetId, preprocess: PreprocessRecord, project?: ProjectId): Promise<DataSet> {
      const { dataSet, ...place } = find(id)
      const changed: DataSet = { ...dataSet, ...factsOf(await openDataset(dataOf(store, id).path, { preprocess })) }
      // The same files may be here prepared like this already, as another set.
      const known = store.data.byContent(place.tree, changed.preprocess)?.dataSet
      const isShared = project !== undefined && usedByOthers(id, project)
      const result = known ?? (isShared ? { ...changed, id: dataSetId.parse(randomUUID()) } : changed)
      if (!known && isShared) store.data.add({ dataSet: result, ...place })
      if (!known && !isShared) store.data.update(result)
      if (project) chooseForProject(context, project, { dataSetId: result.id })
      return result
    },
    remove(id: DataSetId) {
      const { tree } = find(id)
      store.data.remove(id)
      const shared = store.data.list().some((other) => other.tree === tree)
      return shared ? undefined : store.trees.remove(tree)
    },
  }
}

/** Errors name files as the user knows them, not where an upload lies meanwhile. */
async function named<T>({ path, name }: LocalInput, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof AppError) || typeof error.data.path !== 'string' || !error.data.path.startsWith(path))
      throw error
    throw new AppError(error.code, { ...error.data, path: name + error.data.path.slice(path.length) }, { cause: error })
  }
}

type Facts = Omit<DataSet, 'id' | 'name' | 'addedAt'>

function factsOf(opened: Dataset): Facts {
  const { classNames, columns, labels, targets } = opened
  return {
    sha256: opened.sha256,
    format: opened.format,
    count: opened.count,
    inputs: opened.inputs.map((input) => ({ name: input.name, shape: [...input.shape], dtype: input.dtype })),
    labelled: labels !== null || targets !== null,
    classNames: classNames ? [...classNames] : null,
    classCounts: labels ? countClasses(labels) : null,
    preprocess: opened.preprocess,
    notes: [...opened.notes],
    columns: columns && { features: [...columns.features], target: columns.target },
  }
}

function countClasses(labels: ArrayLike<number>): number[] {
  const counts: number[] = []
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!
    while (counts.length <= label) counts.push(0)
    counts[label]!++
  }
  return counts
}
