import { BrowserWindow, type WebContents, type WindowOpenHandlerResponse } from 'electron'
import type { Bounds } from './desktop-state.ts'
import { pageOrigin, pageUrl } from './page.ts'

export function openWindow(
  preload: string,
  name: string,
  { bounds, maximized }: { readonly bounds: Bounds | null; readonly maximized: boolean },
): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    ...bounds,
    minWidth: 1024,
    minHeight: 700,
    show: false,
    title: `${name} – Shoehorn`,
    webPreferences: {
      ...{ preload, contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false },
      // Its dictionaries would be fetched from the network.
      spellcheck: false,
    },
  })
  // Several windows are told apart by their workspaces; what the page calls itself tells of the work under way.
  window.on('page-title-updated', (event, pageTitle) => {
    event.preventDefault()
    window.setTitle(`${name} – ${pageTitle}`)
  })
  if (maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  void window.loadURL(pageUrl())
  return window
}

/** The page stays where it is; the only window it may open shows a report it made itself. */
export function lockNavigation(contents: WebContents): void {
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => reportWindow(url))
}

function reportWindow(url: string): WindowOpenHandlerResponse {
  if (!url.startsWith(`blob:${pageOrigin()}/`)) return { action: 'deny' }
  return {
    action: 'allow',
    // A report needs no script; without one, nothing in it can reach anything.
    overrideBrowserWindowOptions: {
      width: 1100,
      height: 900,
      title: 'Report',
      webPreferences: {
        ...{ javascript: false, contextIsolation: true, sandbox: true, nodeIntegration: false, spellcheck: false },
      },
    },
  }
}
