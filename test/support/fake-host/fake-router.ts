// An in-memory host behind the real contract, for tests of the interface: it keeps what it is given and plays back one
// invented run. It measures nothing.
import { implement } from '@orpc/server'
import { contract } from '../../../src-main/contract/contract.ts'
import { type FakeOptions, FakeState } from './fake-state.ts'
import { fakeActivations } from './routes/activations.ts'
import { fakeAnalysis } from './routes/analysis.ts'
import { fakeData } from './routes/data.ts'
import { fakeDesktop } from './routes/desktop.ts'
import { fakeDevices } from './routes/devices.ts'
import { fakeEncoding } from './routes/encoding.ts'
import { fakeExport } from './routes/export.ts'
import { fakeJobs } from './routes/jobs.ts'
import { fakeKernels } from './routes/kernels.ts'
import { fakeModels } from './routes/models.ts'
import { fakePacks } from './routes/packs.ts'
import { fakeProjects } from './routes/projects.ts'
import { fakeRecipes } from './routes/recipes.ts'
import { fakeReports } from './routes/reports.ts'
import { fakeRuns } from './routes/runs.ts'
import { fakeSystem } from './routes/system.ts'
import { fakeUploads } from './routes/uploads.ts'

export function createFakeRouter(options: FakeOptions) {
  const os = implement(contract)
  const fake = new FakeState(options)
  const router = os.router({
    export: fakeExport(os),
    encoding: fakeEncoding(os),
    packs: fakePacks(os),
    projects: fakeProjects(os, fake),
    desktop: fakeDesktop(os),
    models: fakeModels(os, fake),
    activations: fakeActivations(os, fake),
    analysis: fakeAnalysis(os, fake),
    data: fakeData(os, fake),
    recipes: fakeRecipes(os, fake),
    runs: fakeRuns(os, fake),
    jobs: fakeJobs(os, fake),
    devices: fakeDevices(os, fake),
    kernels: fakeKernels(os, fake),
    reports: fakeReports(os, fake),
    uploads: fakeUploads(os, fake),
    system: fakeSystem(os),
  })
  return { router, fake }
}
