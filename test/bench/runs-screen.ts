// The Bench screen with 10,000 runs: what each action takes of the page's main thread.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { User } from '../e2e/scenarios/user.ts'
import { fillWorkspace } from './many-projects.ts'
import { longestTaskCpuMs, most, say, seen, withPage } from './page-watch.ts'

const runCount = 10_000

/** By name; each is done on what the one before left. */
const actions: readonly (readonly [string, (user: User, page: Page) => Promise<unknown>])[] = [
  ['open the project', (user) => user.click('project-row')],
  ['open the screen', (user) => user.click('tab-runs')],
  ['sort by flash', (user) => user.click('sort-flashBytes')],
  ['sort by accuracy', (user) => user.click('sort-accuracy')],
  ['sort by model', (user) => user.click('sort-modelName')],
  ['type a filter', (user) => user.by('filter-text').pressSequentially('w4a8-1', { delay: 80 })],
  ['clear it', (user) => user.by('filter-text').fill('')],
  ['choose a filter', (user) => user.by('filter-budgets').selectOption('within')],
  ['clear it again', (user) => user.by('filter-budgets').selectOption('any')],
  ['scroll by 2,000 px 30 times', scroll],
  ['move over the plot', (user, page) => drag(user, page, false)],
  ['brush the plot', (user, page) => drag(user, page, true)],
  ['clear the area', (user) => user.click('area-clear')],
  ['plot against latency', (user) => user.by('pareto-cost').selectOption('latencyMs')],
  ['choose a run', (user) => user.click(user.by('select-run').nth(0))],
  ['compare two', (user) => user.click(user.by('select-run').nth(1))],
]

export async function measureRuns(folder: string): Promise<void> {
  const workspace = join(folder, 'runs')
  if (!existsSync(workspace)) await fillWorkspace(workspace, 1, runCount)
  await withPage(workspace, async (page, host) => {
    const user = new User(page)
    const browser = page.context().browser()
    await user.by('project-row').first().waitFor()
    await user.settle()
    await seen(page)
    await host.delayMs()
    const figures: { cpu: number; wall: number; delay: number }[] = []
    for (const [name, act] of actions) {
      const cpu = await longestTaskCpuMs(browser!, page, async () => {
        await act(user, page)
        await page.waitForTimeout(name.startsWith('open') ? 3000 : 500)
      })
      const { longTasks } = await seen(page)
      figures.push({ cpu, wall: most(longTasks), delay: await host.delayMs() })
      const { wall, delay } = figures.at(-1)!
      console.log(
        `  ${name}: longest task ${cpu.toFixed(0)} ms of CPU, ${wall || 'under 50'} ms by the clock; host held up ${delay.toFixed(0)} ms`,
      )
    }
    say(`the Bench screen with ${runCount} runs, ms, ${actions.length} actions`, {
      'longest task of the page, CPU': most(figures.map(({ cpu }) => cpu)),
      'by the clock, 0 when under 50': most(figures.map(({ wall }) => wall)),
      'actions with one over 50 by the clock': figures.filter(({ wall }) => wall > 50).length,
      "longest delay of the host's event loop": most(figures.map(({ delay }) => delay)),
    })
  })
}

async function scroll(user: User, page: Page) {
  await user.by('runs-scroll').hover()
  for (let n = 0; n < 30; n++) {
    await page.mouse.wheel(0, 2000)
    await page.waitForTimeout(16)
  }
}

async function drag(user: User, page: Page, pressed: boolean) {
  const box = (await user.by('pareto').boundingBox())!
  await page.mouse.move(box.x + 200, box.y + 60)
  if (pressed) await page.mouse.down()
  for (let n = 1; n <= 20; n++) await page.mouse.move(box.x + 200 + n * 15, box.y + 60 + n * 5)
  if (pressed) await page.mouse.up()
}
