// The desktop host: one window on the built interface, the contract over a MessagePort, nothing else exposed to the page.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { RPCHandler } from '@orpc/server/message-port'
import { app, BrowserWindow, dialog, ipcMain, MessageChannelMain, session } from 'electron'
import { createApp } from '../../app.ts'
import { toErrorInfo } from '../../contract/error.ts'
import { version } from '../cli/version.ts'
import { connectChannel, portChannel } from './channels.ts'
import { pageOrigin, registerPageScheme, servePage } from './page.ts'
import { lockNavigation, openWindow } from './window.ts'
import { workspaceFolder } from './workspace.ts'

registerPageScheme()
if (app.requestSingleInstanceLock()) void start()
else app.quit()

async function start() {
  await app.whenReady()
  try {
    await run()
  } catch (error) {
    const { message, next } = toErrorInfo(error)
    dialog.showErrorBox('Shoehorn cannot start', `${message}\n\n${next}`)
    app.exit(1)
  }
}

async function run() {
  // The bundler puts the worker's entry beside this one.
  const workerUrl = pathToFileURL(join(import.meta.dirname, 'worker.js'))
  const shoehorn = await createApp({ workspace: workspaceFolder(), host: 'electron', workerUrl, version })
  const handler = new RPCHandler(shoehorn.router)
  servePage(join(import.meta.dirname, '../renderer'))
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false))
  app.on('web-contents-created', (_event, contents) => lockNavigation(contents))

  let window = openWindow(join(import.meta.dirname, '../preload/preload.cjs'))
  ipcMain.on(connectChannel, (event) => {
    const frame = event.senderFrame
    // Only the top frame of our own page gets a port: not a report window, not an embedded frame.
    if (!frame || frame !== window.webContents.mainFrame || new URL(frame.url).origin !== pageOrigin()) return
    const { port1, port2 } = new MessageChannelMain()
    handler.upgrade(port1, { context: {} })
    port1.start()
    frame.postMessage(portChannel, null, [port2])
  })
  app.on('second-instance', () => window.show())
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) {
      window = openWindow(join(import.meta.dirname, '../preload/preload.cjs'))
    }
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  let closed = false
  app.on('before-quit', (event) => {
    if (closed) return
    // Jobs and the store end in order before the process does.
    event.preventDefault()
    closed = true
    void Promise.resolve(shoehorn[Symbol.asyncDispose]()).finally(() => app.quit())
  })
}
