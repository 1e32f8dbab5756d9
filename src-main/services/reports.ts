import { AppError } from '../base/errors.ts'
import type { ProjectId, RunId } from '../contract/ids.ts'
import type { ReportFormat, ReportSection } from '../contract/reports.ts'
import { renderReport } from '../reports/render.ts'
import { isoNow, type ServiceContext } from './context.ts'
import type { projectsService } from './projects.ts'
import type { runsService } from './runs.ts'
import { verificationService } from './verification.ts'

export interface ReportRequest {
  readonly runs?: readonly RunId[]
  readonly project?: ProjectId
  readonly format: ReportFormat
  readonly sections?: readonly ReportSection[]
}

export function reportsService(
  context: ServiceContext,
  projects: ReturnType<typeof projectsService>,
  runs: ReturnType<typeof runsService>,
) {
  return {
    render({ runs: ids, project, format, sections }: ReportRequest) {
      const chosen = ids ?? (project ? runs.list(project).map((run) => run.id) : [])
      if (chosen.length === 0) throw new AppError('usage.invalid', { problem: 'There is no run to report on.' })
      const reports = chosen.map((id) => runs.get(id))
      const title = project ? projects.get(project).name : reports.map((run) => run.model.name).join(', ')
      const producer = `Shoehorn ${context.version}`
      const data = { title, generatedAt: isoNow(context.clock), producer, ...(sections && { sections }), runs: reports }
      const { fileName, mediaType, content } = renderReport(data, format)
      return { fileName, mediaType, data: new Blob([content], { type: mediaType }) }
    },
    verification: verificationService(context, runs),
  }
}
