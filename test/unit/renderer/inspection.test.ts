// The Model, Data and Device screens in real Chromium against the fake host.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasBrowser, type Interface, openInterface } from '../../support/interface.ts'

describe.skipIf(!hasBrowser)('looking closely', () => {
  let shown: Interface

  beforeAll(async () => {
    shown = await openInterface()
  }, 60_000)
  afterAll(() => shown?.[Symbol.asyncDispose]())

  async function open(tab: string, change: { data?: string; blocks?: number; ran?: boolean } = {}) {
    const host = await shown.host(1)
    const { fake } = host
    fake.graphBlocks = change.blocks ?? 4
    const project = fake.addProject('Band', 'pico' as Parameters<typeof fake.addProject>[1])
    const model = fake.addModel('gestures.onnx')
    fake.change(project.id, { modelId: model.id, dataSetId: fake.addData(change.data ?? 'gestures.npz').id })
    if (change.ran) {
      fake.startJob(project.id)
      await expect.poll(() => fake.runs.length).toBe(1)
    }
    const page = await shown.page(host, { acceptDownloads: true, hash: `#/projects/${project.id}/${tab}` })
    return { ...page, fake, project }
  }

  test('a graph is walked through with the keyboard and searched', async () => {
    await using session = await open('model', { ran: true })
    const { page, at } = session
    await at('graph').waitFor()
    expect(await at('graph').getAttribute('data-nodes')).toBe('19')
    await at('graph').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await at('node-details').textContent()).toContain('conv1')
    await at('histogram-after').waitFor()
    expect(await at('node-details').textContent()).toContain('201 distinct values')
    await page.keyboard.press('Escape')
    expect(await at('node-details').count()).toBe(0)
    await at('graph-search').fill('erf')
    expect(await at('graph-matches').textContent()).toContain('4 matches')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    expect(await at('node-details').textContent()).toContain('erf2')
    expect(session.complaints).toEqual([])
  })

  test('a click on a drawn node selects it', async () => {
    await using session = await open('model')
    const { page, at } = session
    await at('graph').waitFor()
    await at('graph').scrollIntoViewIfNeeded()
    // The first node of a graph that is read from its beginning stands in the middle at the top.
    const box = (await at('graph').boundingBox())!
    await page.mouse.click(box.x + box.width / 2, box.y + 30)
    expect(await at('node-details').textContent()).toContain('Input')
    expect(session.complaints).toEqual([])
  })

  test('a thousand nodes are laid out while the page answers', async () => {
    await using session = await open('model', { blocks: 250 })
    const { page, at } = session
    await at('layers').waitFor()
    await at('sort-macs').click()
    expect(await page.locator('th[aria-sort="descending"]').count()).toBe(1)
    await at('graph').waitFor()
    expect(await at('graph').getAttribute('data-nodes')).toBe('1003')
    expect(session.complaints).toEqual([])
  })

  test('a row of the layer table leads to its node', async () => {
    await using session = await open('model')
    const { page, at } = session
    await at('graph').waitFor()
    await page.getByRole('button', { name: 'Show relu1 in the graph' }).click()
    expect(await at('node-details').textContent()).toContain('relu1')
  })

  test('two models side by side', async () => {
    await using session = await open('model')
    const { at, fake, page } = session
    const other = fake.addModel('gestures-v2.onnx')
    await page.reload()
    await at('difference-with').selectOption(other.id)
    expect(await at('difference-added').textContent()).toContain('pool')
    expect(await at('difference-changed').textContent()).toContain('strides=1 → strides=2')
    expect(await at('difference-tensors').textContent()).toContain('31.2\u00a0dB')
    expect(session.complaints).toEqual([])
  })

  test('a wrong shape is named with both shapes, and a button corrects it', async () => {
    await using session = await open('data', { data: 'image.npz' })
    const { at, fake } = session
    expect(await at('fit-shapes').textContent()).toBe('A sample is 16 × 16 × 3; the model takes 3 × 32 × 32.')
    await at('fit-fix').click()
    await expect.poll(() => at('fit').getAttribute('data-fatal')).toBe('false')
    expect(fake.data[0]?.preprocess).toEqual({ layout: 'nchw', resize: [32, 32] })
    expect(session.complaints).toEqual([])
  })

  test('preprocessing shows its effect before it is applied', async () => {
    await using session = await open('data', { data: 'image.npz' })
    const { at, fake } = session
    await at('figures-after').waitFor()
    expect(await at('figures-after').textContent()).toContain('16 × 16 × 3')
    await at('preprocess-scale').fill('1/255')
    await expect.poll(() => at('figures-after').textContent()).toContain('0.9686')
    expect(await at('figures-before').textContent()).toContain('247')
    expect(fake.data[0]?.preprocess).toEqual({})
    expect(await at('effect').textContent()).toContain('Not applied yet.')
    await at('preprocess-save').click()
    await expect.poll(() => fake.data[0]?.preprocess).toEqual({ scale: 1 / 255 })
    expect(session.complaints).toEqual([])
  })

  test('samples are paged and shown in other forms', async () => {
    await using session = await open('data')
    const { at, page } = session
    await at('samples-next').click()
    await expect.poll(() => at('samples-page').textContent()).toContain('24 to 47 of 400')
    await page.keyboard.press('Control+Alt+n')
    await expect.poll(() => at('samples-page').textContent()).toContain('48 to 71 of 400')
    await at('samples').focus()
    await page.keyboard.press('PageUp')
    await expect.poll(() => at('effect-index').inputValue()).toBe('24')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => at('effect-index').inputValue()).toBe('25')
    await at('samples').locator('text=circle').first().waitFor()
    await at('samples-as').selectOption('table')
    expect(await at('sample-table').locator('tbody tr').count()).toBe(24)
    await at('splits-seed').fill('7')
    await at('splits-seed').blur()
    expect(await at('split-calibration').textContent()).toContain('100 samples')
    expect(session.complaints).toEqual([])
  })

  test('a device tells what it is, gives its image and talks', async () => {
    await using session = await open('device')
    const { at, page } = session
    expect(await at('recognised').getAttribute('data-by')).toBe('profile')
    await at('identify').click()
    await expect.poll(() => at('agent-fits').getAttribute('data-fits')).toBe('true')
    expect(await at('handshake').textContent()).toContain('72 70 32 30')
    const download = page.waitForEvent('download')
    await at('agent-image').first().click()
    expect((await download).suggestedFilename()).toBe('agent-rp2040.uf2')
    await at('console-open').click()
    await expect.poll(() => at('console').getAttribute('data-state')).toBe('open')
    await at('console-line').fill('name%')
    await page.keyboard.press('Enter')
    await at('console-log').getByText('m-name-dut-[shoehorn]').waitFor()
    await at('console-close').click()
    expect(await at('console').getAttribute('data-state')).toBe('closed')
    await at('console-open').click()
    await expect.poll(() => at('console').getAttribute('data-state')).toBe('open')
    expect(session.complaints).toEqual([])
  })
})
