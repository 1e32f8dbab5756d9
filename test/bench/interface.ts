// How quick the interface is, in real Chromium over "shoehorn serve", each figure with the load of the machine at that time.
//   npm run build:web && node test/bench/interface.ts [start|clicks|job|large|graph|runs ...]
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sample } from '../e2e/scenarios/stories.ts'
import { User } from '../e2e/scenarios/user.ts'
import { openBrowser, serveWorkspace } from '../support/browser.ts'
import { repository } from '../support/cli.ts'
import { makeDeepModel } from './deep-network.ts'
import { moveGraph } from './graph-screen.ts'
import { makeLargeModel } from './large-mlp.ts'
import { fillWorkspace } from './many-projects.ts'
import { cpuMs, longestTaskCpuMs, median, most, say, seen, slowness, watchPageCpu, withPage } from './page-watch.ts'
import { measureRuns } from './runs-screen.ts'

const projectCount = 200
const runsPerProject = 10
const largeBytes = 100e6

/** From the start of the host's process to a list of projects that can be pressed, browser running. */
async function measureStart(folder: string) {
  const workspace = join(folder, 'many')
  if (!existsSync(workspace)) await fillWorkspace(workspace, projectCount, runsPerProject)
  const rounds: { host: number; page: number; total: number; ratio: number; hostCpu: number; pageCpu: number }[] = []
  for (let round = 0; round < 6; round++) {
    const browser = await openBrowser()
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    const pageCpuMs = await watchPageCpu(page)
    const ratio = await slowness()
    const startMs = performance.now()
    const served = await serveWorkspace(workspace)
    const servedMs = performance.now()
    await page.goto(served.url)
    await page.locator('[data-test="project-row"]').first().waitFor()
    await page.locator('[data-test="new-project"]').click({ trial: true })
    const endMs = performance.now()
    const cpu = { hostCpu: cpuMs(served.pid), pageCpu: await pageCpuMs() }
    // The first round compiles; a user's second start and every later one finds it compiled.
    if (round > 0)
      rounds.push({ host: servedMs - startMs, page: endMs - servedMs, total: endMs - startMs, ratio, ...cpu })
    else say('first start ever, ms', { host: servedMs - startMs, page: endMs - servedMs, total: endMs - startMs })
    await browser.close()
    await served[Symbol.asyncDispose]()
  }
  const of = (key: keyof (typeof rounds)[number]) => rounds.map((round) => round[key])
  say(`start with ${projectCount} projects, ms, ${rounds.length} rounds`, {
    'median host': median(of('host')),
    'median page': median(of('page')),
    'median total': median(of('total')),
    'least total': Math.min(...of('total')),
    'median CPU of the host': median(of('hostCpu')),
    'median CPU of the page': median(of('pageCpu')),
    'wall over CPU time of plain arithmetic': median(of('ratio')).toFixed(2),
  })
}

/** A tour over every screen; each press by its Event Timing entry. */
async function measureClicks(folder: string) {
  const workspace = join(folder, 'many')
  if (!existsSync(workspace)) await fillWorkspace(workspace, projectCount, runsPerProject)
  await withPage(workspace, async (page) => {
    const user = new User(page)
    await user.by('project-row').first().waitFor()
    await user.settle()
    await seen(page)
    const slow: { step: string; duration: number; own: number; longest: number }[] = []
    const press = async (step: string, target = user.by(step)) => {
      if ((await target.count()) === 0) return
      await user.click(target)
      await user.settle()
      const { slowEvents, longTasks } = await seen(page)
      slow.push({
        step,
        duration: most(slowEvents.map(({ duration }) => duration)),
        own: most(slowEvents.map(({ own }) => own)),
        longest: most(longTasks),
      })
    }
    await press('project-row')
    for (const tab of ['model', 'data', 'compress', 'runs', 'device', 'report', 'overview']) await press(`tab-${tab}`)
    await press('tab-runs')
    for (const column of ['flashBytes', 'latencyMs', 'accuracy']) await press(`sort-${column}`)
    for (const row of [0, 1]) await press(`select-run`, user.by('select-run').nth(row))
    await press('run-link')
    for (const step of ['devices-link', 'weights-link', 'project-row', 'edit-budgets']) await press(step)
    await page.keyboard.press('Escape')
    await press('new-project')
    await press('device-option')
    await page.keyboard.press('Escape')
    for (let n = 0; n < 5; n++) await press('another project', user.by('project-row').nth(20 + n))
    for (const { step, duration, own, longest } of slow)
      console.log(
        `  ${step}: to the next paint ${duration} ms, own handlers ${own.toFixed(1)} ms, longest task ${longest} ms`,
      )
    say(`clicks, ms, ${slow.length} presses`, {
      'median to the next paint': median(slow.map(({ duration }) => duration)),
      most: most(slow.map(({ duration }) => duration)),
      'most of own handlers': most(slow.map(({ own }) => own)),
      'over 100': slow.filter(({ duration }) => duration > 100).length,
      'longest task': most(slow.map(({ longest }) => longest)),
    })
  })
}

