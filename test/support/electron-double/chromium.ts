// The Chromium that stands in for Electron's: pages of the application's scheme, the preload, ports across.
import { readFileSync } from 'node:fs'
import { type BrowserContext, chromium, type Frame, type Page, type Request } from 'playwright-core'
import { chromiumPath } from '../browser.ts'

/** Chromium knows no scheme of ours; this host is never reached, every request to it is answered here. */
export const mappedOrigin = 'https://shoehorn.double.test'

export interface PortEnd {
  /** Names the port on both sides. */
  readonly number: number
  /** From the page. */
  receive(data: string | Uint8Array): void
  closed(): void
}

export interface PageHooks {
  /** An address of the application's scheme, as the main process knows it. */
  answer(url: string): Promise<Response>
  ownUrl(mapped: string): string
  /** Whether the main process lets a page go there. */
  mayNavigate(page: Page, url: string): boolean
  sent(page: Page, frame: Frame, channel: string, args: unknown[]): void
}

export interface DoubleBrowser {
  readonly context: BrowserContext
  readonly endpoint: string
  openPage(preload: string): Promise<Page>
  /** Hands a port to the preload of a page. */
  deliver(page: Page, channel: string, ports: readonly PortEnd[]): Promise<void>
  post(page: Page, port: number, data: string | Uint8Array): Promise<void>
}

export async function openDoubleBrowser(
  profile: string,
  debuggingPort: number,
  hooks: PageHooks,
): Promise<DoubleBrowser> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath,
    viewport: null,
    userAgent: 'Mozilla/5.0 (double) AppleWebKit/537.36 Chrome/156.0.0.0 Electron/45.0.0 Safari/537.36',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      `--remote-debugging-port=${debuggingPort}`,
    ],
  })
  const ends = new Map<number, PortEnd>()
  await context.route('**/*', async (route) => {
    const url = route.request().url()
    if (!url.startsWith(`${mappedOrigin}/`)) {
      const request = route.request()
      // Without content the page stays where it is, as when Electron is told to prevent the navigation.
      const page = pageOf(request)
      if (request.isNavigationRequest() && page && !hooks.mayNavigate(page, url)) await route.fulfill({ status: 204 })
      else await route.abort()
      return
    }
    const response = await hooks.answer(hooks.ownUrl(url))
    const body = Buffer.from(await response.arrayBuffer())
    await route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body })
  })
  await context.exposeBinding('__doubleSend', ({ page, frame }, channel: string, args: unknown[]) =>
    hooks.sent(page, frame, channel, args),
  )
  await context.exposeBinding('__doublePort', (_source, port: number, kind: string, data: string) => {
    if (kind === 'closed') ends.get(port)?.closed()
    else ends.get(port)?.receive(kind === 'bytes' ? new Uint8Array(Buffer.from(data, 'base64')) : data)
  })
  return {
    context,
    endpoint: `http://127.0.0.1:${debuggingPort}`,
    async openPage(preload) {
      const blank = context.pages().find((page) => page.url() === 'about:blank' && !used.has(page))
      const page = blank ?? (await context.newPage())
      used.add(page)
      await page.addInitScript(preloadScript(readFileSync(preload, 'utf8')))
      return page
    },
    async deliver(page, channel, ports) {
      const numbers = ports.map((end) => {
        ends.set(end.number, end)
        return end.number
      })
      await page.evaluate(`__doubleDeliver(${JSON.stringify(channel)}, ${JSON.stringify(numbers)})`)
    },
    async post(page, port, data) {
      const bytes = typeof data !== 'string'
      const text = bytes ? Buffer.from(data).toString('base64') : data
      await page.evaluate(`__doublePost(${port}, ${bytes}, ${JSON.stringify(text)})`)
    },
  }
}

/** null: of a window that was just opened, and is not there yet. */
function pageOf(request: Request): Page | null {
  try {
    return request.frame().page()
  } catch {
    return null
  }
}

const used = new WeakSet<Page>()

/** What Electron gives a sandboxed preload: `require('electron')` with what ours uses, and nothing else. */
const preloadScript = (source: string) => `
if (window.top === window && location.origin === ${JSON.stringify(mappedOrigin)}) {
  const listeners = new Map()
  const ports = new Map()
  const toBase64 = (bytes) => {
    let text = ''
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192))
    return btoa(text)
  }
  window.__doubleDeliver = (channel, numbers) => {
    const given = numbers.map((number) => {
      const { port1, port2 } = new MessageChannel()
      ports.set(number, port1)
      port1.onmessage = ({ data }) => {
        if (typeof data === 'string') window.__doublePort(number, 'text', data)
        else window.__doublePort(number, 'bytes', toBase64(new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength)))
      }
      return port2
    })
    for (const listen of listeners.get(channel) ?? []) listen({ ports: given })
  }
  window.__doublePost = (number, bytes, text) =>
    ports.get(number)?.postMessage(bytes ? Uint8Array.from(atob(text), (c) => c.charCodeAt(0)) : text)
  const ipcRenderer = {
    send: (channel, ...args) => void window.__doubleSend(channel, args),
    on: (channel, listen) => void listeners.set(channel, [...(listeners.get(channel) ?? []), listen]),
  }
  const require = (name) => {
    if (name !== 'electron') throw new Error('a sandboxed preload cannot require ' + name)
    return new Proxy({ ipcRenderer }, {
      get(target, key) {
        if (!(key in target)) throw new Error('the Electron double does not implement electron.' + String(key) + ' in a preload')
        return target[key]
      },
    })
  }
  const module = { exports: {} }
  ;((require, module, exports) => {
${source}
  })(require, module, module.exports)
}
`
