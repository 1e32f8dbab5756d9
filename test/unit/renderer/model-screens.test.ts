// The Model screen in real Chromium against the fake host: activations, the run that is compared with, and what is there first.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasBrowser, type Interface, openInterface } from '../../support/interface.ts'

describe.skipIf(!hasBrowser)('the Model screen', () => {
  let shown: Interface

  beforeAll(async () => {
    shown = await openInterface()
  }, 60_000)
  afterAll(() => shown?.[Symbol.asyncDispose]())

  async function open(change: { data?: boolean; runs?: number; held?: Promise<void> } = {}) {
    const host = await shown.host(1)
    const { fake } = host
    if (change.held) fake.estimatesHeld = change.held
    const project = fake.addProject('Band', 'pico' as Parameters<typeof fake.addProject>[1])
    const model = fake.addModel('gestures.onnx')
    fake.change(project.id, { modelId: model.id })
    if (change.data !== false) fake.change(project.id, { dataSetId: fake.addData('gestures.npz').id })
    for (let n = 1; n <= (change.runs ?? 0); n++) {
      fake.startJob(project.id)
      await expect.poll(() => fake.runs.length).toBe(n)
    }
    const page = await shown.page(host, { hash: `#/projects/${project.id}/model` })
    const { at } = page
    await at('graph').waitFor()
    return { ...page, fake, show: (node: string) => at('layer').filter({ hasText: node }).click() }
  }

  test('activations are observed once, and then there for every node', async () => {
    await using session = await open({ runs: 1 })
    const { at, page } = session
    await session.show('relu1')
    await at('activations-start').click()
    await expect.poll(() => at('activations-sqnr').textContent()).toBe('31.4\u00a0dB')
    expect(await at('activations-clipped').textContent()).toContain('0.42')
    expect(await at('activations').locator('[data-test="grid-end"]').count()).toBe(2)
    expect(await at('activations').textContent()).toContain('64 samples of gestures.npz, seed 0')
    await session.show('fc')
    expect(await at('activations-sqnr').textContent()).toBe('31.4\u00a0dB')
    await page.reload()
    await session.show('fc')
    await at('activations-sqnr').waitFor()
    expect(session.complaints).toEqual([])
  })

  test('a value that was fused away leads to the one the pack has', async () => {
    await using session = await open({ runs: 1 })
    const { at, page } = session
    await page.locator('[data-test="graph-search"]').fill('conv1')
    await page.keyboard.press('Enter')
    await at('activations-start').click()
    await at('activations-part').click()
    expect(await at('node-details').textContent()).toContain('relu1')
    await at('activations-sqnr').waitFor()
    expect(session.complaints).toEqual([])
  })

  test('observing shows its progress and can be cancelled', async () => {
    await using session = await open({ runs: 1 })
    const { at, fake, page } = session
    fake.holdBefore = 'pack'
    await session.show('relu1')
    await at('activations-start').click()
    await page.locator('[data-test="activations"] [role="progressbar"]').waitFor()
    await at('activations-cancel').click()
    await at('activations-start').waitFor()
    expect(await page.locator('[data-test="activations"] [role="alert"]').count()).toBe(0)
    expect(session.complaints).toEqual([])
  })

  test('without a run there is the model alone, and what comes next', async () => {
    await using session = await open()
    const { at } = session
    await session.show('relu1')
    expect(await at('model-no-run').locator('a').getAttribute('href')).toMatch(/^#\/projects\/[^/]+$/)
    await at('activations-start').click()
    await at('histogram-before').first().waitFor()
    expect(await at('activations').textContent()).toContain('Compress & deploy once')
    expect(await at('activations-sqnr').count()).toBe(0)
  })

  test('without data a link leads to where they come from', async () => {
    await using session = await open({ data: false })
    const { at } = session
    await session.show('relu1')
    expect(await at('activations-data').getAttribute('href')).toMatch(/\/data$/)
    expect(await at('activations-start').count()).toBe(0)
  })

  test('graph and layers do not wait for the estimates', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    await using session = await open({ held })
    const { at, page } = session
    await at('estimating').waitFor()
    await expect
      .poll(() => page.locator('[data-test="estimating"] [role="progressbar"]').getAttribute('aria-valuenow'))
      .toBe('40')
    await session.show('conv2')
    expect(await at('node-details').textContent()).toContain('conv2')
    expect(await at('deployability').count()).toBe(0)
    release()
    await at('deployability').waitFor()
    expect(await at('estimating').count()).toBe(0)
    expect(session.complaints).toEqual([])
  })

  test('the integers are saved as an npz', async () => {
    await using session = await open()
    const { at, page } = session
    const download = page.waitForEvent('download')
    await at('save-integers').click()
    expect((await download).suggestedFilename()).toBe('gestures.onnx.npz')
    expect(session.complaints).toEqual([])
  })

  test('the node of the graph and the row of the table are one choice', async () => {
    await using session = await open({ runs: 1 })
    const { at, page } = session
    await session.show('relu1')
    expect(await at('node-details').textContent()).toContain('relu1')
    await at('graph').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    const name = await at('node-details').locator('.name').textContent()
    await at('graph-search').fill('fc')
    await page.keyboard.press('Enter')
    expect(await page.locator('[data-test="layer"][aria-current="true"]').textContent()).toContain('fc')
    expect(name).not.toContain('fc')
  })

  test('cycles say whose they are, and another run can be chosen', async () => {
    await using session = await open({ runs: 2 })
    const { at, fake, page } = session
    await expect.poll(() => at('layers-cycles').textContent()).toMatch(/Raspberry Pi Pico.*simulated/s)
    expect(await page.locator('[data-test="sort-share"]').count()).toBe(1)
    const values = await at('model-run')
      .locator('option')
      .evaluateAll((options) => options.map((each) => each.getAttribute('value')))
    expect(values.toSorted()).toEqual(fake.runs.map(({ id }) => id).toSorted())
    await at('model-run').selectOption(values[1]!)
    await session.show('relu1')
    await at('activations-start').click()
    await expect.poll(() => [...fake.activations.keys()]).toEqual([values[1]])
  })

  test('the screen offers its actions by name and by key', async () => {
    await using session = await open({ runs: 1 })
    const { at, page } = session
    await page.keyboard.press('Control+f')
    expect(await page.evaluate('document.activeElement?.dataset.test')).toBe('graph-search')
    await page.keyboard.type('erf')
    await page.keyboard.press('F3')
    expect(await at('node-details').textContent()).toContain('erf1')
    await page.keyboard.press('F3')
    await page.keyboard.press('F3')
    await page.keyboard.press('Shift+F3')
    expect(await at('node-details').textContent()).toContain('erf2')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('Observe activations')
    await page.keyboard.press('Enter')
    await session.show('relu1')
    await at('activations-sqnr').waitFor()
    expect(session.complaints).toEqual([])
  })
})
