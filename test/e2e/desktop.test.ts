// The built desktop application: its entry points, preload, port hand-over, menus and paths. On a double of Electron's API that
// drives a real Chromium; what it does not implement it refuses.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium } from '../support/browser.ts'
import { repository } from '../support/cli.ts'
import { type DesktopUnderTest, isBuilt, openDouble } from '../support/electron.ts'
import { temporaryFolder } from '../support/workspace.ts'

const sample = (name: string) => join(repository, 'resources/samples', name)

if (!isBuilt) console.log('not run: the desktop application is not built; "npm run build" enables its tests')

describe.skipIf(!hasChromium || !isBuilt)('the desktop application', () => {
  const folder = temporaryFolder()
  let desktop: DesktopUnderTest
  const by = (name: string) => desktop.page.locator(`[data-test="${name}"]`)

  beforeAll(async () => {
    mkdirSync(folder.file('user'), { recursive: true })
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
