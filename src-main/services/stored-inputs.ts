// Models and data sets of the workspace by their id, as the work on their files takes them.
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import type { DataSetId, ModelId } from '../contract/ids.ts'
import type { StoredDataSet, StoredModel } from '../store/library.ts'
import type { Store } from '../store/store.ts'
import type { DataInput, ModelInput } from './run/run-input.ts'

export function storedModel(store: Pick<Store, 'models'>, id: ModelId): StoredModel {
  const found = store.models.get(id)
  if (!found) throw new AppError('store.notFound', { kind: say`model`, id, plural: 'models' })
  return found
}

export function storedData(store: Pick<Store, 'data'>, id: DataSetId): StoredDataSet {
  const found = store.data.get(id)
  if (!found) throw new AppError('store.notFound', { kind: say`data set`, id, plural: 'data' })
  return found
}

export function modelOf(store: Pick<Store, 'models' | 'trees'>, id: ModelId): ModelInput & { readonly sha256: string } {
  const { model, tree, file } = storedModel(store, id)
  return { path: join(store.trees.dir(tree), file), name: model.name, sha256: model.sha256 }
}

/** @param limit samples to use; all when null */
export function dataOf(
  store: Pick<Store, 'data' | 'trees'>,
  id: DataSetId,
  limit: number | null = null,
): DataInput & { readonly sha256: string } {
  const { dataSet, tree, file } = storedData(store, id)
  const { name, preprocess, sha256 } = dataSet
  return { path: join(store.trees.dir(tree), file), name, preprocess, limit, sha256 }
}
