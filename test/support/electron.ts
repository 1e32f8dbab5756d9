// The built desktop application under test: on the double everywhere, on Electron itself where its binary is.
import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { repository } from './cli.ts'
import type { Order } from './electron-double/electron.ts'

export const builtMain = join(repository, 'out/main/main.js')
export const isBuilt = existsSync(builtMain)

export interface DesktopUnderTest extends AsyncDisposable {
  readonly page: Page
  readonly browser: Browser
  /** Questions the application asked. */
  readonly boxes: readonly MessageBox[]
  readonly errors: readonly { readonly title: string; readonly content: string }[]
  order(order: Order): Promise<unknown>
  /** Resolves with the exit status. */
  readonly ended: Promise<number | null>
}

export interface MessageBox {
  readonly message: string
  readonly detail: string
  readonly buttons: readonly string[]
}

type Message =
  | { readonly kind: 'ready'; readonly endpoint: string }
  | { readonly kind: 'window'; readonly index: number }
  | { readonly kind: 'menu' }
  | ({ readonly kind: 'messageBox' } & MessageBox)
  | { readonly kind: 'errorBox'; readonly title: string; readonly content: string }
  | { readonly kind: 'answer'; readonly answer: number; readonly value?: unknown; readonly error?: string }

export interface DoubleOptions {
  readonly workspace: string
  /** Folder of the desktop's own state and of the browser's profile. */
  readonly userData: string
  readonly argv?: string[]
  /** The built entry; that of this repository when left out. */
  readonly main?: string
  /** More of the environment. */
  readonly env?: Readonly<Record<string, string>>
}

export async function openDouble(options: DoubleOptions): Promise<DesktopUnderTest> {
  const child = startDouble(options)
  const boxes: MessageBox[] = []
  const errors: { title: string; content: string }[] = []
  const answers = new Map<number, (message: Extract<Message, { kind: 'answer' }>) => void>()
  let stderr = ''
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const endpoint = await new Promise<string>((resolve, reject) => {
    let address = ''
    child.on('message', (message: Message) => {
      if (message.kind === 'ready') address = message.endpoint
      if (message.kind === 'window') resolve(address)
      if (message.kind === 'errorBox') errors.push(message)
      if (message.kind === 'messageBox') boxes.push(message)
      if (message.kind === 'answer') answers.get(message.answer)?.(message)
    })
    void ended.then((code) => reject(new Error(`the application ended with ${code}: ${stderr}`)))
  })
  const browser = await chromium.connectOverCDP(endpoint)
  const page = browser
    .contexts()[0]!
    .pages()
    .find((each) => each.url() !== 'about:blank')
  if (!page) throw new Error('the application shows no page')
  let last = 0
  return {
    page,
    browser,
    boxes,
    errors,
    ended,
    order(order) {
      const answer = ++last
      return new Promise((resolve, reject) => {
        answers.set(answer, ({ value, error }) => (error === undefined ? resolve(value) : reject(new Error(error))))
        child.send({ order, answer })
      })
    },
    async [Symbol.asyncDispose]() {
      await browser.close()
      // In order, so that its Chromium ends with it.
      if (child.connected) child.send({ order: { kind: 'quit' }, answer: 0 })
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5000))])
      child.kill('SIGKILL')
      await ended
    },
  }
}

function startDouble({ workspace, userData, argv = [], main = builtMain, env = {} }: DoubleOptions): ChildProcess {
  const register = new URL('./electron-double/register.ts', import.meta.url).href
  return fork(main, argv, {
    execArgv: ['--import', register],
    env: { ...process.env, SHOEHORN_WORKSPACE: workspace, DOUBLE_USER_DATA: userData, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}
