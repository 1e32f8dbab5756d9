import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { z } from 'zod'
import { AppError } from '../base/errors.ts'
import type { DataSet, PreprocessRecord, sample } from '../contract/data-set.ts'
import { type DataSetId, dataSetId, type ProjectId } from '../contract/ids.ts'
import type { fileSourceInput } from '../contract/model.ts'
import type { Dataset } from '../data/dataset.ts'
import { openDataset } from '../data/open.ts'
import { filesBelow } from '../store/trees.ts'
import { isoNow, type ServiceContext } from './context.ts'
import { openInput } from './file-input.ts'
import { chooseForProject } from './models.ts'
import type { Uploads } from './uploads.ts'

/** Values of one sample that a preview carries at the most. */
const previewValues = 1 << 16

export function dataService(context: ServiceContext, uploads: Uploads) {
  const { store, clock } = context

  function find(id: DataSetId) {
    const found = store.data.get(id)
    if (!found) throw new AppError('store.notFound', { kind: 'data set', id, plural: 'data' })
    return found
  }
  function open(id: DataSetId, preprocess?: PreprocessRecord): Promise<Dataset> {
    const { tree, file, dataSet } = find(id)
    return openDataset(join(store.trees.dir(tree), file), { preprocess: preprocess ?? dataSet.preprocess })
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
      const opened = await openDataset(input.path, { preprocess })
      const tree = await store.trees.add(await filesBelow(input.path, input.name))
      const known = store.data.byContent(tree.hash, preprocess)
      const dataSet: DataSet = known?.dataSet ?? {
        ...factsOf(opened),
        id: dataSetId.parse(randomUUID()),
        name: input.name,
        sha256: opened.sha256,
        preprocess,
        addedAt: isoNow(clock),
      }
      if (!known) store.data.add({ dataSet, tree: tree.hash, file: input.name })
      if (project) chooseForProject(context, project, { dataSetId: dataSet.id })
      return dataSet
    },
    async setPreprocess(id: DataSetId, preprocess: PreprocessRecord): Promise<DataSet> {
      const { dataSet } = find(id)
      const changed: DataSet = { ...dataSet, ...factsOf(await open(id, preprocess)), preprocess }
      store.data.update(changed)
      return changed
    },
    async preview(id: DataSetId, first: number, count: number): Promise<z.infer<typeof sample>[]> {
      const opened = await open(id)
      const indices = Array.from({ length: Math.max(0, Math.min(count, opened.count - first)) }, (_, i) => first + i)
      if (indices.length === 0) return []
      const { name, shape } = opened.inputs[0]!
      const values = opened.read(indices)[name]!
      const width = values.length / indices.length
      return indices.map((index, row) => ({
        index,
        label: labelOf(opened, index),
        shape: [...shape],
        values: Array.from(values.subarray(row * width, row * width + Math.min(width, previewValues))),
      }))
    },
    remove(id: DataSetId) {
      const { tree } = find(id)
      store.data.remove(id)
      const shared = store.data.list().some((other) => other.tree === tree)
      return shared ? undefined : store.trees.remove(tree)
    },
  }
}

function labelOf({ labels, classNames }: Dataset, index: number): string | null {
  const label = labels?.[index]
  return label === undefined ? null : (classNames?.[label] ?? String(label))
}

function factsOf(
  opened: Dataset,
): Pick<DataSet, 'format' | 'count' | 'inputs' | 'labelled' | 'classNames' | 'classCounts'> {
  return {
    format: opened.format,
    count: opened.count,
    inputs: opened.inputs.map((input) => ({ name: input.name, shape: [...input.shape], dtype: input.dtype })),
    labelled: opened.labels !== null || opened.targets !== null,
    classNames: opened.classNames ? [...opened.classNames] : null,
    classCounts: opened.labels ? countClasses(opened.labels) : null,
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
