// Frames while a graph of a thousand nodes is moved, zoomed and searched in the page.
import type { Page } from 'playwright-core'
import { z } from 'zod'
import { User } from '../e2e/scenarios/user.ts'

const watchFrames = `(() => {
  window.frameMs = []
  let last = performance.now()
  const tick = (now) => { window.frameMs.push(now - last); last = now; requestAnimationFrame(tick) }
  requestAnimationFrame(tick)
})()`

/** Milliseconds between two frames, since the last call. */
async function frames(page: Page): Promise<number[]> {
  return z.array(z.number()).parse(await page.evaluate('window.frameMs.splice(0).slice(1)'))
}

export interface FrameFigures {
  readonly what: string
  readonly count: number
  readonly medianMs: number
  readonly mostMs: number
  readonly over50: number
}

/** A page that shows the overview of a project with the model. */
export async function moveGraph(page: Page): Promise<FrameFigures[]> {
  const user = new User(page)
  await user.click('tab-model')
  await user.by('deployability').waitFor({ timeout: 300_000 })
  await user.by('graph').waitFor({ timeout: 300_000 })
  await user.settle()
  await page.evaluate(watchFrames)
  const box = (await user.by('graph').boundingBox())!
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  const found: FrameFigures[] = []
  const measured = async (what: string, act: () => Promise<void>) => {
    await frames(page)
    await act()
    const sorted = (await frames(page)).toSorted((a, b) => a - b)
    const over50 = sorted.filter((ms) => ms > 50).length
    found.push({ what, count: sorted.length, medianMs: sorted[sorted.length >> 1]!, mostMs: sorted.at(-1)!, over50 })
  }
  const wheel = async (step: number) => {
    await page.mouse.move(x, y)
    for (let i = 0; i < 60; i++) await page.mouse.wheel(0, step)
  }
  const drag = async () => {
    await page.mouse.move(x, y)
    await page.mouse.down()
    for (let i = 0; i < 90; i++) await page.mouse.move(x + 150 * Math.sin(i / 8), y + 100 * Math.cos(i / 8))
    await page.mouse.up()
  }
  await measured('zooming out', () => wheel(60))
  await measured('moving, all nodes seen', drag)
  await measured('zooming in', () => wheel(-60))
  await measured('moving, names seen', drag)
  await measured('searching', async () => {
    await user.click('graph-search')
    await page.keyboard.type('conv', { delay: 60 })
    for (let i = 0; i < 40; i++) await page.keyboard.press('Enter', { delay: 16 })
  })
  return found
}
