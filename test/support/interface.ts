// The interface as built, in real Chromium, over a host in memory.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { build } from 'vite'
import { chromiumPath, hasChromium, openBrowser } from './browser.ts'
import { startFakeHost } from './fake-host/fake-host.ts'

export const hasBrowser = hasChromium
if (!hasBrowser) console.warn(`skipped: no Chromium at ${chromiumPath}; set CHROMIUM to its path`)

const token = 'secret'

/** A fresh build, so that no test sees an older page, and one browser for all tests of a file. */
export async function openInterface() {
  const assets = await mkdtemp(join(tmpdir(), 'shoehorn-interface-'))
  const configFile = join(import.meta.dirname, '../../src-renderer/vite.config.ts')
  await build({ configFile, logLevel: 'error', build: { outDir: assets, emptyOutDir: true } })
  const browser = await openBrowser()
  return {
    /** @param stepMs milliseconds between two progress events of a job */
    host: (stepMs: number) => startFakeHost({ port: 0, stepMs, token, assets }),
    async [Symbol.asyncDispose]() {
      await browser.close()
      await rm(assets, { recursive: true, force: true })
    },
    /** Owns the host. */
    page: (host: Host, options?: PageOptions) => openPage(browser, host, options),
  }
}

export type Interface = Awaited<ReturnType<typeof openInterface>>
export type Host = Awaited<ReturnType<typeof startFakeHost>>

export interface PageOptions extends BrowserContextOptions {
  readonly permissions?: string[]
  /** Shown instead of the first screen, such as "#/devices". */
  readonly hash?: string
}

async function openPage(browser: Browser, host: Host, { hash, ...options }: PageOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1024, height: 700 }, ...options })
  const page = await context.newPage()
  /** Everything that the page complained about. */
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  await page.goto(host.url)
  if (hash !== undefined) {
    await page.locator('[data-test="new-project"]').waitFor()
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
  }
  return {
    ...{ host, page, complaints },
    at: (name: string) => page.locator(`[data-test="${name}"]`),
    async [Symbol.asyncDispose]() {
      await context.close()
      await host[Symbol.asyncDispose]()
    },
  }
}
