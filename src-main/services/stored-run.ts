import { AppError } from '../base/errors.ts'
import type { RunId } from '../contract/ids.ts'
import type { RunReport } from '../contract/report.ts'
import type { Store } from '../store/store.ts'

export function storedRun(store: Pick<Store, 'runs'>, id: RunId): RunReport {
  const report = store.runs.get(id)
  if (!report) throw new AppError('store.notFound', { kind: 'run', id, plural: 'report --help' })
  return report
}
