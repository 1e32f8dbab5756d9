// Writing a report of many runs takes seconds: hosts that others wait for do it in a worker, which reads the runs itself.
import type { RunId } from '../contract/ids.ts'
import type { ReportFormat, ReportLanguage, ReportSection } from '../contract/reports.ts'
import { type ReportDocument, renderReport } from '../reports/render.ts'
import { openStore, type Store } from '../store/store.ts'
import { storedRun } from './stored-run.ts'

export interface ReportOrder {
  readonly runs: readonly RunId[]
  /** null: the names of the models. */
  readonly title: string | null
  readonly format: ReportFormat
  readonly sections: readonly ReportSection[] | undefined
  readonly language: ReportLanguage | undefined
  readonly producer: string
  /** ISO 8601. */
  readonly generatedAt: string
}

export type ReportTask = ReportOrder & { readonly task: 'report'; readonly workspace: string }

export function writeReport(store: Pick<Store, 'runs'>, order: ReportOrder): ReportDocument {
  const { generatedAt, producer, sections, language, format } = order
  const runs = order.runs.map((id) => storedRun(store, id))
  const title = order.title ?? [...new Set(runs.map((run) => run.model.name))].join(', ')
  return renderReport(
    { title, generatedAt, producer, ...(sections && { sections }), ...(language && { language }), runs },
    format,
  )
}

export function executeReport({ workspace, ...order }: ReportTask): ReportDocument {
  const store = openStore(workspace)
  try {
    return writeReport(store, order)
  } finally {
    store.close()
  }
}
