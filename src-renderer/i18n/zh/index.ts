import type { en } from '../en/index.ts'
import type { Translation } from '../message.ts'
import { common } from './common.ts'
import { devices } from './devices.ts'
import { sidebar } from './sidebar.ts'

export const zh: Translation<typeof en> = { common, devices, sidebar }
