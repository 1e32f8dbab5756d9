// A user at the page: finds things by their names for tests, and counts every press of the mouse.
import type { Locator, Page } from 'playwright-core'
import { dropFiles } from '../../support/browser.ts'

// Text, because the types of a browser hold in the page and not here.
const settled = (quietMs: number) => `new Promise((resolve) => {
  const done = () => { observer.disconnect(); resolve() }
  let timer = setTimeout(done, ${quietMs})
  const observer = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, ${quietMs}) })
  observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
  setTimeout(done, ${20 * quietMs})
})`

export class User {
  readonly page: Page
  clicks = 0

  constructor(page: Page) {
    this.page = page
  }

  by(name: string): Locator {
    return this.page.locator(`[data-test="${name}"]`)
  }

  async click(target: string | Locator): Promise<void> {
    this.clicks += 1
    await (typeof target === 'string' ? this.by(target) : target).first().click()
  }

  /** Typing needs the field first, which takes a press too. */
  async type(name: string, text: string): Promise<void> {
    await this.click(name)
    await this.by(name).fill(text)
  }

  /** A drag of files from the file manager; no click. */
  async drop(target: string, ...paths: readonly string[]): Promise<void> {
    await dropFiles(this.by(target), paths)
  }

  /** Waits until nothing on the page has changed for a while. */
  async settle(quietMs = 200): Promise<void> {
    await this.page.evaluate(settled(quietMs))
    await this.page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' })
  }

  /** By the address, as a link does. */
  async go(fragment: string): Promise<void> {
    await this.page.evaluate(`void (location.hash = ${JSON.stringify(fragment)})`)
    await this.settle()
  }
}
