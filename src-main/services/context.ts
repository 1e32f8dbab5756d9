// What every service is given. Hosts choose the ports; nothing in services reaches for globals.
import type { Clock } from '../base/clock.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Store } from '../store/store.ts'
import type { DesktopPort } from './desktop.ts'
import type { Background } from './model-task.ts'

export interface ServiceContext {
  readonly store: Store
  readonly jobs: Jobs
  readonly clock: Clock
  readonly host: 'electron' | 'web' | 'cli'
  readonly version: string
  /** Whether a client may name files on this machine: the command line and Electron may, a browser may not. */
  readonly pathsAllowed: boolean
  /** Menus and windows, in the desktop application. */
  readonly desktop: DesktopPort | null
  /** Long work off the host's one thread; null: the host does it itself. */
  readonly background: Background | null
}

export const isoNow = (clock: Clock) => new Date(clock.nowMs()).toISOString()
