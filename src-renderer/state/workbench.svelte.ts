// Everything that outlives a screen, and the factories of the screens' own state.
import { createContext } from 'svelte'
import type { DataSet } from '../../src-main/contract/data-set.ts'
import type { DataSetId, ModelId, ProjectId } from '../../src-main/contract/ids.ts'
import type { RunReport } from '../../src-main/contract/report.ts'
import type { RunSummary } from '../../src-main/contract/run.ts'
import type { Connection } from '../api/connection.svelte.ts'
import { ActivationsPanel, type ActivationsTarget } from './activations-panel.svelte.ts'
import { Catalogue } from './catalogue.svelte.ts'
import { Commands } from './commands.svelte.ts'
import { Comparing } from './comparing.ts'
import { DataPage } from './data-page.svelte.ts'
import { Desktop } from './desktop.svelte.ts'
import { DevicesPage } from './devices-page.svelte.ts'
import { DivergencePanel } from './divergence-panel.svelte.ts'
import { Inbox } from './inbox.svelte.ts'
import { JobBoard } from './job-board.svelte.ts'
import { JobsPage } from './jobs-page.svelte.ts'
import { LibraryPage } from './library-page.svelte.ts'
import { ModelPage } from './model-page.svelte.ts'
import { PackPage } from './pack-page.svelte.ts'
import { Packs } from './packs.svelte.ts'
import { ProjectPage } from './project-page.svelte.ts'
import { Projects } from './projects.svelte.ts'
import { RecipeBook } from './recipe-book.svelte.ts'
import { ReportExport } from './report-export.svelte.ts'
import { ReportPage } from './report-page.svelte.ts'
import { Router } from './router.svelte.ts'
import { RunPage } from './run-page.svelte.ts'
import type { RunRows } from './run-rows.svelte.ts'
import { RunsTable } from './runs-table.svelte.ts'
import { SensitivityPanel, type SensitivityTarget } from './sensitivity-panel.svelte.ts'
import { SettingsPage } from './settings-page.svelte.ts'
import { Verifier } from './verifier.svelte.ts'
import { WeightsPage } from './weights-page.svelte.ts'

export interface Workbench {
  readonly connection: Connection
  readonly router: Router
  readonly catalogue: Catalogue
  readonly projects: Projects
  readonly commands: Commands
  readonly desktop: Desktop
  /** Outlives its screen, so that an upload goes on when another screen is looked at. */
  readonly weights: WeightsPage
  readonly packs: Packs
  readonly jobBoard: JobBoard
  readonly inbox: Inbox
  readonly comparing: Comparing
  projectPage(id: string, about?: RunReport): ProjectPage
  packPage(id: string): PackPage
  jobsPage(): JobsPage
  libraryPage(): LibraryPage
  runsTable(runs: RunRows): RunsTable
  runPage(id: string): RunPage
  modelPage(id: string, project: string): ModelPage
  activationsPanel(target: ActivationsTarget): ActivationsPanel
  recipeBook(project: ProjectId, runs: () => readonly RunSummary[]): RecipeBook
  sensitivityPanel(target: SensitivityTarget): SensitivityPanel
  divergencePanel(model: ModelId, data: DataSetId | null): DivergencePanel
  dataPage(id: DataSetId, set: () => DataSet | null): DataPage
  devicesPage(): DevicesPage
  settingsPage(): SettingsPage
  reportExport(): ReportExport
  reportPage(project: string): ReportPage
  verifier(): Verifier
}

export function createWorkbench(connection: Connection): Workbench {
  const { api } = connection
  const catalogue = new Catalogue(api)
  const projects = new Projects(api)
  const router = new Router()
  const commands = new Commands()
  const weights = new WeightsPage(api)
  const packs = new Packs(api)
  const jobBoard = new JobBoard(api)
  return {
    connection,
    router,
    commands,
    desktop: new Desktop(api, commands),
    catalogue,
    projects,
    weights,
    packs,
    jobBoard,
    comparing: new Comparing(),
    inbox: new Inbox({ projects, packs, weights, router }),
    projectPage: (id, about) => new ProjectPage(api, projects, id, about),
    packPage: (id) => new PackPage(api, id),
    jobsPage: () => new JobsPage(api, jobBoard),
    libraryPage: () => new LibraryPage(api, catalogue, projects),
    runsTable: (runs) => new RunsTable(api, runs),
    runPage: (id) => new RunPage(api, id),
    modelPage: (id, project) => new ModelPage(api, id, project),
    activationsPanel: (target) => new ActivationsPanel(api, target),
    recipeBook: (project, runs) => new RecipeBook(api, catalogue, project, runs),
    sensitivityPanel: (target) => new SensitivityPanel(api, target),
    divergencePanel: (model, data) => new DivergencePanel(api, model, data),
    settingsPage: () => new SettingsPage(api),
    dataPage: (id, set) => new DataPage(api, id, set),
    devicesPage: () => new DevicesPage(api, catalogue.devices),
    reportExport: () => new ReportExport(api),
    reportPage: (project) => new ReportPage(api, project),
    verifier: () => new Verifier(api),
  }
}

export const [getWorkbench, setWorkbench] = createContext<Workbench>()
