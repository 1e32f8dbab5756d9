import { activationsService } from './activations.ts'
import { analysisService } from './analysis.ts'
import type { ServiceContext } from './context.ts'
import { dataService } from './data.ts'
import { dataViewsService } from './data-views.ts'
import { desktopService } from './desktop.ts'
import { consoleService } from './device-console.ts'
import { deviceDetailsService } from './device-details.ts'
import { devicesService } from './devices.ts'
import { encodingService } from './encoding-jobs.ts'
import { exportService } from './export.ts'
import { graphExportService } from './graph-export.ts'
import { kernelsService } from './kernels.ts'
import { ModelDescriptions } from './model-descriptions.ts'
import { modelDumpService } from './model-dump.ts'
import { modelViewsService } from './model-views.ts'
import { modelsService } from './models.ts'
import { packBenchService } from './pack-bench.ts'
import { packsService } from './packs.ts'
import { projectArchiveService } from './project-archive.ts'
import { projectsService } from './projects.ts'
import { recipeEstimates } from './recipe-estimate.ts'
import { recipesService } from './recipes.ts'
import { reportsService } from './reports.ts'
import { runsService } from './runs.ts'
import { createUploads } from './uploads.ts'

export type Services = ReturnType<typeof createServices>

export function createServices(context: ServiceContext) {
  const uploads = createUploads(context.store.folders.uploads)
  const descriptions = new ModelDescriptions(context)
  const projects = projectsService(context)
  const runs = runsService(context)
  const exports = exportService(context)
  const reports = reportsService(context, projects, runs)
  return {
    uploads,
    projects,
    projectArchives: projectArchiveService(context, uploads, projects),
    estimates: recipeEstimates(context),
    runs,
    models: {
      ...modelsService(context, uploads, descriptions),
      ...modelViewsService(context, uploads, descriptions),
      ...modelDumpService(context, uploads),
    },
    analysis: analysisService(context),
    activations: activationsService(context),
    data: { ...dataService(context, uploads), ...dataViewsService(context) },
    devices: { ...devicesService(context), ...deviceDetailsService() },
    console: consoleService(context.clock),
    desktop: desktopService(context.desktop),
    kernels: kernelsService(context),
    recipes: recipesService(),
    reports,
    graphs: graphExportService(context, runs, reports.verification.inputOf),
    packs: packsService(context),
    packBench: packBenchService(context, uploads, exports),
    encoding: encodingService(context, uploads),
    export: exports,
    jobs: context.jobs,
    system: {
      info: () => ({ version: context.version, workspace: context.store.workspace, host: context.host }),
    },
  }
}
