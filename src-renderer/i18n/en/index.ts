// One file a screen; `common` is what several show.
import { charts } from './charts.ts'
import { commands } from './commands.ts'
import { common } from './common.ts'
import { devices } from './devices.ts'
import { notes } from './notes.ts'
import { project } from './project.ts'
import { report } from './report.ts'
import { sidebar } from './sidebar.ts'
import { ui } from './ui.ts'

export const en = { charts, commands, common, devices, notes, project, report, sidebar, ui } as const
