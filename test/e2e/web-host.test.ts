// What only the web host has: its token, and a process that can die while the page lives.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, openBrowser, type ServedWorkspace, serveWorkspace } from '../support/browser.ts'
import { temporaryFolder } from '../support/workspace.ts'

// Run in the page, where the types of a browser hold; here it is text.
const knock = `new Promise((resolve) => {
  const socket = new WebSocket('ws://' + location.host + '/rpc?token=wrong')
  socket.onopen = () => resolve('open')
  socket.onerror = () => resolve('refused')
})`

describe.skipIf(!hasChromium)('the web host', () => {
  const folder = temporaryFolder()
  let browser: Browser
  let served: ServedWorkspace

  beforeAll(async () => {
    served = await serveWorkspace(folder.file('workspace'))
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await served?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  test('without the token nothing is given', async () => {
    const page = await browser.newPage()
    await page.goto(new URL(served.url).origin)
    expect(await page.evaluate(knock)).toBe('refused')
    await page.close()
  })

  test('files are taken from pages of its own alone, and for an upload that was begun', async () => {
    const put = async (id: string, headers: Record<string, string>) => {
      const response = await fetch(new URL(`/upload/${id}`, served.url), { method: 'PUT', headers, body: 'abc' })
      return { status: response.status, text: await response.text() }
    }
    const unknown = await put('00000000-0000-4000-8000-000000000000', {})
    expect([unknown.status, JSON.parse(unknown.text)]).toMatchObject([400, { code: 'store.notFound' }])
    expect(await put('x', { origin: 'http://elsewhere.test' })).toEqual({ status: 403, text: '' })
  })

  test('it can die: the page says so, and has everything when it is back', async () => {
    const page = await browser.newPage()
    const by = (name: string) => page.locator(`[data-test="${name}"]`)
    await page.goto(served.url)
    await by('new-project-home').click()
    await by('project-name').fill('Kept')
    await by('device-option').first().click()
    await by('create-project').click()
    await by('project-title').waitFor()
    served.kill()
    await by('connection-lost').waitFor({ timeout: 20_000 })
    await served[Symbol.asyncDispose]()
    served = await serveWorkspace(folder.file('workspace'))
    await page.goto(served.url)
    await expect.poll(() => by('project-row').allTextContents()).toEqual([expect.stringContaining('Kept')])
  })
})
