// Every screen in both languages, both themes and both sizes: looked at by axe-core, walked by the Tab key, and left as a
// picture in test-results/screens.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openBrowser, serveWorkspace } from '../support/browser.ts'
import { repository } from '../support/cli.ts'
import { temporaryFolder } from '../support/workspace.ts'
import { seriousIssues } from './scenarios/axe.ts'
import { type OpenHost, webHost } from './scenarios/host.ts'
import { walkByTab } from './scenarios/keyboard.ts'
import { findPlace } from './scenarios/place.ts'
import { type Screen, screensOf } from './scenarios/screens.ts'
import { prepareStates, statesOf } from './scenarios/states.ts'
import { aProjectPerDevice, comparingBenchmarks, oneClickCompressAndDeploy } from './scenarios/stories.ts'
import { User } from './scenarios/user.ts'

const pictures = join(repository, 'test-results/screens')
const sizes = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
]
const mostHeight = 6000
const themes = ['light', 'dark'] as const
const languages = ['en', 'zh-CN'] as const
const sidewaysScroll = `Math.max(...[document.documentElement, document.querySelector('main'), document.querySelector('dialog[open]')]
  .filter(Boolean).map((each) => each.scrollWidth - each.clientWidth))`

async function remember(page: Page, language: string) {
  await page.evaluate(`localStorage.setItem('shoehorn.language', '${language}')`)
  await page.reload()
}

/** @returns what is wrong with it, a line each */
async function examine(page: Page, name: string, language: string): Promise<string[]> {
  const problems: string[] = []
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme })
    for (const size of sizes) {
      await page.setViewportSize(size)
      await page.screenshot({ path: join(pictures, `${name}-${size.width}-${colorScheme}-${language}.png`) })
      const over = await page.evaluate(sidewaysScroll)
      if (over !== 0) problems.push(`${name} ${size.width} ${language}: ${over} px wider than the window`)
    }
    for (const issue of await seriousIssues(page)) problems.push(`${name} ${colorScheme} ${language}: ${issue}`)
  }
  return problems
}

describe.skipIf(webHost.missing)('a first start, and a host that goes away', () => {
  test('say what to do, and that nothing is lost', { timeout: 120_000 }, async () => {
    using folder = temporaryFolder()
    mkdirSync(pictures, { recursive: true })
    await using served = await serveWorkspace(folder.file('workspace'))
    const browser = await openBrowser()
    const problems: string[] = []
    const pages = await Promise.all(
      languages.map(async (language) => {
        const page = await (await browser.newContext()).newPage()
        await page.goto(served.url)
        await remember(page, language)
        await page.locator('[data-test="drop-start"]').waitFor({ timeout: 30_000 })
        return { page, language }
      }),
    )
    for (const { page, language } of pages) problems.push(...(await examine(page, 'first-start', language)))
    served.kill()
    for (const { page, language } of pages) {
      await page.locator('[data-test="connection-lost"]').waitFor({ timeout: 30_000 })
      problems.push(...(await examine(page, 'connection-lost', language)))
    }
    await browser.close()
    expect(problems).toEqual([])
  })
})

describe.skipIf(webHost.missing)('every screen', () => {
  const folder = temporaryFolder()
  let opened: OpenHost
  let user: User
  let screens: Screen[]

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true })
    opened = await webHost.open(folder.path)
    user = new User(opened.page)
  })
  afterAll(async () => {
    await opened?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  test('has something to show', { timeout: 400_000 }, async () => {
    await oneClickCompressAndDeploy(user, 'twin')
    await aProjectPerDevice(user, 'pico')
    await comparingBenchmarks(user)
    const place = await findPlace(user)
    screens = [...screensOf(place), ...statesOf({ ...place, ...(await prepareStates(user, folder.path)) })]
  })

  async function speak(language: string) {
    await remember(user.page, language)
    await user.by('project-row').first().waitFor({ timeout: 30_000 })
  }

  /** Everything that scrolls, in one picture. */
  async function pictureWhole(name: string, language: string) {
    await user.page.emulateMedia({ colorScheme: 'light' })
    const height = z.number().parse(await user.page.evaluate(`document.querySelector('main').scrollHeight`))
    if (height <= sizes[0]!.height) return
    await user.page.setViewportSize({ width: sizes[0]!.width, height: Math.min(height, mostHeight) })
    await user.page.screenshot({ path: join(pictures, `${name}-whole-${language}.png`) })
    await user.page.setViewportSize(sizes[0]!)
  }

  test.for(languages)('in %s has no serious issue for axe-core', { timeout: 900_000 }, async (language) => {
    await speak(language)
    const problems: string[] = []
    for (const screen of screens) {
      await screen.open(user)
      problems.push(...(await examine(user.page, screen.name, language)))
      await pictureWhole(screen.name, language)
      await screen.close?.(user)
    }
    expect(problems, problems.join('\n')).toEqual([])
  })

  test('is walked by the Tab key: every control, in order, seen', { timeout: 600_000 }, async () => {
    await speak('en')
    const problems: unknown[] = []
    for (const screen of screens) {
      await screen.open(user)
      const walk = await walkByTab(user)
      if (walk.missed.length > 0 || walk.unseen.length > 0 || !walk.inOrder)
        problems.push({ screen: screen.name, ...walk })
      await screen.close?.(user)
    }
    expect(problems).toEqual([])
  })

  test('a dialog keeps the focus, and gives it back', async () => {
    await user.go('#/')
    // Whatever the walk before left behind is not what this is about.
    await user.page.reload()
    await user.by('new-project').waitFor()
    for (const leave of ['Escape', 'Cancel'] as const) {
      await user.by('new-project').focus()
      await user.page.keyboard.press('Enter')
      await user.page.locator('dialog[open]').waitFor()
      for (let press = 0; press < 30; press++) {
        await user.page.keyboard.press('Tab')
        expect(await user.page.evaluate(`!document.activeElement.closest('main, nav')`)).toBe(true)
      }
      if (leave === 'Escape') await user.page.keyboard.press('Escape')
      else await user.page.getByRole('button', { name: 'Cancel' }).press('Enter')
      await user.page.locator('dialog[open]').waitFor({ state: 'detached' })
      expect([leave, await user.page.evaluate('document.activeElement.dataset.test')]).toEqual([leave, 'new-project'])
    }
  })

  test('the palette leads anywhere by the keyboard', async () => {
    await user.go('#/')
    await user.page.keyboard.press('Control+k')
    await user.by('palette-input').fill('all devices')
    await user.page.keyboard.press('Enter')
    await expect.poll(() => user.page.url()).toContain('#/devices')
    await user.page.keyboard.press('F1')
    await user.by('keys-dialog').waitFor()
    await user.page.keyboard.press('Escape')
  })
})
