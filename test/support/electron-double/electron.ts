// A thin stand-in for Electron's main-process API, over a real Chromium: what the application uses of it and nothing more. The
// parent process steers it (menus, dialogs, files opened from the system) by messages.
import { EventEmitter } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Frame, Page } from 'playwright-core'
import { type DoubleBrowser, mappedOrigin, openDoubleBrowser, type PortEnd } from './chromium.ts'
import { strict } from './strict.ts'

const userData = process.env.DOUBLE_USER_DATA
if (!userData) throw new Error('DOUBLE_USER_DATA must name a folder')

interface Scheme {
  readonly scheme: string
  readonly privileges: { readonly standard?: boolean; readonly secure?: boolean }
}

type Listener = Parameters<EventEmitter['on']>[1]

const schemes = new Map<string, Scheme>()
const handlers = new Map<string, (request: Request) => Promise<Response> | Response>()
let browser: DoubleBrowser | null = null
let ready = false

/** `app://shoehorn/x` and its address in Chromium. The application has one host under its scheme. */
let ownOrigin: string | null = null
const toMapped = (url: string) => {
  const { protocol: scheme, host, pathname, search, hash } = new URL(url)
  ownOrigin = `${scheme}//${host}`
  return `${mappedOrigin}${pathname}${search}${hash}`
}
const toOwn = (url: string) => (url.startsWith(mappedOrigin) ? `${ownOrigin}${url.slice(mappedOrigin.length)}` : url)

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

async function launch(): Promise<void> {
  browser = await openDoubleBrowser(join(userData!, 'profile'), await freePort(), {
    ownUrl: toOwn,
    async answer(url) {
      const handler = handlers.get(new URL(url).protocol.slice(0, -1))
      return handler ? handler(new Request(url)) : new Response(null, { status: 404 })
    },
    mayNavigate(page, url) {
      let prevented = false
      const contents = windows.find((each) => each.page === page)?.contents
      contents?.emit('will-navigate', { url, preventDefault: () => (prevented = true) })
      return !prevented
    },
    sent(page, frame, channel, args) {
      const window = windows.find((each) => each.page === page)
      if (!window) return
      ipcEvents.emit(channel, { senderFrame: window.webContents.frameOf(frame), sender: window.webContents }, ...args)
    },
  })
  ready = true
  appEvents.emit('ready')
  process.send?.({ kind: 'ready', endpoint: browser.endpoint })
}

// app

const appEvents = new EventEmitter()
let quitting = false

function quit() {
  if (quitting) return
  let prevented = false
  appEvents.emit('before-quit', { preventDefault: () => (prevented = true) })
  if (prevented) return
  quitting = true
  for (const window of [...windows]) window.close()
  void browser?.context.close().finally(() => process.exit(0))
}

export const app = strict('app', {
  isPackaged: process.env.DOUBLE_PACKAGED === '1',
  on: (event: string, listen: Listener) => appEvents.on(event, listen),
  requestSingleInstanceLock: () => process.env.DOUBLE_SECOND_INSTANCE !== '1',
  whenReady: () =>
    ready ? Promise.resolve() : new Promise<void>((resolve) => appEvents.once('ready', () => resolve())),
  getPath(name: string) {
    if (name !== 'userData') throw new Error(`the Electron double does not know the path ${name}`)
    return userData
  },
  quit,
  exit: (code: number) => void browser?.context.close().finally(() => process.exit(code)),
})

// windows

interface WebPreferences {
  readonly preload?: string
  readonly contextIsolation?: boolean
  readonly sandbox?: boolean
  readonly nodeIntegration?: boolean
  readonly webviewTag?: boolean
  readonly spellcheck?: boolean
}

interface WindowOptions {
  readonly width?: number
  readonly height?: number
  readonly x?: number
  readonly y?: number
  readonly webPreferences?: WebPreferences
}

type Decision = { readonly action: 'allow' | 'deny' }

class Contents extends EventEmitter {
  readonly mainFrame: object
  #frames = new Map<Frame, object>()
  #open: ((details: { url: string }) => Decision) | null = null
  readonly #window: BrowserWindow

  constructor(window: BrowserWindow) {
    super()
    this.#window = window
    this.mainFrame = this.#frameOver(() => window.page?.mainFrame())
  }

