import type { en } from '../en/index.ts'
import type { Translation } from '../message.ts'
import { activations } from './activations.ts'
import { analysis } from './analysis.ts'
import { changes } from './changes.ts'
import { charts } from './charts.ts'
import { commands } from './commands.ts'
import { common } from './common.ts'
import { compress } from './compress.ts'
import { data } from './data.ts'
import { deploy } from './deploy.ts'
import { device } from './device.ts'
import { devices } from './devices.ts'
import { glossary } from './glossary.ts'
import { graph } from './graph.ts'
import { job } from './job.ts'
import { jobs } from './jobs.ts'
import { library } from './library.ts'
import { model } from './model.ts'
import { notes } from './notes.ts'
import { overview } from './overview.ts'
import { packs } from './packs.ts'
import { project } from './project.ts'
import { projects } from './projects.ts'
import { report } from './report.ts'
import { run } from './run.ts'
import { runs } from './runs.ts'
import { settings } from './settings.ts'
import { sidebar } from './sidebar.ts'
import { ui } from './ui.ts'
import { weights } from './weights.ts'

export const zh: Translation<typeof en> = {
  activations,
  analysis,
  changes,
  charts,
  commands,
  common,
  compress,
  data,
  deploy,
  device,
  devices,
  glossary,
  graph,
  job,
  jobs,
  library,
  model,
  notes,
  overview,
  packs,
  project,
  projects,
  report,
  run,
  settings,
  runs,
  sidebar,
  ui,
  weights,
}
