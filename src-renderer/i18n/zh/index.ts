import type { en } from '../en/index.ts'
import type { Translation } from '../message.ts'
import { charts } from './charts.ts'
import { common } from './common.ts'
import { devices } from './devices.ts'
import { notes } from './notes.ts'
import { sidebar } from './sidebar.ts'
import { ui } from './ui.ts'

export const zh: Translation<typeof en> = { charts, common, devices, notes, sidebar, ui }