  /** The frame as the main process knows it: always the same object for the same frame. */
  frameOf(frame: Frame): object {
    if (frame === this.#window.page?.mainFrame()) return this.mainFrame
    const known = this.#frames.get(frame) ?? this.#frameOver(() => frame)
    this.#frames.set(frame, known)
    return known
  }

  setWindowOpenHandler(decide: (details: { url: string }) => Decision) {
    this.#open = decide
  }

  /** Playwright's page outlives a renderer; what the application has to do is the same. */
  reload() {
    void this.#window.page?.reload()
  }

  /** The end of the renderer is told later, not within the call. */
  forcefullyCrashRenderer() {
    setTimeout(() => this.emit('render-process-gone', {}, { reason: 'killed', exitCode: 9 }), 50)
  }

  decide(url: string): Decision {
    return this.#open?.({ url: url.replace(mappedOrigin, ownOrigin ?? mappedOrigin) }) ?? { action: 'allow' }
  }

  #frameOver(frame: () => Frame | undefined): object {
    const window = this.#window
    return strict('WebFrameMain', {
      get url() {
        return toOwn(frame()?.url() ?? '')
      },
      postMessage(channel: string, message: unknown, transfer: readonly MainPort[] = []) {
        if (message !== null) throw new Error('the Electron double sends ports only')
        void window.deliver(channel, transfer)
      },
    })
  }
}

const windows: BrowserWindow[] = []

export class BrowserWindow extends EventEmitter {
  page: Page | null = null
  readonly options: WindowOptions
  readonly contents: Contents
  title = ''
  /** As the application sees it. */
  readonly webContents: Contents
  #loaded: Promise<void> | null = null
  #maximized = false
  #closed = false

  static getAllWindows() {
    return [...windows]
  }

  constructor(options: WindowOptions) {
    super()
    const { contextIsolation, sandbox, nodeIntegration, webviewTag, spellcheck } = options.webPreferences ?? {}
    if (!contextIsolation || !sandbox || nodeIntegration || webviewTag)
      throw new Error(
        'a window must isolate its page: contextIsolation and sandbox on, nodeIntegration and webviewTag off',
      )
    if (spellcheck !== false) throw new Error('a window fetches dictionaries from the network: spellcheck must be off')
    this.options = options
    this.contents = new Contents(this)
    this.webContents = this.contents
    windows.push(this)
    appEvents.emit('web-contents-created', {}, this.contents)
  }

  async loadURL(url: string): Promise<void> {
    this.#loaded ??= this.#load(url)
    await this.#loaded
  }

  async #load(url: string) {
    const page = await browser!.openPage(this.options.webPreferences?.preload ?? '')
    this.page = page
    page.on('popup', (popup) => {
      if (this.contents.decide(popup.url()).action === 'deny') void popup.close().catch(() => {})
    })
    page.on('close', () => this.#gone())
    await page.goto(toMapped(url))
    this.emit('ready-to-show')
    process.send?.({ kind: 'window', index: windows.indexOf(this) })
  }

  async deliver(channel: string, transfer: readonly MainPort[]) {
    await this.#loaded
    const page = this.page
    if (page)
      await browser!.deliver(
        page,
        channel,
        transfer.map((port) => port.bindTo(page)),
      )
  }

  setTitle(title: string) {
    this.title = title
  }
  isMinimized = () => false
  isDestroyed = () => this.#closed
  restore() {
    throw new Error('the Electron double never minimises a window')
  }
  show() {
    void this.page?.bringToFront()
    this.emit('focus')
  }
  maximize() {
    this.#maximized = true
  }
  isMaximized = () => this.#maximized
  isFocused = () => windows.at(-1) === this
  getNormalBounds = () => ({ x: 0, y: 0, width: 1440, height: 900, ...this.#place() })

  close() {
    let prevented = false
    this.emit('close', { preventDefault: () => (prevented = true) })
    if (!prevented) this.destroy()
  }

  /** Without asking. */
  destroy() {
    void this.page?.close()
    this.#gone()
  }

  #place() {
    const { x, y, width, height } = this.options
    return Object.fromEntries(Object.entries({ x, y, width, height }).filter(([, value]) => value !== undefined))
  }

  #gone() {
    if (this.#closed) return
    this.#closed = true
    windows.splice(windows.indexOf(this), 1)
    this.emit('closed')
    if (windows.length === 0 && !quitting) appEvents.emit('window-all-closed')
  }
}

// ports

let nextPort = 1

/** One end of a channel, as the main process holds it; the other end may have gone to a page. */
class MainPort extends EventEmitter {
  other: MainPort | null = null
  #page: Page | null = null
  #number = 0
  #started = false
  #waiting: (string | Uint8Array)[] = []

