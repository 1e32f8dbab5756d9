// What may go wrong with a window, and what its user is asked before work is lost. In the language that the page gave last.
import { type BrowserWindow, dialog } from 'electron'
import type { MenuTitles } from '../../contract/desktop.ts'
import type { WorkspaceWindow } from './workspace-window.ts'

/** Until a page has said its own. */
const english: MenuTitles['dialogs'] = {
  closing: {
    message: 'Work is under way.',
    detail: 'Closing cancels it. What is finished is kept.',
    close: 'Cancel the work and close',
    stay: 'Keep working',
  },
  crashed: {
    message: 'The page of this window has stopped working.',
    detail: 'Nothing that was stored is lost, and jobs go on.',
    reload: 'Load it again',
    close: 'Close the window',
  },
  hanging: {
    message: 'The page of this window does not answer.',
    detail: 'It may be busy. Jobs go on in either case.',
    wait: 'Wait',
    reload: 'Load it again',
  },
}

const textsOf = ({ titles }: WorkspaceWindow) => titles?.dialogs ?? english

/** @returns the place of the button that was pressed; the second when the dialog was closed */
async function ask(window: BrowserWindow, message: string, detail: string, buttons: [string, string]): Promise<number> {
  const { response } = await dialog.showMessageBox(window, {
    ...{ type: 'warning', message, detail, buttons },
    ...{ defaultId: 1, cancelId: 1, noLink: true },
  })
  return response
}

const closing = new WeakMap<WorkspaceWindow, Promise<boolean>>()

/** Whether the window may go: at once without work under way, else when its user says so, who is asked once at a time. */
export function mayClose(each: WorkspaceWindow): Promise<boolean> {
  const asked = closing.get(each) ?? askToClose(each).finally(() => closing.delete(each))
  closing.set(each, asked)
  return asked
}

async function askToClose(each: WorkspaceWindow): Promise<boolean> {
  const jobs = each.underWay()
  if (jobs.length === 0) return true
  const { message, detail, close, stay } = textsOf(each).closing
  return (await ask(each.window, message, `${jobs.join('\n')}\n\n${detail}`, [close, stay])) === 0
}

/** A page that has died or hangs is loaded again when its user wants it: store and jobs are not in the page. */
export function watchPage(each: WorkspaceWindow) {
  const { window } = each
  const contents = window.webContents
  let asking = false
  /** The page was ended here, to be loaded again. */
  let replacing = false
  const once = async (action: () => Promise<void>) => {
    if (asking || window.isDestroyed()) return
    asking = true
    await action().finally(() => {
      asking = false
    })
  }
  contents.on('render-process-gone', (_event, { reason }) => {
    if (replacing) {
      replacing = false
      contents.reload()
      return
    }
    if (reason === 'clean-exit') return
    void once(async () => {
      const { message, detail, reload, close } = textsOf(each).crashed
      // The second is what Enter and Escape press: a page loads again, a window without its jobs does not.
      const answer = await ask(window, message, `${detail} (${reason})`, [close, reload])
      if (window.isDestroyed()) return
      if (answer === 0) window.destroy()
      else contents.reload()
    })
  })
  window.on('unresponsive', () => {
    void once(async () => {
      const { message, detail, wait, reload } = textsOf(each).hanging
      // A hanging page takes no reload: its process has to go first, whose end is told later.
      if ((await ask(window, message, detail, [reload, wait])) === 0 && !window.isDestroyed()) {
        replacing = true
        contents.forcefullyCrashRenderer()
      }
    })
  })
}
