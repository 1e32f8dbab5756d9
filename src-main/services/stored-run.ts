// Runs of the workspace by their id: what was recorded of one, and its pack.
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import type { RunId } from '../contract/ids.ts'
import type { RunReport } from '../contract/report.ts'
import type { Store } from '../store/store.ts'

export function storedRun(store: Pick<Store, 'runs'>, id: RunId): RunReport {
  return store.runs.get(id) ?? noRun(id)
}

/** @returns the path of the pack that it made */
export function runPack(store: Pick<Store, 'runs' | 'trees'>, id: RunId): string {
  return join(store.trees.dir(store.runs.packTree(id) ?? noRun(id)), 'model.shoe')
}

export function noRun(id: RunId): never {
  throw new AppError('store.notFound', { kind: say`run`, id, plural: 'report --help' })
}