  /** This end goes to a page; what comes from there is what the other end receives. */
  bindTo(page: Page): PortEnd {
    this.#page = page
    this.#number = nextPort++
    return { number: this.#number, receive: (data) => this.other?.take(data), closed: () => this.other?.emit('close') }
  }

  take(data: string | Uint8Array) {
    if (this.#started) this.emit('message', { data, ports: [] })
    else this.#waiting.push(data)
  }

  start() {
    this.#started = true
    for (const data of this.#waiting.splice(0)) this.take(data)
  }

  postMessage(data: string | Uint8Array) {
    const { other } = this
    if (other?.page && browser) void browser.post(other.page, other.number, data).catch(() => this.emit('close'))
    else other?.take(data)
  }

  close() {
    this.other?.emit('close')
  }

  get page() {
    return this.#page
  }
  get number() {
    return this.#number
  }
}

export class MessageChannelMain {
  readonly port1 = new MainPort()
  readonly port2 = new MainPort()

  constructor() {
    this.port1.other = this.port2
    this.port2.other = this.port1
  }
}

const ipcEvents = new EventEmitter()
export const ipcMain = strict('ipcMain', {
  on: (channel: string, listen: Listener) => ipcEvents.on(channel, listen),
})

// menus

interface MenuTemplate {
  readonly id?: string
  readonly label?: string
  readonly role?: string
  readonly type?: string
  readonly enabled?: boolean
  readonly accelerator?: string
  readonly submenu?: readonly MenuTemplate[]
  readonly click?: () => void
}

const roles = new Set([
  'about',
  'appMenu',
  'editMenu',
  'windowMenu',
  'help',
  'quit',
  'close',
  'resetZoom',
  'zoomIn',
  'zoomOut',
  'togglefullscreen',
])
const accelerator = /^((CommandOrControl|Shift|Alt)\+)*([A-Z0-9,.]|Return|F\d+)$/

/** Electron refuses templates that make no sense when the menu is built; so does this. */
function checkTemplate(items: readonly MenuTemplate[]) {
  for (const { label, role, type, submenu, accelerator: keys } of items) {
    if (role !== undefined && !roles.has(role))
      throw new Error(`the Electron double does not know the menu role ${role}`)
    if (label === undefined && role === undefined && type !== 'separator') throw new Error('a menu item needs a label')
    if (keys !== undefined && !accelerator.test(keys)) throw new Error(`${keys} is no accelerator`)
    if (submenu) checkTemplate(submenu)
  }
}

interface MenuItem extends MenuTemplate {
  enabled: boolean
}

interface BuiltMenu {
  getMenuItemById(id: string): MenuItem | null
}

const allItems = (items: readonly MenuTemplate[]): MenuItem[] =>
  items.flatMap((item) => [{ ...item, enabled: item.enabled ?? true }, ...allItems(item.submenu ?? [])])

const builtMenus = new WeakMap<BuiltMenu, readonly MenuItem[]>()
let menu: BuiltMenu | null = null
const menuItems = () => (menu && builtMenus.get(menu)) ?? []

export const Menu = strict('Menu', {
  buildFromTemplate(template: readonly MenuTemplate[]): BuiltMenu {
    checkTemplate(template)
    const items = allItems(template)
    const built = strict('menu', { getMenuItemById: (id: string) => items.find((item) => item.id === id) ?? null })
    builtMenus.set(built, items)
    return built
  },
  setApplicationMenu(built: BuiltMenu) {
    menu = built
    process.send?.({ kind: 'menu' })
  },
  getApplicationMenu: () => menu,
})

// the rest

let chosenFolders: string[] = []
/** What the user presses in the next boxes; nothing left: the one that cancels. */
const pressed: number[] = []
/** Boxes stay open until the user is back. */
let presence = Promise.withResolvers<void>()
presence.resolve()

interface MessageBox {
  readonly type: string
  readonly message: string
  readonly detail: string
  readonly buttons: readonly string[]
  readonly defaultId: number
  readonly cancelId: number
  readonly noLink: boolean
}
export const dialog = strict('dialog', {
  showErrorBox(title: string, content: string) {
    process.send?.({ kind: 'errorBox', title, content })
  },
  async showMessageBox(window: BrowserWindow, { message, detail, buttons, cancelId }: MessageBox) {
    if (!windows.includes(window)) throw new Error('a message box needs a window that is there')
    process.send?.({ kind: 'messageBox', message, detail, buttons })
    await presence.promise
    return { response: pressed.shift() ?? cancelId, checkboxChecked: false }
  },
  async showOpenDialog() {
    return { canceled: chosenFolders.length === 0, filePaths: chosenFolders }
  },
})

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged(given: readonly Scheme[]) {
    if (ready) throw new Error('schemes must be registered before the application is ready')
    for (const scheme of given) schemes.set(scheme.scheme, scheme)
  },
  handle(scheme: string, handler: (request: Request) => Promise<Response> | Response) {
    if (!schemes.get(scheme)?.privileges.standard) throw new Error(`${scheme} is no standard scheme`)
    handlers.set(scheme, handler)
  },
})

const contentTypes: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
}
export const net = strict('net', {
  async fetch(url: string) {
    const { readFile } = await import('node:fs/promises')
    const body = await readFile(new URL(url))
    const type = contentTypes[url.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
    return new Response(body, { headers: { 'content-type': type } })
  },
})

let allowsPermissions = true
export const session = strict('session', {
  defaultSession: strict('Session', {
    setPermissionRequestHandler(
      handler: (contents: unknown, permission: string, decide: (allowed: boolean) => void) => void,
    ) {
      handler(null, 'notifications', (allowed) => {
        allowsPermissions = allowed
      })
    },
    setPermissionCheckHandler(handler: () => boolean) {
      allowsPermissions = allowsPermissions || handler()
    },
  }),
})

export const screen = strict('screen', {
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }],
})

