// A real Chromium against a real web host in a process of its own.
import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type Browser, chromium, type Locator } from 'playwright-core'
import { startCli } from './cli.ts'

export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium'
export const hasChromium = existsSync(chromiumPath)

export function openBrowser(): Promise<Browser> {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ]
  return chromium.launch({ executablePath: chromiumPath, args })
}

export interface ServedWorkspace extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** As if the computer lost power. */
  kill(): void
}

export async function serveWorkspace(workspace: string): Promise<ServedWorkspace> {
  const child = startCli(['serve', '--port', '0', '--workspace', workspace, '--json'])
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let [stdout, stderr] = ['', '']
  child.stderr!.on('data', (chunk) => {
    stderr += chunk
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.on('data', (chunk) => {
      stdout += chunk
      const found = /"url": "([^"]+)"/.exec(stdout)
      if (found) resolve(found[1]!)
    })
    child.once('exit', (status) => reject(new Error(`serve ended with ${status}: ${stderr}`)))
  })
  return {
    url,
    pid: child.pid!,
    kill: () => child.kill('SIGKILL'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Drops files from disk onto an element, as a drag from a file manager does. */
export async function dropFiles(target: Locator, paths: readonly string[]) {
  const files = paths.map((path) => ({ name: basename(path), content: readFileSync(path).toString('base64') }))
  // As text: the types of a browser hold in the page, not here.
  const transfer = await target.page().evaluateHandle(`(() => {
    const dataTransfer = new DataTransfer()
    for (const { name, content } of ${JSON.stringify(files)})
      dataTransfer.items.add(new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], name))
    return dataTransfer
  })()`)
  for (const event of ['dragenter', 'dragover', 'drop']) await target.dispatchEvent(event, { dataTransfer: transfer })
}

export const dropFile = (target: Locator, path: string) => dropFiles(target, [path])
