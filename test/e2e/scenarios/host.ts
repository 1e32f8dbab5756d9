// Where the scenarios run: the web host in Chromium, the built desktop application on the double of Electron's API, and on
// Electron itself where its binary is.
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { _electron, type Browser, type Page } from 'playwright-core'
import { hasChromium, openBrowser, type ServedWorkspace, serveWorkspace } from '../../support/browser.ts'
import { repository } from '../../support/cli.ts'
import { isBuilt, openDouble } from '../../support/electron.ts'

export interface OpenHost extends AsyncDisposable {
  readonly page: Page
  /** What page and host complained of so far. */
  complaints(): readonly string[]
}

export interface Host {
  readonly name: string
  /** Why it cannot run here; null when it can. */
  readonly missing: string | null
  /** @param folder of the workspace and of everything else that the host keeps */
  open(folder: string): Promise<OpenHost>
}

export const webHost: Host = {
  name: 'shoehorn serve in Chromium',
  missing: hasChromium ? null : 'there is no Chromium',
  async open(folder) {
    const served: ServedWorkspace = await serveWorkspace(join(folder, 'workspace'))
    const browser: Browser = await openBrowser()
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    const complaints = listen(page)
    await page.goto(served.url)
    return {
      page,
      complaints: () => complaints,
      async [Symbol.asyncDispose]() {
        await browser.close()
        await served[Symbol.asyncDispose]()
      },
    }
  },
}

export const doubleHost: Host = {
  name: 'the desktop application on the double',
  missing: !hasChromium ? 'there is no Chromium' : isBuilt ? null : 'it is not built ("npm run build")',
  async open(folder) {
    mkdirSync(join(folder, 'user'), { recursive: true })
    const desktop = await openDouble({ workspace: join(folder, 'workspace'), userData: join(folder, 'user') })
    const complaints = listen(desktop.page)
    await desktop.page.setViewportSize({ width: 1440, height: 900 })
    return {
      page: desktop.page,
      complaints: () => [...complaints, ...desktop.errors.map(({ title, content }) => `${title}: ${content}`)],
      [Symbol.asyncDispose]: () => desktop[Symbol.asyncDispose](),
    }
  },
}

const electronNames = { linux: 'electron', win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }
const electronName =
  Object.entries(electronNames).find(([platform]) => platform === process.platform)?.[1] ?? 'electron'
const electronPath = join(repository, 'node_modules/electron/dist', electronName)

export const electronHost: Host = {
  name: 'the desktop application on Electron',
  missing: !existsSync(electronPath)
    ? 'there is no Electron binary under node_modules/electron/dist'
    : isBuilt
      ? null
      : 'it is not built ("npm run build")',
  async open(folder) {
    const user = join(folder, 'user')
    mkdirSync(user, { recursive: true })
    const env = { ...process.env, SHOEHORN_WORKSPACE: join(folder, 'workspace') }
    const args = [`--user-data-dir=${user}`, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), repository]
    const application = await _electron.launch({ executablePath: electronPath, args, env })
    const page = await application.firstWindow()
    const complaints = listen(page)
    return { page, complaints: () => complaints, [Symbol.asyncDispose]: () => application.close() }
  },
}

function listen(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  return complaints
}