// what the parent process asks

export type Order =
  | { readonly kind: 'clickMenu'; readonly id: string }
  | { readonly kind: 'menuLabels' }
  | { readonly kind: 'menuEnabled' }
  | { readonly kind: 'press'; readonly buttons: number[] }
  | { readonly kind: 'user'; readonly is: 'away' | 'back' }
  | { readonly kind: 'rendererGone'; readonly reason: string }
  | { readonly kind: 'unresponsive' }
  | { readonly kind: 'close' }
  | { readonly kind: 'choose'; readonly folders: string[] }
  | { readonly kind: 'secondInstance'; readonly argv: string[]; readonly folder: string }
  | { readonly kind: 'openFile'; readonly path: string }
  | { readonly kind: 'permissions' }
  | { readonly kind: 'windows' }
  | { readonly kind: 'quit' }

function obey(order: Order): unknown {
  switch (order.kind) {
    case 'clickMenu': {
      const item = menuItems().find(({ id, label }) => id === order.id || label === order.id)
      if (!item?.click) throw new Error(`there is no menu item ${order.id}`)
      if (!item.enabled) throw new Error(`the menu item ${order.id} is grey`)
      item.click()
      return true
    }
    case 'menuLabels':
      return menuItems().flatMap(({ label }) => label ?? [])
    case 'menuEnabled':
      return menuItems().flatMap(({ id, enabled }) => (enabled && id ? [id] : []))
    case 'press':
      pressed.push(...order.buttons)
      return true
    case 'rendererGone':
      return windows.at(-1)?.contents.emit('render-process-gone', {}, { reason: order.reason, exitCode: 1 })
    case 'unresponsive':
      return windows.at(-1)?.emit('unresponsive')
    case 'user':
      if (order.is === 'away') presence = Promise.withResolvers()
      else presence.resolve()
      return true
    case 'close':
      windows.at(-1)?.close()
      return true
    case 'choose':
      chosenFolders = order.folders
      return true
    case 'secondInstance':
      return appEvents.emit('second-instance', {}, order.argv, order.folder)
    case 'openFile':
      return appEvents.emit('open-file', { preventDefault: () => {} }, order.path)
    case 'permissions':
      return allowsPermissions
    case 'windows':
      return windows.length
    case 'quit':
      quit()
      return true
  }
}

process.on('message', ({ order, answer }: { order: Order; answer: number }) => {
  try {
    process.send?.({ kind: 'answer', answer, value: obey(order) })
  } catch (error) {
    process.send?.({ kind: 'answer', answer, error: String(error) })
  }
})

void launch()
