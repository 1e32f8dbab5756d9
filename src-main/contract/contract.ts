// The whole interface between the hosts and everything that shows or drives Shoehorn: the renderer, the command line, tests.
import type { ContractRouterClient } from '@orpc/contract'
import { activationsContract } from './activations.ts'
import { analysisContract } from './analysis.ts'
import { dataContract } from './data-set.ts'
import { dataViewContract } from './data-view.ts'
import { desktopContract } from './desktop.ts'
import { devicesContract } from './device.ts'
import { deviceBenchContract } from './device-bench.ts'
import { encodingContract } from './encoding.ts'
import { exportContract } from './export.ts'
import { jobsContract } from './job.ts'
import { kernelsContract } from './kernels.ts'
import { modelsContract } from './model.ts'
import { modelGraphContract } from './model-graph.ts'
import { packsContract } from './pack.ts'
import { projectsContract } from './project.ts'
import { recipesContract } from './recipe.ts'
import { reportsContract } from './reports.ts'
import { runsContract } from './run.ts'
import { systemContract } from './system.ts'
import { uploadsContract } from './upload.ts'

export const contract = {
  projects: projectsContract,
  models: { ...modelsContract, ...modelGraphContract },
  analysis: analysisContract,
  activations: activationsContract,
  data: { ...dataContract, ...dataViewContract },
  recipes: recipesContract,
  runs: runsContract,
  jobs: jobsContract,
  devices: { ...devicesContract, ...deviceBenchContract },
  desktop: desktopContract,
  kernels: kernelsContract,
  reports: reportsContract,
  export: exportContract,
  packs: packsContract,
  encoding: encodingContract,
  uploads: uploadsContract,
  system: systemContract,
}

export type Api = ContractRouterClient<typeof contract>
