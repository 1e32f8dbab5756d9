// What the measurements of the interface share: a page and a host that keep how long they were held up.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { z } from 'zod'
import { openBrowser, type ServedWorkspace, serveWorkspace } from '../support/browser.ts'

export const load = () => `load ${loadavg()[0]!.toFixed(1)} on ${cpus().length} cores`
export const say = (what: string, figures: Readonly<Record<string, number | string>>) =>
  console.log(
    `${what}: ${Object.entries(figures)
      .map(([name, value]) => `${name} ${typeof value === 'number' ? Math.round(value) : value}`)
      .join(', ')} (${load()})`,
  )

// Text, because the types of a browser hold in the page and not here.
const watchTasks = `(() => {
  window.longTasks = []
  window.slowEvents = []
  window.slowFrames = []
  new PerformanceObserver((list) => window.slowFrames.push(...list.getEntries().map(({ duration, scripts }) => Math.round(duration) + ' ms: ' + scripts.map((each) =>
    each.invoker + ' ' + each.sourceFunctionName + ' ' + Math.round(each.duration) + ' ms, of it layout ' + Math.round(each.forcedStyleAndLayoutDuration)).join('; '))))
    .observe({ type: 'long-animation-frame', buffered: true })
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((each) => each.duration)))
    .observe({ type: 'longtask', buffered: true })
  new PerformanceObserver((list) => window.slowEvents.push(
    ...list.getEntries().filter((each) => each.interactionId > 0).map((each) => ({ name: each.name, duration: each.duration, own: each.processingEnd - each.processingStart }))))
    .observe({ type: 'event', durationThreshold: 16, buffered: true })
  window.ticks = { last: performance.now(), longest: 0, count: 0 }
  setInterval(() => {
    const now = performance.now()
    window.ticks.longest = Math.max(window.ticks.longest, now - window.ticks.last)
    window.ticks.last = now
    window.ticks.count += 1
  }, 10)
})()`

const watched = z.object({
  longTasks: z.array(z.number()),
  /** What took long, and whose it was. */
  slowFrames: z.array(z.string()),
  slowEvents: z.array(z.object({ name: z.string(), duration: z.number(), own: z.number() })),
  ticks: z.object({ longest: z.number(), count: z.number() }),
})

/** What was seen since the last call. */
export async function seen(page: Page) {
  const found = await page.evaluate(`(() => {
    const { longTasks, slowEvents, slowFrames, ticks } = window
    const seen = { longTasks: [...longTasks], slowEvents: [...slowEvents], slowFrames: [...slowFrames], ticks: { ...ticks } }
    longTasks.length = slowEvents.length = slowFrames.length = 0
    ticks.longest = ticks.count = 0
    return seen
  })()`)
  return watched.parse(found)
}

export const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), 0)
export const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** How many times longer plain arithmetic takes than the CPU time it uses: 1 on an idle machine. */
export async function slowness(): Promise<number> {
  const script =
    'const t = process.cpuUsage(), s = performance.now(); let x = 0; for (let i = 0; i < 3e8; i++) x += i % 7; const u = process.cpuUsage(t); console.log((performance.now() - s) / ((u.user + u.system) / 1000))'
  const child = spawn(process.execPath, ['-e', script])
  let text = ''
  for await (const chunk of child.stdout) text += chunk
  return Number(text)
}

export async function withPage(workspace: string, use: (page: Page, host: WatchedHost) => Promise<void>) {
  const served = await serveWatched(workspace)
  const browser = await openBrowser()
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    await page.addInitScript(watchTasks)
    await page.goto(served.url)
    await use(page, served)
  } finally {
    await browser.close()
    await served[Symbol.asyncDispose]()
  }
}

/** CPU milliseconds that a process has used (Linux: fields 14 and 15 of stat, in hundredths of a second). */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return 10 * (Number(fields[11]) + Number(fields[12]))
}

/** CPU milliseconds of the page's main thread. */
export async function watchPageCpu(page: Page) {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN)
  }
}

export interface WatchedHost extends ServedWorkspace {
  /** The longest that the event loop of the host waited since the last call, in milliseconds. */
  delayMs(): Promise<number>
}

/** A host with host-delay.ts in it. */
async function serveWatched(workspace: string): Promise<WatchedHost> {
  const folder = mkdtempSync(join(tmpdir(), 'shoehorn-delay-'))
  const told = join(folder, 'delay')
  const { NODE_OPTIONS } = process.env
  process.env.NODE_OPTIONS = `--import=${pathToFileURL(join(import.meta.dirname, 'host-delay.ts')).href}`
  process.env.SHOEHORN_BENCH_DELAY = told
  const served = await serveWorkspace(workspace)
  if (NODE_OPTIONS === undefined) delete process.env.NODE_OPTIONS
  else process.env.NODE_OPTIONS = NODE_OPTIONS
  return {
    ...served,
    async delayMs() {
      rmSync(told, { force: true })
      process.kill(served.pid, 'SIGUSR2')
      while (!existsSync(told)) await pause(20)
      return Number(readFileSync(told, 'utf8'))
    },
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

const traceEvent = z.object({
  name: z.string(),
  ph: z.string(),
  pid: z.number(),
  tid: z.number(),
  tdur: z.number().optional(),
  args: z.object({ name: z.string().optional() }).loose().optional(),
})
const trace = z.object({ traceEvents: z.array(traceEvent) })

/** The longest task of the page's main thread during an action, in milliseconds of CPU time: without what others took of the core. */
export async function longestTaskCpuMs(browser: Browser, page: Page, action: () => Promise<unknown>): Promise<number> {
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] })
  await action()
  const { traceEvents } = trace.parse(JSON.parse((await browser.stopTracing()).toString()))
  const thread = (event: z.infer<typeof traceEvent>) => `${event.pid} ${event.tid}`
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map((event) => thread(event)),
  )
  const tasks = traceEvents.filter((event) => /RunTask/.test(event.name) && mains.has(thread(event)))
  return most(tasks.map(({ tdur = 0 }) => tdur / 1000))
}
