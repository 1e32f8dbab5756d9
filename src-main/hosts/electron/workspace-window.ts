// One workspace in one window: its application, its page, and the port between them.
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { RPCHandler } from '@orpc/server/message-port'
import { type BrowserWindow, type IpcMainEvent, MessageChannelMain } from 'electron'
import { type App, createApp } from '../../app.ts'
import { textOf } from '../../base/note.ts'
import type { CommandId } from '../../contract/commands.ts'
import type { DesktopEvent, MenuTitles } from '../../contract/desktop.ts'
import { clearUploads } from '../../services/uploads.ts'
import { version } from '../cli/version.ts'
import { portChannel } from './channels.ts'
import type { Bounds } from './desktop-state.ts'
import { EventQueue } from './event-queue.ts'
import { isPage } from './page.ts'
import { openWindow } from './window.ts'

/** What a window asks of the desktop around it. */
export interface Desktop {
  recentWorkspaces(): string[]
  openWorkspace(path: string | null): Promise<boolean>
  titlesChanged(window: WorkspaceWindow): void
  availableChanged(window: WorkspaceWindow): void
}

export interface WorkspaceWindow extends AsyncDisposable {
  readonly workspace: string
  readonly window: BrowserWindow
  /** As the page gave them last. */
  readonly titles: MenuTitles | null
  /** What the page can do now. */
  readonly available: ReadonlySet<CommandId>
  /** Titles of the jobs that closing would cancel. */
  underWay(): string[]
  tell(event: DesktopEvent): void
  /** Gives the page a port, when the message is from this window's own page. */
  connect(event: IpcMainEvent): void
}

export async function openWorkspaceWindow(
  workspace: string,
  place: { readonly bounds: Bounds | null; readonly maximized: boolean },
  desktop: Desktop,
): Promise<WorkspaceWindow> {
  const events = new EventQueue<DesktopEvent>()
  let titles: MenuTitles | null = null
  let available: ReadonlySet<CommandId> = new Set()
  let ended: Promise<void> | null = null
  const app: App = await createApp({
    workspace,
    host: 'electron',
    // The bundler puts the worker's entry beside this one.
    workerUrl: pathToFileURL(join(import.meta.dirname, 'worker.js')),
    version,
    desktop: {
      recentWorkspaces: desktop.recentWorkspaces,
      openWorkspace: desktop.openWorkspace,
      events: (signal) => events.listen(signal),
      setMenu: (given) => {
        titles = given
        desktop.titlesChanged(self)
      },
      setAvailable: (given) => {
        available = new Set(given)
        desktop.availableChanged(self)
      },
    },
  })
  await clearUploads(join(app.workspace, 'uploads'))
  const handler = new RPCHandler(app.router)
  const window = openWindow(join(import.meta.dirname, '../preload/preload.cjs'), basename(workspace), place)
  const self: WorkspaceWindow = {
    workspace: app.workspace,
    window,
    get titles() {
      return titles
    },
    get available() {
      return available
    },
    underWay: () => app.services.jobs.underWay().map(({ title }) => textOf(title)),
    tell: (event) => events.push(event),
    connect({ senderFrame: frame }) {
      // Only the top frame of our own page gets a port: not a report window, not an embedded frame.
      if (!frame || frame !== window.webContents.mainFrame || !isPage(frame.url)) return
      const { port1, port2 } = new MessageChannelMain()
      handler.upgrade(port1, { context: {} })
      port1.start()
      frame.postMessage(portChannel, null, [port2])
    },
    // Closing the window and quitting both end it.
    [Symbol.asyncDispose]: () => (ended ??= Promise.resolve(app[Symbol.asyncDispose]())),
  }
  return self
}
