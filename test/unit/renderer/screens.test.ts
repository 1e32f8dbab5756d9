// The screens in real Chromium against the fake host: what a user does, sees, and is told when something goes wrong.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasBrowser, type Interface, openInterface } from '../../support/interface.ts'
import { sampleRun } from '../../support/sample-run.ts'

const model = { name: 'gestures.onnx', mimeType: 'application/octet-stream', buffer: Buffer.alloc(2_500_000, 1) }
const data = { name: 'gestures.npz', mimeType: 'application/octet-stream', buffer: Buffer.alloc(1000, 2) }

describe.skipIf(!hasBrowser)('screens', () => {
  let shown: Interface

  beforeAll(async () => {
    shown = await openInterface()
  }, 60_000)
  afterAll(() => shown?.[Symbol.asyncDispose]())

  const open = async (stepMs: number) => shown.page(await shown.host(stepMs))
  type Session = Awaited<ReturnType<typeof open>>

  async function createProject({ page, at }: Session, name = 'Band') {
    await at('new-project').click()
    await page.locator('[data-device="pico"]').check()
    await at('project-name').fill(name)
    await at('create-project').click()
  }

  async function makeReady(session: Session) {
    await createProject(session)
    await session.at('drop-model-input').setInputFiles(model)
    await session.at('model-name').waitFor()
    await session.at('drop-data-input').setInputFiles(data)
    await session.at('data-name').waitFor()
  }

  /** Presses the button; the job stays before the pack stage until the test lets it go on. */
  async function startAndHold(session: Session) {
    await makeReady(session)
    session.host.fake.holdBefore = 'pack'
    await session.at('compress-deploy').click()
    await session.page.locator('[data-test="job-stage-compress"][data-state="now"]').waitFor()
  }

  test('from nothing to a report', async () => {
    await using session = await open(10)
    const { page, at, host } = session
    expect(new URL(page.url()).hash).toBe('')
    await createProject(session)
    expect(await at('compress-deploy').isDisabled()).toBe(true)
    await drop(page, '[data-test="project-page"]', [
      { name: 'gestures.onnx', bytes: 2_500_000 },
      { name: 'gestures.npz', bytes: 1000 },
    ])
    await at('samples').waitFor()
    expect([...host.fake.uploads.values()].map((upload) => [upload.paths, upload.received])).toEqual([
      [['gestures.onnx'], [2_500_000]],
      [['gestures.npz'], [1000]],
    ])
    await at('compress-deploy').click()
    await at('open-run').click()
    expect(await at('verdict').textContent()).toContain('Over budget')
    expect(await at('bit-exact').textContent()).toContain('80 of 80')
    const popup = page.waitForEvent('popup')
    await at('open-report').click()
    expect(await (await popup).locator('h1').textContent()).toBe('Report')
    expect(session.complaints).toEqual([])
  })

  test('a project is made with the keyboard alone', async () => {
    await using session = await open(10)
    const { page, at } = session
    await at('new-project').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.type('By keyboard')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await at('project-title').waitFor()
    expect([await at('project-title').textContent(), session.host.fake.projects[0]?.device]).toEqual([
      'By keyboard',
      'pico',
    ])
  })

  test('the settings say which backend is taken, before and after a calibration', async () => {
    await using session = await open(10)
    const { page, at } = session
    await at('settings-link').click()
    await at('gpu').waitFor()
    const gram = page.locator('[data-kernel="gram"] [data-test="choice"]')
    const shown = async () => [await at('gpu').textContent(), await gram.textContent()]
    expect(await shown()).toEqual(['not looked for yet', 'CPU, until measured'])
    await at('calibrate').click()
    await page.locator('[data-test="gpu"][data-state="hardware"]').waitFor()
    expect(await shown()).toEqual(['Imagined GPU 4000', 'always CPU'])
    expect(await page.locator('[data-kernel="histogram"] [data-test="choice"]').textContent()).toBe(
      'GPU from 240\u00a0k elements',
    )
    expect(session.complaints).toEqual([])
  })

  test('an expected failure is shown with its next step, and what was typed stays', async () => {
    await using session = await open(10)
    await createProject(session, 'Twice')
    await session.at('project-title').waitFor()
    await createProject(session, 'Twice')
    expect(await session.at('error').getAttribute('data-code')).toBe('store.conflict')
    expect(await session.at('error-next').textContent()).toBe('Choose another name.')
    expect(await session.at('project-name').inputValue()).toBe('Twice')
  })

  test('a file that is neither model nor data is refused by name', async () => {
    await using session = await open(10)
    await createProject(session)
    await drop(session.page, '[data-test="project-page"]', [{ name: 'notes.txt', bytes: 3 }])
    expect(await session.at('error').textContent()).toContain('notes.txt')
    expect(session.host.fake.uploads.size).toBe(0)
  })

  test('a job is still there after a reload', async () => {
    await using session = await open(5)
    await startAndHold(session)
    await session.page.reload()
    await session.page.locator('[data-test="job"][data-state="running"]').waitFor()
    expect(await session.at('compress-deploy').isDisabled()).toBe(true)
    session.host.fake.holdBefore = null
    await session.at('open-run').waitFor()
    expect(session.complaints).toEqual([])
  })

  test('a lost host is said so, and the job goes on being shown once it answers again', async () => {
    await using session = await open(5)
    await startAndHold(session)
    session.host.disconnect()
    await session.at('connection-lost').waitFor()
    session.host.fake.holdBefore = null
    await session.at('open-run').waitFor()
    expect(await session.at('connection-lost').count()).toBe(0)
  })

  test('a job can be cancelled', async () => {
    await using session = await open(5)
    await startAndHold(session)
    await session.at('cancel-job').click()
    await session.page.locator('[data-test="job"][data-state="cancelled"]').waitFor()
    expect([await session.at('compress-deploy').isEnabled(), session.host.fake.runs.length]).toEqual([true, 0])
  })

  test('budgets and preprocessing are changed on the host', async () => {
    await using session = await open(10)
    await makeReady(session)
    await session.at('edit-budgets').click()
    await session.at('budget-latencyMs').fill('abc')
    await session.at('save-budgets').click()
    expect(await session.page.locator('#budget-latencyMs-hint').textContent()).toContain('Write a number')
    await session.at('budget-latencyMs').fill('20')
    await session.at('save-budgets').click()
    await session.at('budgets-dialog').waitFor({ state: 'detached' })
    await session.at('preprocess').locator('summary').click()
    await session.at('preprocess-scale').fill('1/255')
    await session.at('preprocess-save').click()
    await session.page.getByText('scale 0.00392').waitFor()
    const { fake } = session.host
    expect([fake.projects[0]?.budgets.latencyMs, fake.data[0]?.preprocess]).toEqual([20, { scale: 1 / 255 }])
  })

  test('calibration data is added, read as the data is, and goes into the run', async () => {
    await using session = await open(10)
    const { at, page, host } = session
    await makeReady(session)
    await at('preprocess').locator('summary').click()
    await at('preprocess-scale').fill('1/255')
    await at('preprocess-save').click()
    await page.getByText('scale 0.00392').waitFor()
    await at('run-options').locator('summary').click()
    expect(await at('option-calibration').locator('option').allTextContents()).toEqual(['a part of the data (default)'])
    await drop(page, '[data-test="drop-calibration"]', [{ name: 'quiet.npz', bytes: 10 }])
    await at('run-options').getByText('calibrated with quiet.npz').waitFor()
    const [data, quiet] = host.fake.data
    expect([quiet?.preprocess, host.fake.projects[0]?.dataSetId]).toEqual([{ scale: 1 / 255 }, data?.id])
    await at('compress-deploy').click()
    await at('open-run').waitFor()
    await at('option-calibration').selectOption('')
    await at('compress-deploy').click()
    await at('tab-runs').getByText('2').waitFor()
    expect(host.fake.requests.map((request) => request.calibration)).toEqual([quiet?.id, undefined])
    expect(session.complaints).toEqual([])
  })

  test('calibration data that cannot serve is refused, or doubted', async () => {
    await using session = await open(10)
    const { at, page, host } = session
    await makeReady(session)
    await at('run-options').locator('summary').click()
    await drop(page, '[data-test="drop-calibration"]', [{ name: 'other.onnx', bytes: 10 }])
    expect(await at('error').getAttribute('data-code')).toBe('renderer.notOneDataSet')
    expect(host.fake.uploads.size).toBe(2)
    await drop(page, '[data-test="drop-calibration"]', [{ name: 'image.npz', bytes: 10 }])
    expect(await at('calibration-doubt').textContent()).toContain('16 × 16 × 3')
    expect(await at('error').count()).toBe(0)
  })

  test('an own recipe is written from a preset, checked while it is typed, kept and run', async () => {
    await using session = await open(10)
    const { at, page, host } = session
    await makeReady(session)
    await at('tab-compress').click()
    await at('recipe').selectOption('own recipe')
    const started = await at('recipe-text').inputValue()
    expect(started).toContain('pass: quantize-int8')
    await at('recipe-state').getByText('Valid').waitFor()
    await at('recipe-text').fill(started.replace('quantize-int8', 'quantize-int9'))
    await at('error').waitFor()
    expect(await at('error').textContent()).toMatch(/passes\[\d+\]\.pass: there is no pass "quantize-int9"/)
    expect([await at('compress-deploy').isDisabled(), await at('error-next').textContent()]).toEqual([
      true,
      'Correct the recipe at the place named.',
    ])
    await at('recipe-text').fill('passes:\n  - [')
    await at('error').getByText('line 2').waitFor()
    const written = '{"name": "mine", "passes": ["fold-constants"]}'
    await at('recipe-text').fill(written)
    await at('recipe-state').getByText('Valid, 1 step; kept in this project.').waitFor()
    await expect.poll(() => host.fake.projects[0]?.recipe).toBe(written)
    await page.reload()
    expect(await at('recipe-text').inputValue()).toBe(written)
    await at('compress-deploy').click()
    await at('open-run').waitFor()
    await at('recipe').selectOption('float')
    await at('recipe-text').waitFor({ state: 'detached' })
    expect([host.fake.requests[0]?.recipe, host.fake.projects[0]?.recipe]).toEqual([written, 'float'])
    await at('recipe').selectOption('own recipe')
    expect(await at('recipe-text').inputValue()).not.toContain('quantize')
    await at('recipe').selectOption('own:mine')
    expect(await at('recipe-text').inputValue()).toBe(written)
    await expect.poll(() => host.fake.projects[0]?.recipe).toBe(written)
    expect(session.complaints).toEqual([])
  })

  test('a project is renamed; a name that is taken is said so', async () => {
    await using session = await open(10)
    const { at, page, host } = session
    await createProject(session, 'First')
    await at('project-title').getByText('First').waitFor()
    await createProject(session, 'Second')
    await at('project-title').getByText('Second').waitFor()
    await at('rename-project').click()
    await at('rename-name').fill('First')
    await at('rename-save').click()
    expect([await at('error').getAttribute('data-code'), await at('error-next').textContent()]).toEqual([
      'store.conflict',
      'Choose another name.',
    ])
    await at('rename-name').fill('  ')
    expect(await at('rename-save').isDisabled()).toBe(true)
    await at('rename-name').fill(' Third ')
    await page.keyboard.press('Enter')
    await at('rename-dialog').waitFor({ state: 'detached' })
    await at('project-title').getByText('Third').waitFor()
    await page.getByRole('navigation').getByText('Third').waitFor()
    expect(host.fake.projects.map((project) => project.name)).toEqual(['First', 'Third'])
  })

  test('samples that are integers without a scale are pointed out, until a scale is set', async () => {
    await using session = await open(10)
    const { at, page } = session
    await createProject(session)
    await at('drop-data-input').setInputFiles({ ...data, name: 't10k-images-idx3-ubyte' })
    await at('integer-hint').waitFor()
    await at('set-scale').click()
    await expect.poll(() => page.evaluate('document.activeElement.dataset.test')).toBe('preprocess-scale')
    await page.keyboard.type('1/255')
    await page.keyboard.press('Enter')
    await at('integer-hint').waitFor({ state: 'detached' })
    await at('drop-data-input').setInputFiles(data)
    await at('data-name').getByText('gestures.npz').waitFor()
    expect(await at('integer-hint').count()).toBe(0)
    expect(session.complaints).toEqual([])
  })

  test('an original that hardly does better than guessing is said so on the result page', async () => {
    await using session = await open(1)
    const { at, host } = session
    await makeReady(session)
    const { quality } = sampleRun()
    if (quality.original.task !== 'classification') throw new Error('the sample run has classes')
    host.fake.nextRun = { quality: { ...quality, original: { ...quality.original, top1: 0.3 } } }
    await at('compress-deploy').click()
    await at('open-run').click()
    expect(await at('guessing').textContent()).toContain('30.00\u00a0% right, guessing gives 25.00\u00a0%')
    host.fake.nextRun = {}
  })

  test('estimates of a model count what the totals of a run count, and say how far off they may be', async () => {
    await using session = await open(1)
    const { at } = session
    await makeReady(session)
    await at('tab-model').click()
    await at('deployability').waitFor()
    const heads = await at('deployability').locator('thead th').allTextContents()
    expect(heads).toEqual(['Device', 'Fits', 'Flash', 'RAM', 'Latency', 'What is in the way'])
    expect(await at('deployability-note').textContent()).toContain('stack and static RAM')
  })

  test('the heat map: made on request, walked by keyboard, explained, sorted, with other measures', async () => {
    await using session = await open(1)
    const { at, page } = session
    await makeReady(session)
    await at('tab-model').click()
    await at('sensitivity-start').click()
    const cell = (row: number, column: number) => page.locator(`[data-cell="${row},${column}"]`)
    await expect.poll(() => cell(1, 1).textContent()).toBe('12.0')
    expect(await cell(1, 2).textContent()).toBe('·')
    await cell(0, 0).focus()
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowUp', 'ArrowUp']) await page.keyboard.press(key)
    await expect.poll(() => at('heat-details').textContent()).toContain('conv1, W4: what w4 is')
    expect(await at('heat-details').textContent()).toContain('30.0 dB')
    const layers = () => at('heat-map').locator('tbody th').allTextContents()
    await at('heat-sort').nth(1).click()
    expect((await layers()).map((name) => name.trim())).toEqual(['conv2', 'fc', 'conv1'])
    await at('heat-sort').nth(1).click()
    expect((await layers()).map((name) => name.trim())).toEqual(['conv1', 'conv2', 'fc'])
    await at('heat-measure').selectOption('bytes')
    expect(await cell(0, 1).textContent()).toBe('52%')
    expect(await at('sensitivity').textContent()).toContain('off by 0.8 % on models it had not seen')
    // Only one cell of the map is a stop of the tabulator.
    expect(await at('heat-map').locator('td[tabindex="0"]').count()).toBe(1)
  })

  test('two runs are compared, and sorting puts the faster first', async () => {
    await using session = await open(1)
    const { at } = session
    await makeReady(session)
    for (const runs of ['1', '2']) {
      await at('compress-deploy').click()
      await at('tab-runs').getByText(runs).waitFor()
    }
    await at('tab-runs').click()
    await at('sort-latencyMs').click()
    expect(await at('run-row').first().textContent()).toContain('44\u00a0ms')
    expect(await at('run-row').first().locator('[data-test="figure-kind"]').allTextContents()).toEqual(
      Array.from({ length: 3 }, () => 'simulated'),
    )
    await at('run-row').first().focus()
    await session.page.keyboard.press('Space')
    await session.page.keyboard.press('ArrowDown')
    await session.page.keyboard.press('Space')
    await at('comparison').waitFor()
    expect(await at('compared-metrics').locator('tbody tr:not(:has([data-test="figure-kind"]))').count()).toBe(0)
    expect(session.complaints).toEqual([])
  })

  test('no screen scrolls sideways at 1024 by 700, nor the window itself', async () => {
    await using session = await open(1)
    const { at, page } = session
    const wide: string[] = []
    const check = async (screen: string) => {
      const over = await page.evaluate<number>(
        `Math.max(...[...document.querySelectorAll('html, main, .card')].map((e) => e.scrollWidth - e.clientWidth))`,
      )
      if (over > 0) wide.push(`${screen}: ${over} px`)
      // Down, only the screen scrolls, never the window with its sidebar.
      await page.evaluate(`document.querySelector('main').scrollTo(0, 0)`)
      const below = await page.evaluate<number>('document.documentElement.scrollHeight - innerHeight')
      if (below > 0) wide.push(`${screen}: ${below} px below the window`)
    }
    await check('home')
    await makeReady(session)
    await at('compress-deploy').click()
    await at('open-run').waitFor()
    await at('run-options').locator('summary').click()
    await at('recipe').selectOption('own recipe')
    await at('edit-recipe').click()
    await at('recipe-state').getByText('Valid').waitFor()
    await page.locator('[data-pass="quantize-int8"] [data-test="step-open"]').click()
    await check('compress')
    await at('tab-overview').click()
    await at('preprocess').locator('summary').click()
    await check('overview')
    await at('open-run').click()
    await at('headline').waitFor()
    await check('run')
    await page.goBack()
    await at('tab-runs').click()
    await at('run-row').waitFor()
    await check('runs')
    await at('tab-model').click()
    await at('layers').waitFor()
    await check('model')
    await at('devices-link').click()
    await at('identify').nth(1).click()
    await at('identity').waitFor()
    await check('devices')
    expect([wide, session.complaints]).toEqual([[], []])
  })

  test('without the token nothing is shown but how to get it', async () => {
    await using session = await open(10)
    const fresh = await session.page.context().browser()!.newContext()
    const page = await fresh.newPage()
    await page.goto(session.host.url.replace('secret', 'guess'))
    // The host is there: that is told apart from one that does not answer.
    await page.getByText('does not let this page in').waitFor()
    expect(await page.locator('[data-test="connection-lost"]').textContent()).toContain('shoehorn serve')
    await fresh.close()
  })
})

/** Drops files as the system would; their bytes are zeros. */
async function drop(page: Page, selector: string, files: readonly { name: string; bytes: number }[]) {
  // As text, because this project compiles its tests without the DOM's types.
  const make = `(list) => {
    const made = new DataTransfer()
    for (const { name, bytes } of list) made.items.add(new File([new Uint8Array(bytes)], name))
    return made
  }`
  const transfer = await page.evaluateHandle(`(${make})(${JSON.stringify(files)})`)
  await page.dispatchEvent(selector, 'drop', { dataTransfer: transfer })
}
