// Bench and Report in real Chromium against the fake host: thousands of runs, the keyboard, the plot, comparing, reporting.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toDeviceId } from '../../../src-renderer/state/ids.ts'
import { hasBrowser, type Interface, openInterface } from '../../support/interface.ts'

/** A busy machine may be slow, and no test fails for that. */
const patient = { timeout: 20_000 }

describe.skipIf(!hasBrowser)('bench and report', () => {
  let shown: Interface

  beforeAll(async () => {
    shown = await openInterface()
  }, 60_000)
  afterAll(() => shown?.[Symbol.asyncDispose]())

  async function open(runs: number, tab: 'runs' | 'report') {
    const host = await shown.host(2)
    const project = host.fake.addProject('Band', toDeviceId('pico'), { flashBytes: 150_000, accuracyDrop: 5 })
    host.fake.addRuns(runs, project)
    return shown.page(host, { hash: `#/projects/${project.id}/${tab}` })
  }

  test('of 10 000 runs, no more rows are in the page than are seen, wherever it is scrolled', async () => {
    await using session = await open(10_000, 'runs')
    const { page, at } = session
    await expect.poll(() => at('run-count').textContent(), patient).toBe('10000 of 10000')
    const counts: number[] = []
    for (const share of [0, 0.1, 0.37, 0.5, 0.99, 1]) {
      await page.evaluate(
        `(() => { const box = document.querySelector('[data-test="runs-scroll"]'); box.scrollTop = box.scrollHeight * ${share} })()`,
      )
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
      counts.push(await at('run-row').count())
      // A row lies across the middle of the box, so what is seen is no empty space.
      const inSight = `(() => { const box = document.querySelector('[data-test="runs-scroll"]').getBoundingClientRect()
        const middle = box.y + box.height / 2
        return [...document.querySelectorAll('[data-test="run-row"]')].some((row) => {
          const { top, bottom } = row.getBoundingClientRect()
          return top <= middle && middle <= bottom
        }) })()`
      expect([share, await page.evaluate(inSight)]).toEqual([share, true])
    }
    // Twenty parts of five hundred, asked for once, for the overview and for this.
    expect(session.host.fake.partsAsked).toBe(20)
    expect(Math.max(...counts)).toBeLessThan(40)
    expect(Math.min(...counts)).toBeGreaterThan(5)
    expect(await page.locator('[data-test="pareto"] *').count()).toBeLessThan(80)
    expect(session.complaints).toEqual([])
  })

  test('the keyboard walks from the first run to the last, chooses and opens', async () => {
    await using session = await open(3000, 'runs')
    const { page, at } = session
    await expect.poll(() => at('run-count').textContent(), patient).toBe('3000 of 3000')
    await at('run-row').first().focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('End')
    await expect.poll(() => page.evaluate('document.activeElement.dataset.run'), patient).toBe('many-2999')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Space')
    await at('comparison').waitFor()
    await page.keyboard.press('Home')
    await expect.poll(() => page.evaluate('document.activeElement.dataset.run'), patient).toBe('many-0')
    await page.keyboard.press('PageDown')
    await expect.poll(() => page.evaluate('Number(document.activeElement.dataset.index)'), patient).toBeGreaterThan(3)
    await page.keyboard.press('Enter')
    await at('run-page').waitFor()
    await at('library-name').fill(' wake_word ')
    const download = page.waitForEvent('download')
    await at('export-library').click()
    expect((await download).suggestedFilename()).toBe('wake_word-c.zip')
    expect(session.complaints).toEqual([])
  })

  test('tags and a note are written in place, kept by the host, and found again', async () => {
    await using session = await open(50, 'runs')
    const { page, at, host } = session
    await at('run-row').nth(3).focus()
    await page.keyboard.press('F2')
    await at('edit-tags').fill('keep, small board')
    await page.keyboard.press('Tab')
    await page.keyboard.type('the one to ship')
    await page.keyboard.press('Enter')
    await expect
      .poll(() => host.fake.notes.get('many-3'), patient)
      .toEqual({ tags: ['keep', 'small board'], note: 'the one to ship' })
    await expect.poll(() => page.evaluate('document.activeElement.dataset.run'), patient).toBe('many-3')
    await at('filter-tag').selectOption('keep')
    await expect.poll(() => at('run-count').textContent(), patient).toBe('1 of 50')
    await at('filter-clear').click()
    await at('filter-text').fill('to SHIP')
    await expect.poll(() => at('run-count').textContent(), patient).toBe('1 of 50')
    await at('filter-text').fill('nothing is called that')
    await at('empty').waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('Show all runs')
    await page.keyboard.press('Enter')
    await expect.poll(() => at('run-count').textContent(), patient).toBe('50 of 50')
    await at('run-row').nth(2).focus()
    await page.keyboard.press('e')
    await page.keyboard.type('thrown away')
    await page.keyboard.press('Escape')
    expect(host.fake.notes.has('many-2')).toBe(false)
    expect(session.complaints).toEqual([])
  })

  test('the plot names points, draws budgets, and a frame leaves its runs alone', async () => {
    await using session = await open(200, 'runs')
    const { page, at } = session
    await expect.poll(() => at('pareto-budget').count(), patient).toBe(2)
    await at('pareto').focus()
    await page.keyboard.press('ArrowRight')
    const first = await at('pareto-point').textContent()
    await page.keyboard.press('ArrowRight')
    expect([first?.includes('gestures.onnx'), (await at('pareto-point').textContent()) === first]).toEqual([
      true,
      false,
    ])
    for (let i = 0; i < 12; i++) await page.keyboard.press('Shift+ArrowRight')
    await at('pareto-area').waitFor()
    const drawn = Number.parseInt((await at('run-count').textContent()) ?? '', 10)
    expect(drawn).toBeGreaterThan(1)
    expect(drawn).toBeLessThan(60)
    await page.keyboard.press('Escape')
    await expect.poll(() => at('run-count').textContent(), patient).toBe('200 of 200')
    const box = (await at('pareto').boundingBox())!
    await page.mouse.move(box.x + 90, box.y + 30)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width / 3, box.y + box.height - 60, { steps: 4 })
    await page.mouse.up()
    await expect
      .poll(async () => Number.parseInt((await at('run-count').textContent()) ?? '', 10), patient)
      .toBeLessThan(120)
    await at('area-clear').click()
    await at('pareto-cost').selectOption('energyUj')
    await page.getByText('it needs a meter').waitFor()
    expect(session.complaints).toEqual([])
  })

  test('runs on fewer samples are shown, said to be so, and left out of the frontier', async () => {
    await using session = await open(12, 'runs')
    const { at, host } = session
    await at('pareto').waitFor()
    expect([await at('plot-apart').count(), await at('filter-samples').count()]).toEqual([0, 0])
    const corners = async () => (await at('pareto-front').getAttribute('points'))?.split(' ').length
    const before = await corners()
    expect(before).toBeGreaterThan(1)
    const lucky = host.fake.runs[3]!
    const twin = { ...lucky.quality.twin, n: 30, ...(lucky.quality.twin.task === 'classification' && { top1: 1 }) }
    const { flash } = lucky
    host.fake.runs.push({
      ...lucky,
      ...{ id: 'lucky', quality: { ...lucky.quality, twin }, flash: { ...flash, totalBytes: 20_001 } },
    })
    await session.page.reload()
    await at('plot-apart').getByText('n 400, n 30').waitFor()
    expect(await corners()).toBe(before)
    expect(await at('run-row').locator('[data-test="row-samples"]', { hasText: 'n 30' }).count()).toBe(1)
    await at('only-samples').click()
    await expect.poll(() => at('run-count').textContent(), patient).toBe('12 of 13')
    await at('pareto-gain').selectOption('accuracy')
    await expect.poll(() => at('pareto-budget').count(), patient).toBe(2)
    expect(session.complaints).toEqual([])
  })

  test('side by side: differences, operators, memory, confusion, and the samples they disagree on', async () => {
    await using session = await open(20, 'runs')
    const { at, host } = session
    const { bitExact } = host.fake.runs[2]!
    host.fake.runs[2] = {
      ...host.fake.runs[2]!,
      bitExact: {
        ...bitExact,
        equal: 79,
        firstDifference: { sample: 4, operator: 'conv2', tensor: 'relu2', index: 17, device: -3, twin: -4 },
      },
    }
    for (const row of [0, 2, 3]) await at('select-run').nth(row).check()
    await at('comparison').waitFor()
    await expect.poll(() => at('memory-map').count(), patient).toBe(3)
    expect([await at('change').count(), await at('confusion').count()]).toEqual([30, 3])
    expect(await at('first-difference').nth(1).textContent()).toContain('relu2[17]')
    const numbers = () => at('disagreement').locator('dd:first-of-type').allTextContents()
    expect(await numbers()).toEqual(['7', '20', '33', '46', '59', '72'])
    await at('disagreements-after').click()
    await expect.poll(numbers, patient).toEqual(['85', '98', '111', '124', '137'])
    expect(await at('compared-metrics').locator('tbody tr:not(:has([data-test="figure-kind"]))').count()).toBe(0)
    await at('compare-clear').click()
    await at('comparison').waitFor({ state: 'detached' })
    expect(session.complaints).toEqual([])
  })

  test('a run stays within its project, says what changed, and leads on: with its recipe, or beside the best', async () => {
    await using session = await open(6, 'runs')
    const { page, at, host } = session
    host.fake.runs[1] = {
      ...host.fake.runs[1]!,
      recipe: { name: 'mine', seed: 3, passes: [{ pass: 'quantize-int8', params: {} }] },
      ...{ recipeSha256: 'mine', seed: 3, encodingGoal: 'streamed' },
      encoding: host.fake.runs[1]!.encoding!.slice(0, 1).map((row) => ({ ...row, mode: 'resident' as const })),
    }
    await page.evaluate(`location.hash = '#/runs/many-1'`)
    await at('since-last').getByText('ternary → mine').waitFor()
    expect(await at('since-last').textContent()).toContain('weights Smallest, streamed')
    expect(await at('headline-samples').textContent()).toContain('n 400')
    expect(await at('resident-note').textContent()).toContain('384\u00a0B of the 9\u00a0KiB arena')
    expect(await at('resident').count()).toBe(1)
    expect(await at('project-row').getAttribute('aria-current')).toBe('true')
    expect(await at('tab-runs').getAttribute('aria-current')).toBe('true')
    await at('compare-other').click()
    await at('comparison').waitFor()
    await expect.poll(() => at('memory-map').count(), patient).toBe(2)
    await page.goBack()
    await at('run-changed').click()
    await expect.poll(() => page.evaluate('location.hash'), patient).toMatch(/\/compress$/)
    const [project] = host.fake.projects
    expect(project!.recipe).toContain('name: mine\nseed: 3')
    expect(project!.choices.options).toMatchObject({ encoding: 'streamed' })
    expect(session.complaints).toEqual([])
  })

  test('the overview tells firmware from pack, the limit that binds, and that the newest run is no better', async () => {
    await using session = await open(1, 'runs')
    const { page, at, host } = session
    const [run] = host.fake.runs
    const { quality } = run!
    if (quality.twin.task !== 'classification') throw new Error('the sample run has classes')
    const twin = { ...quality.twin, top1: 0.5 }
    const flash = { ...run!.flash, totalBytes: 20_000 }
    host.fake.runs = [
      { ...run!, id: 'newer', createdAt: '2026-11-23T08:00:00.000Z', flash, quality: { ...quality, twin } },
      { ...run!, budgets: [] },
    ]
    host.fake.runs[0] = {
      ...host.fake.runs[0]!,
      budgets: [{ budget: 'accuracyDrop', limit: 5, value: 47, met: false }],
    }
    host.fake.change(host.fake.projects[0]!.id, { budgets: { flashBytes: 2 << 20, accuracyDrop: 5 } })
    await page.evaluate(`location.hash = '#/projects/${host.fake.projects[0]!.id}'`)
    await page.reload()
    await at('latest-run').getByText('Accuracy drop 42.00').waitFor()
    expect(await at('gauge-flashBytes').textContent()).toContain('firmware')
    expect(await at('limit-note').textContent()).toContain('768')
    expect(await at('best-flashBytes').count()).toBe(0)
    expect(await at('recent-samples').allTextContents()).toEqual(['n 400', 'n 400'])
    expect(await at('run-changes').textContent()).toContain('Accuracy')
    expect(session.complaints).toEqual([])
  })

  test('a suggestion that the project does not take starts no run, and the reason stays', async () => {
    await using session = await open(1, 'runs')
    const { page, at, host } = session
    const [project] = host.fake.projects
    const [run] = host.fake.runs
    const missed = { budget: 'accuracyDrop' as const, limit: 5, value: 47, met: false }
    host.fake.runs = [{ ...run!, recipe: { ...run!.recipe, name: 'int8' }, budgets: [missed] }]
    const model = host.fake.addModel('net.onnx')
    host.fake.change(project!.id, { modelId: model.id, dataSetId: host.fake.addData('net.npz').id })
    await page.evaluate(`location.hash = '#/projects/${project!.id}'`)
    await page.reload()
    await at('try-suggestion').waitFor()
    host.fake.refusesChanges = true
    await at('try-suggestion').click()
    await at('error').waitFor()
    const asked = host.fake.partsAsked
    await page.evaluate(`location.hash = '#/settings'`)
    await page.goBack()
    await expect.poll(() => host.fake.partsAsked, patient).toBeGreaterThan(asked)
    expect([host.fake.requests, host.fake.jobs.size]).toEqual([[], 0])
    host.fake.refusesChanges = false
    await at('try-suggestion').click()
    await expect.poll(() => host.fake.requests.map(({ recipe }) => recipe), patient).toEqual(['int8-mse'])
  })

  test('a report is put together, looked at, and exported in every format', async () => {
    await using session = await open(8, 'report')
    const { page, at } = session
    const preview = page.frameLocator('[data-test="report-preview"]')
    await preview.getByText('Side by side').waitFor()
    expect(await preview.locator('h2').count()).toBe(3)
    await at('section-operators').uncheck()
    await expect.poll(() => preview.getByRole('heading', { name: /^Operators / }).count(), patient).toBe(0)
    await at('report-none').click()
    await at('empty').waitFor()
    expect(await at('export-pdf').isDisabled()).toBe(true)
    await at('report-run').nth(4).check()
    await expect
      .poll(() => preview.locator('h2').allTextContents(), patient)
      .toEqual(['gestures.onnx, int8, on Raspberry Pi Pico (emulated)'])
    const starts: Record<string, string> = {
      html: '<!doctype',
      pdf: '%PDF-1.7',
      md: '# Report',
      csv: 'run,creat',
      json: '{',
    }
    for (const [format, start] of Object.entries(starts)) {
      const download = page.waitForEvent('download')
      await at(`export-${format}`).click()
      const content = await readFile(await (await download).path())
      expect([format, content.toString('latin1').startsWith(start)]).toEqual([format, true])
    }
    expect(session.complaints).toEqual([])
  })

  test('a report is verified: confirmed, or the first figure that differs is named', async () => {
    await using session = await open(3, 'report')
    const { at, host } = session
    const file = { name: 'mine.json', mimeType: 'application/json', buffer: Buffer.from('{}') }
    await at('verify-file').setInputFiles(file)
    await at('verdict-verified').getByText('Confirmed').waitFor()
    expect(await at('first-wrong').count()).toBe(0)
    host.fake.tampered = true
    await at('verify-file').setInputFiles(file)
    await at('first-wrong').getByText('flash.weightsBytes').waitFor()
    expect(await at('first-wrong').textContent()).toContain('23412')
    await session.page.evaluate(`location.hash = '#/runs/many-1'`)
    await at('verify-run').click()
    await at('verdict-verified').getByText('Not confirmed').waitFor()
    await session.page.reload()
    await at('verdict-verified').getByText('Not confirmed').waitFor()
    expect(session.complaints).toEqual([])
  })
})
