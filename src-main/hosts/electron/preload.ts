// Runs in the sandbox before the page. It answers the page's one message with a transferred port and exposes nothing.
import { ipcRenderer } from 'electron'
import { connectChannel, portChannel } from './channels.ts'

// The page's globals, of which this file needs three; the main process is not compiled against the DOM.
interface PageWindow {
  readonly origin: string
  addEventListener(type: 'message', listen: (event: { source: unknown; data: unknown }) => void): void
  postMessage(message: string, targetOrigin: string, transfer: readonly unknown[]): void
}
declare const window: PageWindow

window.addEventListener('message', (event) => {
  if (event.source === window && event.data === connectChannel) ipcRenderer.send(connectChannel)
})

ipcRenderer.on(portChannel, (event) => {
  window.postMessage(portChannel, window.origin, event.ports)
})
