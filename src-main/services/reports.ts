import { AppError } from '../base/errors.ts'
import type { ProjectId, RunId } from '../contract/ids.ts'
import type { ReportFormat } from '../contract/reports.ts'
import { renderReport } from '../reports/render.ts'
import { isoNow, type ServiceContext } from './context.ts'
import type { projectsService } from './projects.ts'
import type { runsService } from './runs.ts'

export function reportsService(
  context: ServiceContext,
  projects: ReturnType<typeof projectsService>,
  runs: ReturnType<typeof runsService>,
) {
  return {
    render({ runs: ids, project, format }: { runs?: RunId[]; project?: ProjectId; format: ReportFormat }) {
      const chosen = ids ?? (project ? runs.list(project).map((run) => run.id) : [])
      if (chosen.length === 0) throw new AppError('usage.invalid', { problem: 'There is no run to report on.' })
      const reports = chosen.map((id) => runs.get(id))
      const title = project ? projects.get(project).name : reports.map((run) => run.model.name).join(', ')
      const producer = `Shoehorn ${context.version}`
      return renderReport({ title, generatedAt: isoNow(context.clock), producer, runs: reports }, format)
    },
  }
}
