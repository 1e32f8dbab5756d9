import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import type { ProjectId, RunId } from '../contract/ids.ts'
import type { ReportFormat, ReportLanguage, ReportSection } from '../contract/reports.ts'
import type { ReportDocument } from '../reports/render.ts'
import { isoNow, type ServiceContext } from './context.ts'
import type { projectsService } from './projects.ts'
import type { ReportOrder } from './report-task.ts'
import type { runsService } from './runs.ts'
import { verificationService } from './verification.ts'

export interface ReportRequest {
  readonly runs?: readonly RunId[]
  readonly project?: ProjectId
  readonly format: ReportFormat
  readonly sections?: readonly ReportSection[]
  readonly language?: ReportLanguage
}

/** A document of so many runs is written in some milliseconds. */
const fewRuns: Readonly<Record<ReportFormat, number>> = { html: 10, pdf: 2, md: 50, csv: 50, json: 50 }

export function reportsService(
  context: ServiceContext,
  projects: ReturnType<typeof projectsService>,
  runs: ReturnType<typeof runsService>,
) {
  const { store, background } = context
  async function write(order: ReportOrder): Promise<ReportDocument> {
    if (!background || order.runs.length <= fewRuns[order.format])
      return (await import('./report-task.ts')).writeReport(store, order)
    const task = { task: 'report', workspace: store.workspace, ...order } as const
    return (await background(task, () => undefined)) as ReportDocument
  }

  return {
    async render({ runs: ids, project, format, sections, language }: ReportRequest) {
      const chosen = ids ?? (project ? store.runs.ids(project) : [])
      if (chosen.length === 0) throw new AppError('usage.invalid', { problem: say`There is no run to report on.` })
      const { fileName, mediaType, content } = await write({
        runs: chosen,
        title: project ? projects.get(project).name : null,
        producer: `Shoehorn ${context.version}`,
        generatedAt: isoNow(context.clock),
        format,
        sections,
        language,
      })
      return { fileName, mediaType, data: new Blob([content], { type: mediaType }) }
    },
    verification: verificationService(context, runs),
  }
}
