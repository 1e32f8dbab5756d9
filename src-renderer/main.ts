import { mount } from 'svelte'
import './app.css'
import App from './App.svelte'
import { Connection } from './api/connection.svelte.ts'
import { portOpener, socketOpener } from './api/openers.ts'
import { takeToken } from './api/token.ts'
import { restoreLanguage } from './i18n/remembered.ts'
import { createWorkbench } from './state/workbench.svelte.ts'

const tokenKey = 'shoehorn.token'

function openConnection(): Connection {
  if (navigator.userAgent.includes('Electron/')) return new Connection(portOpener(window))
  const { token, cleaned } = takeToken(location.href)
  if (token) {
    sessionStorage.setItem(tokenKey, token)
    history.replaceState(null, '', cleaned)
  }
  return new Connection(socketOpener(new URL(location.href), token ?? sessionStorage.getItem(tokenKey) ?? ''))
}

const connection = openConnection()
void connection.run()
await restoreLanguage()
const workbench = createWorkbench(connection)
mount(App, { target: document.getElementById('app')!, props: { workbench } })