/** The page while a job runs on the host. */
async function measureJob(folder: string) {
  await withPage(join(folder, 'job'), async (page, host) => {
    const user = new User(page)
    await user.click('new-project-home')
    await user.by('project-name').fill('Gestures')
    await user.click(page.locator('[data-test="device-option"][data-device="pico"]'))
    await user.click('create-project')
    await user.by('project-title').waitFor()
    await user.drop('project-page', sample('gestures.onnx'), sample('gestures-test.npz'))
    await user.by('data-name').waitFor({ timeout: 60_000 })
    await user.settle()
    await seen(page)
    await host.delayMs()
    const cpu = await longestTaskCpuMs(page.context().browser()!, page, async () => {
      await user.click('compress-deploy')
      await page.locator('[data-test="job"][data-state="done"]').waitFor({ timeout: 300_000 })
    })
    const { longTasks, ticks, slowFrames } = await seen(page)
    const delayMs = await host.delayMs()
    for (const frame of slowFrames) console.log(`  ${frame}`)
    const ratio = await slowness()
    say('a job from press to result, ms', {
      'longest task of the page, CPU': cpu,
      'by the clock, 0 when under 50': most(longTasks),
      'tasks over 50': longTasks.length,
      'longest wait of a 10 ms timer': ticks.longest,
      ticks: ticks.count,
      "longest delay of the host's event loop": delayMs,
      'wall over CPU time of plain arithmetic': ratio.toFixed(2),
    })
  })
}

/** A model of 100 MB is uploaded, read and analysed; the page ticks and the host answers others meanwhile. */
async function measureLarge(folder: string) {
  const path = join(folder, 'large.onnx')
  makeLargeModel(path, largeBytes)
  await withPage(join(folder, 'large'), async (page, served) => {
    const user = new User(page)
    await user.click('new-project-home')
    await user.by('project-name').fill('Large')
    await user.click(page.locator('[data-test="device-option"][data-device="twin"]'))
    await user.click('create-project')
    await user.by('drop-model-input').waitFor({ state: 'attached' })
    await user.settle()
    await seen(page)
    await served.delayMs()
    const answers: number[] = []
    let asking = true
    const other = (async () => {
      const second = await page.context().newPage()
      while (asking) {
        const startMs = performance.now()
        await second.goto('about:blank')
        await second.goto(served.url)
        await second.locator('[data-test="project-row"]').first().waitFor({ timeout: 120_000 })
        answers.push(performance.now() - startMs)
      }
      await second.close()
    })()
    const startMs = performance.now()
    await user.by('drop-model-input').setInputFiles(path)
    await user.by('model-name').waitFor({ timeout: 300_000 })
    const addedMs = performance.now()
    const adding = await seen(page)
    const addingDelayMs = await served.delayMs()
    await user.click('tab-model')
    await user.by('graph').waitFor({ timeout: 300_000 })
    const drawnMs = performance.now()
    await user.by('deployability').waitFor({ timeout: 300_000 })
    const analysedMs = performance.now()
    const analysisDelayMs = await served.delayMs()
    asking = false
    await other
    const { longTasks, ticks, slowFrames } = await seen(page)
    for (const frame of [...adding.slowFrames, ...slowFrames]) console.log(`  ${frame}`)
    const ratio = await slowness()
    say('a model of 100 MB', {
      'seconds to be added': ((addedMs - startMs) / 1000).toFixed(1),
      'seconds to its graph and layers': ((drawnMs - addedMs) / 1000).toFixed(1),
      'seconds to its analysis': ((analysedMs - addedMs) / 1000).toFixed(1),
      'longest task of the page while it is sent and read, ms': most(adding.longTasks),
      'longest wait of a 10 ms timer, ms': adding.ticks.longest,
      'ticks of it': adding.ticks.count,
      'longest task of the page while its screen is shown and it is analysed, ms': most(longTasks),
      'longest wait of the timer, ms': ticks.longest,
      "longest delay of the host's event loop while it is added": addingDelayMs,
      'and while it is analysed': analysisDelayMs,
      'starts of a second page meanwhile': answers.length,
      'median of them, ms': median(answers),
      'longest, ms': most(answers),
      'wall over CPU time of plain arithmetic': ratio.toFixed(2),
    })
  })
}

/** A model of a thousand nodes is drawn, moved, zoomed and searched. */
async function measureGraph(folder: string) {
  const path = join(folder, 'deep.onnx')
  makeDeepModel(path, 1000)
  await withPage(join(folder, 'deep'), async (page) => {
    const user = new User(page)
    await user.click('new-project-home')
    await user.by('project-name').fill('Deep')
    await user.click(page.locator('[data-test="device-option"][data-device="twin"]'))
    await user.click('create-project')
    await user.by('drop-model-input').setInputFiles(path)
    await user.by('model-name').waitFor({ timeout: 300_000 })
    await user.settle()
    await seen(page)
    const figures = await moveGraph(page)
    const { longTasks } = await seen(page)
    for (const { what, count, medianMs, mostMs, over50 } of figures)
      console.log(
        `  ${what}: ${count} frames, median ${medianMs.toFixed(0)} ms, most ${mostMs.toFixed(0)} ms, over 50 ms ${over50}`,
      )
    const ratio = await slowness()
    say('a graph of 1 000 nodes', {
      'longest task of the page from opening the screen on, ms': most(longTasks),
      'tasks over 50': longTasks.length,
      'wall over CPU time of plain arithmetic': ratio.toFixed(2),
    })
  })
}

const measures = {
  start: measureStart,
  clicks: measureClicks,
  job: measureJob,
  large: measureLarge,
  graph: measureGraph,
  runs: measureRuns,
}

async function main(asked: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'shoehorn-interface-'))
  mkdirSync(join(repository, 'test-results'), { recursive: true })
  try {
    for (const [name, measure] of Object.entries(measures))
      if (asked.length === 0 || asked.includes(name)) await measure(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await main(process.argv.slice(2))
