// The first user story in a real Chromium against "shoehorn serve": a project, a model and data by drag and drop, the button,
// progress, the result, the report. Screenshots of every screen are left in test-results/screens.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dropFile, hasChromium, openBrowser, type ServedWorkspace, serveWorkspace } from '../support/browser.ts'
import { repository } from '../support/cli.ts'
import { temporaryFolder } from '../support/workspace.ts'

const sample = (name: string) => join(repository, 'resources/samples', name)
const screens = join(repository, 'test-results/screens')

// Run in the page, where the types of a browser hold; here they are text.
const sidewaysScroll = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
const knock = `new Promise((resolve) => {
  const socket = new WebSocket('ws://' + location.host + '/rpc?token=wrong')
  socket.onopen = () => resolve('open')
  socket.onerror = () => resolve('refused')
})`

describe.skipIf(!hasChromium)('the workbench in Chromium', () => {
  const folder = temporaryFolder()
  let browser: Browser
  let served: ServedWorkspace
  let page: Page
  const complaints: string[] = []
  const by = (name: string) => page.locator(`[data-test="${name}"]`)

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
        await page.screenshot({ path: join(screens, `${name}-${width}-${colorScheme}.png`), fullPage: true })
        const overflow = await page.evaluate(sidewaysScroll)
        expect([name, width, overflow]).toEqual([name, width, 0])
      }
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.emulateMedia({ colorScheme: 'light' })
  }

  test('without the token nothing is given', async () => {
    const { origin } = new URL(served.url)
    const stranger = await browser.newPage()
    await stranger.goto(origin)
    const refused = await stranger.evaluate(knock)
    await stranger.close()
    expect(refused).toBe('refused')
  })

  test('an empty workspace says what to do', async () => {
    await page.goto(served.url)
    await by('new-project-home').waitFor()
    await screenshot('empty')
  })

  test('a project is made for a device', async () => {
    await by('new-project-home').click()
    await by('device-option').first().waitFor()
    await screenshot('new-project')
    await by('project-name').fill('Gestures')
    await page.locator('[data-test="device-option"][data-device="pico"]').click()
    await by('create-project').click()
    await expect.poll(() => by('project-title').textContent()).toContain('Gestures')
    await screenshot('project-empty')
  })

  test('a wrong file gets an error with a next step, and loses nothing', async () => {
    await dropFile(by('model-card'), sample('gestures.json'))
    await by('error-next').first().waitFor()
    await screenshot('wrong-file')
  })

  test('model and data come by drag and drop', async () => {
    await dropFile(by('model-card'), sample('gestures.onnx'))
    await dropFile(by('data-card'), sample('gestures-test.npz'))
    await expect.poll(() => by('model-name').textContent(), { timeout: 20_000 }).toContain('gestures.onnx')
    await expect.poll(() => by('data-name').textContent(), { timeout: 20_000 }).toContain('gestures-test.npz')
    await by('preprocess').locator('summary').click()
    await by('preprocess-scale').fill('0.03125')
    await by('preprocess-save').click()
    await expect.poll(() => by('preprocess').locator('summary').textContent()).toContain('0.03125')
    await screenshot('project-ready')
  })

  test('the button compresses, deploys and measures, with progress', { timeout: 240_000 }, async () => {
    await by('run-options').locator('summary').click()
    await page.getByLabel('On the device').fill('12')
    await by('compress-deploy').click()
    await by('job').waitFor()
    await by('job-stage-compress').waitFor()
    await screenshot('job')
    await page.reload()
    await by('job').waitFor()
    await by('open-run').waitFor({ timeout: 200_000 })
    await screenshot('project-done')
  })

  test('the result shows what was measured, and the report opens', async () => {
    await by('open-run').click()
    await by('run-page').waitFor()
    await expect.poll(() => by('bit-exact').textContent()).toContain('12 of 12')
    await screenshot('run')
    const [report] = await Promise.all([page.waitForEvent('popup'), by('open-report').click()])
    await report.waitForLoadState()
    await expect.poll(() => report.locator('body').textContent()).toContain('gestures.onnx')
    await report.screenshot({ path: join(screens, 'report.png'), fullPage: true })
    await report.close()
  })

  test('runs, model and devices have their screens', async () => {
    await by('project-row').first().click()
    await by('tab-runs').click()
    await by('run-row').first().waitFor()
    await screenshot('runs')
    await by('tab-model').click()
    await by('layers').waitFor()
    await by('deployability').waitFor()
    await screenshot('model')
    await by('devices-link').click()
    await by('device').first().waitFor()
    await by('device').filter({ hasText: 'Twin' }).locator('[data-test="identify"]').click()
    await by('handshake').first().waitFor()
    await screenshot('devices')
  })

  test('the page complained of nothing', () => {
    expect(complaints).toEqual([])
  })

  test('the host can die: the page says so, and the run is there when it is back', async () => {
    served.kill()
    await by('connection-lost').waitFor({ timeout: 20_000 })
    await served[Symbol.asyncDispose]()
    served = await serveWorkspace(folder.file('workspace'))
    await page.goto(served.url)
    await by('project-row').first().click()
    await by('tab-runs').click()
    await by('run-row').first().waitFor()
  })
})
