// The application without a host: a store, jobs, services and the router over them, made from a choice of ports.
import { type Clock, systemClock } from './base/clock.ts'
import { createBackground } from './jobs/background.ts'
import { createJobs } from './jobs/jobs.ts'
import type { ServiceContext } from './services/context.ts'
import type { DesktopPort } from './services/desktop.ts'
import { createRouter, type Router } from './services/router.ts'
import { createServices, type Services } from './services/services.ts'
import { openStore } from './store/store.ts'

export interface AppPorts {
  /** Folder of the workspace; made when missing. */
  readonly workspace: string
  readonly host: ServiceContext['host']
  /** Entry of the job worker. */
  readonly workerUrl: URL
  readonly version: string
  readonly desktop?: DesktopPort
  readonly clock?: Clock
  /** Where bugs are reported; stderr by default. */
  readonly reportBug?: (error: unknown) => void
}

export interface App extends AsyncDisposable {
  readonly router: Router
  readonly services: Services
  readonly workspace: string
}

export async function createApp(ports: AppPorts): Promise<App> {
  const { clock = systemClock, workspace, workerUrl, host, version } = ports
  const store = openStore(workspace)
  const jobs = createJobs({ store, clock, workerUrl })
  const background = createBackground(workerUrl)
  const context: ServiceContext = {
    store,
    jobs,
    clock,
    host,
    version,
    pathsAllowed: host !== 'web',
    desktop: ports.desktop ?? null,
    background: host === 'cli' ? null : (task, progress) => background.run(task, progress),
  }
  const services = createServices(context)
  return {
    services,
    workspace,
    router: createRouter(services, ports.reportBug ?? ((error) => console.error(error))),
    async [Symbol.asyncDispose]() {
      await background[Symbol.asyncDispose]()
      await jobs[Symbol.asyncDispose]()
      await services.uploads[Symbol.asyncDispose]()
      store.close()
    },
  }
}
