// Weights into a container and back in a real Chromium against "shoehorn serve". Screenshots are left in test-results/screens.
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../../src-main/base/hash.ts'
import { makeExternalOnnx, makeLargeOnnx } from '../bench/large-file.ts'
import { dropFile, hasChromium, openBrowser, type ServedWorkspace, serveWorkspace } from '../support/browser.ts'
import { repository } from '../support/cli.ts'
import { temporaryFolder } from '../support/workspace.ts'

const sample = join(repository, 'resources/samples/gestures.onnx')
const screens = join(repository, 'test-results/screens')
const sidewaysScroll = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

describe.skipIf(!hasChromium)('weights in Chromium', () => {
  const folder = temporaryFolder()
  let browser: Browser
  let served: ServedWorkspace
  let page: Page
  const complaints: string[] = []
  const by = (name: string) => page.locator(`[data-test="${name}"]`)
  const patience = { timeout: 60_000 }

  beforeAll(async () => {
    mkdirSync(screens, { recursive: true })
    served = await serveWorkspace(folder.file('workspace'))
    browser = await openBrowser()
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
  })
  afterAll(async () => {
    await browser?.close()
    await served?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  /** In both sizes and both themes. */
  async function screenshot(name: string) {
    for (const [width, height] of [
      [1440, 900],
      [1024, 700],
    ] as const)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.setViewportSize({ width, height })
        await page.emulateMedia({ colorScheme })
        await page.screenshot({ path: join(screens, `${name}-${width}-${colorScheme}.png`) })
        const overflow = await page.evaluate(sidewaysScroll)
        expect([name, width, overflow]).toEqual([name, width, 0])
      }
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.emulateMedia({ colorScheme: 'light' })
  }

  const results = () => by('weights-result')

  /** The bytes that a press of the n-th download button of the newest result gives, and their file's name. */
  async function download(n: number) {
    const [event] = await Promise.all([
      page.waitForEvent('download'),
      results().first().locator('[data-test="weights-download"]').nth(n).click(),
    ])
    const path = folder.file(`downloaded-${event.suggestedFilename()}`)
    await event.saveAs(path)
    return { name: event.suggestedFilename(), path, hash: sha256(readFileSync(path)) }
  }

  test('the sidebar leads to it, and it says what to do', async () => {
    await page.goto(served.url)
    await by('weights-link').click()
    await by('drop-weights').waitFor()
    await screenshot('weights-empty')
  })

  let container = ''

  test('a model is dropped, encoded, listed by tensor and downloaded', { timeout: 120_000 }, async () => {
    await dropFile(by('drop-weights'), sample)
    await expect.poll(() => results().count(), patience).toBe(1)
    await expect.poll(() => by('weights-sizes').textContent()).toMatch(/ONNX → [\s\S]* times smaller/)
    expect(await by('weights-tensors').locator('tbody tr').count()).toBeGreaterThan(3)
    await screenshot('weights-encoded')
    const { name, path } = await download(0)
    expect(name).toBe('gestures.shoe')
    container = path
  })

  test('the container gives the model back, here and from its file', { timeout: 120_000 }, async () => {
    const original = sha256(readFileSync(sample))
    await by('weights-decode').click()
    await expect.poll(() => results().count(), patience).toBe(2)
    expect(await download(0)).toMatchObject({ name: 'gestures.onnx', hash: original })
    await dropFile(by('drop-weights'), container)
    await expect.poll(() => results().count(), patience).toBe(3)
    expect((await download(0)).hash).toBe(original)
    await by('as-npz').check()
    await dropFile(by('drop-weights'), container)
    await expect.poll(() => results().count(), patience).toBe(4)
    expect((await download(0)).name).toMatch(/\.npz$/)
    await by('as-npz').uncheck()
    await screenshot('weights-decoded')
  })

  test('a model and the files beside it go together, and come back together', { timeout: 120_000 }, async () => {
    const [beside] = makeExternalOnnx(folder.file('big.onnx'), 1e5, 1 << 17)
    const paths = [folder.file('big.onnx'), folder.file(beside!)]
    await by('drop-weights-input').setInputFiles(paths)
    await expect.poll(() => results().count(), patience).toBe(5)
    await results().first().locator('[data-test="weights-decode"]').click()
    await expect.poll(() => results().count(), patience).toBe(6)
    for (const [n, path] of paths.entries()) expect((await download(n)).hash).toBe(sha256(readFileSync(path)))
  })

  test('what cannot be encoded or decoded is refused in a sentence', { timeout: 120_000 }, async () => {
    writeFileSync(folder.file('notes.onnx'), 'no network at all')
    truncateSync(container, 500)
    for (const [path, code] of [
      [folder.file('notes.onnx'), 'model.noWeights'],
      [container, 'pack.container'],
    ] as const) {
      await dropFile(by('drop-weights'), path)
      const note = page.locator(`[data-test="error"][data-code="${code}"]`)
      await note.waitFor(patience)
      expect(await note.locator('[data-test="error-next"]').textContent()).not.toBe('')
    }
    await screenshot('weights-refused')
    expect(await results().count()).toBe(6)
  })

  test('a long one shows progress and is cancelled', { timeout: 180_000 }, async () => {
    makeLargeOnnx(folder.file('long.onnx'), 1.6e8)
    await by('drop-weights-input').setInputFiles(folder.file('long.onnx'))
    await by('weights-upload').waitFor()
    await page.locator('[data-test="weights-job"][data-state="running"]').waitFor({ timeout: 120_000 })
    await expect.poll(() => by('weights-job').textContent(), patience).toMatch(/\d of 160\.0 MB/)
    // one picture only, because the job does not wait
    await page.screenshot({ path: join(screens, 'weights-running.png') })
    await by('weights-cancel').click()
    await by('weights-cancelled').waitFor(patience)
    expect(await results().count()).toBe(6)
  })

  test('a result is deleted, the others are there after a reload', async () => {
    await results().first().locator('[data-test="weights-delete"]').click()
    await by('confirm').click()
    await expect.poll(() => results().count()).toBe(5)
    await page.reload()
    await expect.poll(() => results().count()).toBe(5)
    expect(complaints).toEqual([])
  })
})
