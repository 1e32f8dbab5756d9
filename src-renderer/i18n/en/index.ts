// One file a screen; `common` is what several show.
import { charts } from './charts.ts'
import { common } from './common.ts'
import { devices } from './devices.ts'
import { notes } from './notes.ts'
import { sidebar } from './sidebar.ts'
import { ui } from './ui.ts'

export const en = { charts, common, devices, notes, sidebar, ui } as const
