// One file a screen; `common` is what several show.
import { common } from './common.ts'
import { devices } from './devices.ts'
import { sidebar } from './sidebar.ts'

export const en = { common, devices, sidebar } as const
