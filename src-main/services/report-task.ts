// Writing a report of many runs takes seconds: hosts that others wait for do it in a worker, which reads the runs itself.
import type { RunId } from '../contract/ids.ts'
import type { RunReport } from '../contract/report.ts'
import type { ReportFormat, ReportLanguage, ReportSection } from '../contract/reports.ts'
import { type ReportDocument, renderReport } from '../reports/render.ts'
import { openStore, type Store } from '../store/store.ts'
import { storedRun } from './stored-run.ts'

export interface ReportOrder {
  readonly runs: readonly RunId[]
  /** null: after the runs. */
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
  const title = order.title ?? titleOf(runs)
  return renderReport(
    { title, generatedAt, producer, ...(sections && { sections }), ...(language && { language }), runs },
    format,
  )
}

/** One run by its model and recipe; several by the project that they share, else by their models. */
function titleOf(runs: readonly RunReport[]): string {
  const [first] = runs
  if (first && runs.length === 1) return `${first.model.name}, ${first.recipe.name}`
  const projects = new Set(runs.map(({ project }) => project?.id ?? null))
  if (first?.project && projects.size === 1) return first.project.name
  return [...new Set(runs.map((run) => run.model.name))].join(', ')
}

export function executeReport({ workspace, ...order }: ReportTask): ReportDocument {
  const store = openStore(workspace)
  try {
    return writeReport(store, order)
  } finally {
    store.close()
  }
}
