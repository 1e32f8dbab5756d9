// The built desktop application: its entry points, preload, port hand-over, menus and paths. On a double of Electron's API that
// drives a real Chromium; what it does not implement it refuses.
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands } from '../../src-main/contract/commands.ts'
import { encodeFile } from '../../src-main/services/encoding.ts'
import { dropFile, hasChromium } from '../support/browser.ts'
import { repository } from '../support/cli.ts'
import { type DesktopUnderTest, isBuilt, openDouble } from '../support/electron.ts'
import { smallPack } from '../support/small-pack.ts'
import { temporaryFolder } from '../support/workspace.ts'

/** Where a command of the menu "Go" leads, when it is not called like it. */
const places: Readonly<Record<string, string>> = { goOverview: '[\\w-]+' }

const sample = (name: string) => join(repository, 'resources/samples', name)

if (!isBuilt) console.log('not run: the desktop application is not built; "npm run build" enables its tests')

describe.skipIf(!hasChromium || !isBuilt)('the desktop application', () => {
  const folder = temporaryFolder()
  let desktop: DesktopUnderTest
  const by = (name: string) => desktop.page.locator(`[data-test="${name}"]`)

  beforeAll(async () => {
    mkdirSync(folder.file('user'), { recursive: true })
    mkdirSync(folder.file('workspace/uploads/graph-of-earlier'), { recursive: true })
    desktop = await openDouble({ workspace: folder.file('workspace'), userData: folder.file('user') })
  })
  afterAll(async () => {
    await desktop?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  test('opens on the workspace through the port', async () => {
    await by('new-project-home').waitFor({ timeout: 20_000 })
    expect(await desktop.page.evaluate('typeof require + typeof process')).toBe('undefinedundefined')
  })

  test('clears what an earlier start left of uploads and exports', () => {
    expect(existsSync(folder.file('workspace/uploads/graph-of-earlier'))).toBe(false)
  })

  test('grants no permission and stays where it is', async () => {
    expect(await desktop.order({ kind: 'permissions' })).toBe(false)
    const policy = await desktop.page.evaluate(
      `fetch(location.href).then((page) => page.headers.get('content-security-policy'))`,
    )
    expect(policy).toContain("default-src 'none'")
    const before = desktop.page.url()
    await desktop.page.evaluate(`location.href = 'https://example.com/'`).catch(() => {})
    await expect.poll(() => desktop.page.url()).toBe(before)
  })

  test('no script runs but its own, and nothing is fetched from elsewhere', async () => {
    const ran = await desktop.page.evaluate(`(() => {
      const script = document.createElement('script')
      script.textContent = 'window.injected = true'
      document.body.append(script)
      const image = document.createElement('img')
      image.setAttribute('onerror', 'window.injected = true')
      image.src = 'data:,'
      document.body.append(image)
      return new Promise((resolve) => setTimeout(() => resolve(window.injected ?? null), 100))
    })()`)
    expect(ran).toBe(null)
    for (const address of ['https://example.com/', 'file:///etc/passwd', 'http://127.0.0.1:1/'])
      expect(await desktop.page.evaluate(`fetch('${address}').then(() => 'fetched', () => 'refused')`)).toBe('refused')
  })

  test('its scheme serves its folder only', async () => {
    const statusOf = (path: string) => desktop.page.evaluate(`fetch('${path}').then(({ status }) => status)`)
    expect(await statusOf('/index.html')).toBe(200)
    for (const path of [
      '/..%2f..%2fpackage.json',
      '/%2e%2e/%2e%2e/package.json',
      '/..%5c..%5cpackage.json',
      '/%00',
      '/%zz',
      '/main/main.js',
    ])
      expect([path, await statusOf(path)]).toEqual([path, 404])
  })

  test('opens no window but one for a report of its own', async () => {
    for (const address of ['https://example.com/', 'file:///etc/passwd', 'blob:https://example.com/1', 'about:blank']) {
      const before = desktop.page.context().pages().length
      await desktop.page.evaluate(`void window.open('${address}')`)
      await expect.poll(() => desktop.page.context().pages().length, { message: address }).toBe(before)
    }
  })

  test('a port is for the top frame of its own page', async () => {
    // What ipcRenderer.send does in the preload, from the page itself and from a frame in it that has the same origin.
    const askedFrom = (frame: string) =>
      desktop.page.evaluate(`new Promise((resolve) => {
        const answer = ({ data }) => data === 'shoehorn:port' && resolve('a port')
        addEventListener('message', answer)
        void (${frame}).__doubleSend('shoehorn:connect', [])
        setTimeout(() => { removeEventListener('message', answer); resolve('nothing') }, 300)
      })`)
    await desktop.page.evaluate(`new Promise((resolve) => {
      const frame = document.createElement('iframe')
      frame.id = 'inside'
      frame.srcdoc = '<p>inside</p>'
      frame.onload = resolve
      document.body.append(frame)
    })`)
    expect(await askedFrom('window')).toBe('a port')
    expect(await askedFrom(`document.getElementById('inside').contentWindow`)).toBe('nothing')
    await desktop.page.evaluate(`document.getElementById('inside').remove()`)
  })

  test('the menus are in the language of the page', async () => {
    await expect.poll(() => desktop.order({ kind: 'menuLabels' })).toContain('New project…')
    await desktop.order({ kind: 'clickMenu', id: 'switchLanguage' })
    await expect.poll(() => desktop.order({ kind: 'menuLabels' })).toContain('新建项目…')
    await desktop.order({ kind: 'clickMenu', id: 'switchLanguage' })
    await expect.poll(() => desktop.order({ kind: 'menuLabels' })).toContain('New project…')
  })

  test('a menu item does what it says', async () => {
    await desktop.order({ kind: 'clickMenu', id: 'newProject' })
    await by('project-name').fill('From the menu')
    await by('device-option').first().click()
    await by('create-project').click()
    await expect.poll(() => by('project-title').textContent()).toContain('From the menu')
    await desktop.order({ kind: 'clickMenu', id: 'goModel' })
    await expect.poll(() => desktop.page.url()).toContain('/model')
  })

  test('files opened from the system become the project’s model', async () => {
    await desktop.order({ kind: 'clickMenu', id: 'goOverview' })
    await desktop.order({ kind: 'openFile', path: sample('gestures.onnx') })
    await expect.poll(() => by('model-name').textContent(), { timeout: 20_000 }).toContain('gestures.onnx')
  })

  test('a second start hands its files over', async () => {
    // Another file by its content: with a doc_string of its own (field 6 of ModelProto).
    writeFileSync(
      folder.file('other.onnx'),
      Buffer.concat([readFileSync(sample('gestures.onnx')), Buffer.from([0x32, 1, 0x78])]),
    )
    writeFileSync(folder.file('notes.txt'), 'not ours')
    await desktop.order({ kind: 'secondInstance', argv: ['shoehorn', 'other.onnx', 'notes.txt'], folder: folder.path })
    await expect.poll(() => by('model-name').textContent(), { timeout: 20_000 }).toContain('other.onnx')
  })

  test('items of the menus are grey where the screen does nothing of the kind', async () => {
    await desktop.order({ kind: 'clickMenu', id: 'goHome' })
    await expect.poll(() => desktop.order({ kind: 'menuEnabled' })).not.toContain('exportProject')
    const atHome = await desktop.order({ kind: 'menuEnabled' })
    expect(atHome).toEqual(expect.arrayContaining(['newProject', 'openFiles', 'importProject', 'goBin', 'goJobs']))
    expect(atHome).not.toEqual(expect.arrayContaining(['cancelJob']))
    expect(atHome).not.toEqual(expect.arrayContaining(['goOverview']))
    await expect(desktop.order({ kind: 'clickMenu', id: 'exportProject' })).rejects.toThrow('grey')
    await by('project-row').first().click()
    await expect.poll(() => desktop.order({ kind: 'menuEnabled' })).toContain('exportProject')
  })

  test('every item of the menus that is not grey does something, and none complains', async () => {
    const complaints: string[] = []
    desktop.page.on('pageerror', (error) => complaints.push(String(error)))
    for (const id of commands.flatMap(({ id, menu }) => (menu === 'go' ? [id] : []))) {
      await by('project-row').first().click()
      await expect.poll(() => desktop.order({ kind: 'menuEnabled' })).toContain('goOverview')
      await desktop.order({ kind: 'clickMenu', id })
      const address = id === 'goHome' ? '#/' : `/${places[id] ?? id.slice(2).toLowerCase()}`
      await expect
        .poll(() => desktop.page.url(), { message: id })
        .toMatch(new RegExp(`${address.replace('/', '\\/')}$`))
    }
    expect(complaints).toEqual([])
  })

  test('a pack opened from the system is shown, from any screen', async () => {
    writeFileSync(folder.file('small.shoe'), smallPack().pack)
    await desktop.order({ kind: 'clickMenu', id: 'goSettings' })
    await desktop.order({ kind: 'openFile', path: folder.file('small.shoe') })
    await expect.poll(() => by('pack-name').textContent(), { timeout: 20_000 }).toBe('small.shoe')
  })

  test('a container of weights opened from the system is decoded', async () => {
    const out = folder.file('weights.shoe')
    const through = { signal: new AbortController().signal, progress: () => {} }
    await encodeFile({ path: sample('gestures.onnx'), out }, through)
    await desktop.order({ kind: 'secondInstance', argv: ['shoehorn', pathToFileURL(out).href], folder: folder.path })
    await expect.poll(() => by('weights-result').count(), { timeout: 20_000 }).toBe(1)
  })

  test('a project file opened from the system is imported', async () => {
    const rows = await by('project-row').count()
    await by('project-row').first().click()
    await expect.poll(() => desktop.order({ kind: 'menuEnabled' })).toContain('exportProject')
    const [download] = await Promise.all([
      desktop.page.waitForEvent('download'),
      desktop.order({ kind: 'clickMenu', id: 'exportProject' }),
    ])
    await download.saveAs(folder.file('sent.shoeproject'))
    await desktop.order({ kind: 'openFile', path: folder.file('sent.shoeproject') })
    await by('imported').waitFor({ timeout: 20_000 })
    expect(await by('project-row').count()).toBe(rows + 1)
  })

  test('a page that has died is brought back by Enter or Escape, with everything there', async () => {
    await desktop.order({ kind: 'clickMenu', id: 'goHome' })
    const reloaded = desktop.page.waitForEvent('domcontentloaded')
    await desktop.order({ kind: 'rendererGone', reason: 'crashed' })
    await reloaded
    await by('project-row').first().waitFor({ timeout: 20_000 })
    expect(desktop.boxes.at(-1)).toMatchObject({
      message: 'The page of this window has stopped working.',
      buttons: ['Close the window', 'Load it again'],
    })
    const asked = desktop.boxes.length
    await desktop.order({ kind: 'rendererGone', reason: 'clean-exit' })
    expect(desktop.boxes).toHaveLength(asked)
  })

  test('a page that hangs is loaded again, and its end is not asked about', async () => {
    const asked = desktop.boxes.length
    await desktop.order({ kind: 'press', buttons: [0] })
    const reloaded = desktop.page.waitForEvent('domcontentloaded')
    await desktop.order({ kind: 'unresponsive' })
    await reloaded
    await by('project-row').first().waitFor({ timeout: 20_000 })
    expect(desktop.boxes.slice(asked).map(({ message }) => message)).toEqual([
      'The page of this window does not answer.',
    ])
    // Once: a page that dies afterwards is asked about again.
    await desktop.order({ kind: 'rendererGone', reason: 'crashed' })
    await expect.poll(() => desktop.boxes.length).toBe(asked + 2)
    await by('project-row').first().waitFor({ timeout: 20_000 })
  })

  test('the same workspace by another way is the same window', async () => {
    symlinkSync(folder.file('workspace'), folder.file('link'))
    await desktop.order({ kind: 'choose', folders: [folder.file('link')] })
    await desktop.order({ kind: 'clickMenu', id: 'Open a workspace…' })
    await desktop.order({ kind: 'choose', folders: [] })
    expect(await desktop.order({ kind: 'windows' })).toBe(1)
  })

  test('closing and quitting ask while a job runs', { timeout: 120_000 }, async () => {
    await by('project-row').first().click()
    await dropFile(by('data-card'), sample('gestures-test.npz'))
    await expect.poll(() => by('data-name').textContent(), { timeout: 20_000 }).toContain('gestures-test.npz')
    await expect.poll(() => desktop.order({ kind: 'menuEnabled' })).toContain('compressAndDeploy')
    await desktop.order({ kind: 'clickMenu', id: 'compressAndDeploy' })
    await desktop.page.locator('[data-test="job"][data-state="running"]').waitFor({ timeout: 20_000 })
    for (const kind of ['close', 'quit'] as const) {
      const asked = desktop.boxes.length
      await desktop.order({ kind })
      await expect.poll(() => desktop.boxes.length).toBe(asked + 1)
      expect(desktop.boxes.at(-1)).toMatchObject({
        message: 'Work is under way.',
        buttons: ['Cancel the work and close', 'Keep working'],
      })
      expect(desktop.boxes.at(-1)!.detail).toContain('other.onnx')
      expect(await desktop.order({ kind: 'windows' })).toBe(1)
    }
    const asked = desktop.boxes.length
    await desktop.order({ kind: 'user', is: 'away' })
    for (const kind of ['close', 'close', 'quit'] as const) await desktop.order({ kind })
    expect(desktop.boxes).toHaveLength(asked + 1)
    await desktop.order({ kind: 'user', is: 'back' })
    expect(await desktop.order({ kind: 'windows' })).toBe(1)
    await desktop.order({ kind: 'clickMenu', id: 'cancelJob' })
    await desktop.page.locator('[data-test="job"][data-state="cancelled"]').waitFor({ timeout: 20_000 })
  })

  test('another workspace opens in a window of its own', async () => {
    await desktop.order({ kind: 'choose', folders: [folder.file('second')] })
    await desktop.order({ kind: 'clickMenu', id: 'Open a workspace…' })
    await expect.poll(() => desktop.order({ kind: 'windows' })).toBe(2)
    await expect.poll(() => desktop.order({ kind: 'menuLabels' })).toContain(`second (${folder.file('second')})`)
  })

  test('quitting ends everything in order', async () => {
    await desktop.order({ kind: 'quit' })
    expect(await desktop.ended).toBe(0)
    expect(desktop.errors).toEqual([])
  })
})
