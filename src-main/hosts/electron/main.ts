// The desktop host: a window for each workspace on the built interface, the contract over a MessagePort, nothing else exposed
// to the page.
import { existsSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { app, dialog, ipcMain, screen, session } from 'electron'
import { toErrorInfo } from '../../contract/error.ts'
import { connectChannel } from './channels.ts'
import { readDesktopState, visibleBounds, withWorkspace, writeDesktopState } from './desktop-state.ts'
import { setApplicationMenu, showAvailable } from './menu.ts'
import { openedFiles } from './opened-files.ts'
import { registerPageScheme, servePage } from './page.ts'
import { lockNavigation } from './window.ts'
import { mayClose, watchPage } from './window-care.ts'
import { workspaceFolder } from './workspace.ts'
import { type Desktop, openWorkspaceWindow, type WorkspaceWindow } from './workspace-window.ts'

const statePath = () => join(app.getPath('userData'), 'desktop.json')
const windows: WorkspaceWindow[] = []
/** Opened from the system before there was a window. */
const early: string[] = []

registerPageScheme()
app.on('open-file', (event, path) => {
  event.preventDefault()
  openFiles([path])
})
if (app.requestSingleInstanceLock()) void start()
else app.quit()

async function start() {
  await app.whenReady()
  try {
    await run()
  } catch (error) {
    showFailure('Shoehorn cannot start', error)
    app.exit(1)
  }
}

async function run() {
  servePage(join(import.meta.dirname, '../renderer'))
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false))
  session.defaultSession.setPermissionCheckHandler(() => false)
  app.on('web-contents-created', (_event, contents) => lockNavigation(contents))
  ipcMain.on(connectChannel, (event) => {
    for (const each of windows) each.connect(event)
  })
  app.on('second-instance', (_event, argv, folder) => {
    const front = (focused() ?? windows[0])?.window
    if (front?.isMinimized()) front.restore()
    front?.show()
    openFiles(openedFiles(argv, folder))
  })
  app.on('activate', () => {
    if (windows.length === 0) void open(workspaceFolder())
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  quitInOrder()
  await open(workspaceFolder())
  openFiles([...early.splice(0), ...openedFiles(process.argv, process.cwd())])
}

const focused = () => windows.find(({ window }) => window.isFocused())

const desktop: Desktop = {
  recentWorkspaces: () => readDesktopState(statePath()).recentWorkspaces.filter((path) => existsSync(path)),
  async openWorkspace(path) {
    const chosen = path ?? (await chooseFolder())
    if (chosen === null) return false
    await open(chosen)
    return true
  },
  titlesChanged: showMenu,
  availableChanged(window) {
    if ((focused() ?? window) === window) showAvailable(window.available)
  },
}

/** Shows the window of a workspace, made when there is none yet. */
async function open(path: string) {
  const workspace = canonical(path)
  const known = windows.find((each) => canonical(each.workspace) === workspace)
  if (known) {
    if (known.window.isMinimized()) known.window.restore()
    known.window.show()
    return
  }
  const opened = await openWorkspaceWindow(workspace, placeOfNext(), desktop)
  windows.push(opened)
  watchPage(opened)
  writeDesktopState(statePath(), withWorkspace(readDesktopState(statePath()), workspace))
  for (const each of windows) showMenu(each)
  opened.window.on('focus', () => showMenu(opened))
  opened.window.on('close', (event) => {
    rememberPlace(opened)
    if (opened.underWay().length === 0) return
    event.preventDefault()
    void closeWhenAgreed(opened)
  })
  opened.window.on('closed', () => {
    windows.splice(windows.indexOf(opened), 1)
    // The window is gone; jobs and the store of its workspace end in order.
    void opened[Symbol.asyncDispose]()
  })
}

/** The same folder by whatever way it is named; one that is not there yet is made later. */
function canonical(path: string): string {
  const absolute = resolve(path)
  return existsSync(absolute) ? realpathSync(absolute) : absolute
}

/** Where the last window was, beside those that are there. */
function placeOfNext() {
  const place = readDesktopState(statePath()).window
  const step = 32 * windows.length
  const wanted = place && { ...place.bounds, x: place.bounds.x + step, y: place.bounds.y + step }
  const screens = screen.getAllDisplays().map((display) => display.workArea)
  return { bounds: visibleBounds(wanted ?? undefined, screens), maximized: place?.maximized ?? false }
}

async function closeWhenAgreed(opened: WorkspaceWindow) {
  if (!(await mayClose(opened))) return
  // Its jobs and its store end in order first, so that nothing is under way when it closes.
  await opened[Symbol.asyncDispose]()
  if (!opened.window.isDestroyed()) opened.window.close()
}

function rememberPlace({ window }: WorkspaceWindow) {
  const place = { bounds: window.getNormalBounds(), maximized: window.isMaximized() }
  writeDesktopState(statePath(), { ...readDesktopState(statePath()), window: place })
}

/** One menu for the application: that of the window in front. */
function showMenu(window: WorkspaceWindow) {
  if (!window.titles || (focused() ?? window) !== window) return
  setApplicationMenu(window.titles, desktop.recentWorkspaces(), {
    run: (command) => (focused() ?? window).tell({ kind: 'command', command }),
    openWorkspace: (path) => {
      desktop.openWorkspace(path).catch((error: unknown) => showFailure('The workspace cannot be opened', error))
    },
  })
  showAvailable(window.available)
}

async function chooseFolder(): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog({ properties: ['openDirectory', 'createDirectory'] })
  return canceled ? null : (filePaths[0] ?? null)
}

function openFiles(paths: readonly string[]) {
  const target = focused() ?? windows[0]
  if (paths.length === 0) return
  if (target) target.tell({ kind: 'open', paths: [...paths] })
  else early.push(...paths)
}

function showFailure(title: string, error: unknown) {
  const { message, next } = toErrorInfo(error)
  dialog.showErrorBox(title, `${message}\n\n${next}`)
}

/** Jobs and stores end in order before the process does. */
function quitInOrder() {
  let closed = false
  let ending = false
  app.on('before-quit', (event) => {
    if (closed) return
    event.preventDefault()
    if (ending) return
    ending = true
    void endAll().then((agreed) => {
      closed = agreed
      ending = false
      if (agreed) app.quit()
    })
  })
}

/** @returns false when someone would rather keep working */
async function endAll(): Promise<boolean> {
  // Windows that close meanwhile leave the list.
  for (const each of [...windows]) if (windows.includes(each) && !(await mayClose(each))) return false
  for (const each of windows) rememberPlace(each)
  await Promise.allSettled(windows.map((each) => each[Symbol.asyncDispose]()))
  return true
}
