// Projects and the recipe editor in real Chromium against the fake host: what goes and comes back, and steps by mouse, by
// keyboard and as text.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Host, hasBrowser, type Interface, openInterface } from '../../support/interface.ts'

const model = { name: 'gestures.onnx', mimeType: 'application/octet-stream', buffer: Buffer.alloc(2_500_000, 1) }
const data = { name: 'gestures.npz', mimeType: 'application/octet-stream', buffer: Buffer.alloc(1000, 2) }

describe.skipIf(!hasBrowser)('projects and recipes', () => {
  let shown: Interface

  beforeAll(async () => {
    shown = await openInterface()
  }, 60_000)
  afterAll(() => shown?.[Symbol.asyncDispose]())

  async function open(prepare: (fake: Host['fake']) => void = () => {}) {
    const host = await shown.host(5)
    prepare(host.fake)
    return shown.page(host, { permissions: ['clipboard-read', 'clipboard-write'] })
  }
  type Session = Awaited<ReturnType<typeof open>>
  type Fake = Session['host']['fake']

  const addProject = (fake: Fake, name: string) => fake.addProject(name, 'pico' as Parameters<Fake['addProject']>[1])
  const named = ({ page }: Session) => page.locator('[data-test="project-row"] .name').allTextContents()

  async function fromMenu({ at }: Session, action: string) {
    await at('project-menu').first().click()
    await at(action).click()
  }

  test('from dropped files to a measured run in three clicks', async () => {
    await using session = await open()
    const { at, page, host } = session
    await page.evaluate(`addEventListener('click', () => { window.clicks = (window.clicks ?? 0) + 1 }, true)`)
    await at('drop-start-input').setInputFiles([model, data])
    await at('start-create').click()
    await at('data-name').waitFor()
    await at('compress-deploy').click()
    await at('open-run').click()
    await at('headline').waitFor()
    const [project] = host.fake.projects
    expect([await page.evaluate('window.clicks'), project?.name, project?.device, host.fake.runs.length]).toEqual([
      3,
      'gestures',
      'pico',
      1,
    ])
    expect(session.complaints).toEqual([])
  })

  test('a project goes into the bin, comes back with undo, and goes for good after a question', async () => {
    await using session = await open((fake) => ['First', 'Second'].map((name) => addProject(fake, name)))
    const { at, host } = session
    await at('project-card').first().waitFor()
    await fromMenu(session, 'delete-project')
    await at('undo-remove').waitFor()
    expect(await named(session)).toEqual(['Second'])
    await at('undo-remove').click()
    await expect.poll(() => named(session)).toEqual(['First', 'Second'])
    await fromMenu(session, 'delete-project')
    await at('bin-link').click()
    await at('bin-row').getByText('First').waitFor()
    await at('restore-project').click()
    await at('empty').waitFor()
    await session.page.goBack()
    await fromMenu(session, 'delete-project')
    await at('bin-link').click()
    await at('purge-project').click()
    await at('confirm').click()
    await at('empty').waitFor()
    expect(host.fake.projects.map(({ name }) => name)).toEqual(['Second'])
    expect(session.complaints).toEqual([])
  })

  test('a project whose job runs says why it stays', async () => {
    await using session = await open((fake) => {
      const project = addProject(fake, 'Busy')
      fake.holdBefore = 'pack'
      fake.startJob(project.id)
    })
    const { at, host } = session
    await at('project-card').waitFor()
    await fromMenu(session, 'delete-project')
    await at('error').getByText('The project Busy has a job under way').waitFor()
    expect(await at('error-next').textContent()).toContain('cancel it')
    expect(host.fake.projects[0]?.deletedAt).toBe(null)
  })

  test('a project is archived and brought back, copied, exported and imported', async () => {
    await using session = await open((fake) => addProject(fake, 'Band'))
    const { at, page, host } = session
    await at('project-card').waitFor()
    await fromMenu(session, 'archive-project')
    await at('show-archived').click()
    expect(await named(session)).toEqual([])
    await fromMenu(session, 'archive-project')
    await expect.poll(() => named(session)).toEqual(['Band'])
    await at('home').waitFor()
    await page.locator('a.brand').click()
    await page.reload()
    await fromMenu(session, 'duplicate-project')
    await at('project-title').getByText('Band copy').waitFor()
    const download = page.waitForEvent('download')
    await fromMenu(session, 'export-project')
    const saved = await download
    expect([saved.suggestedFilename(), readFileSync(await saved.path(), 'utf8').slice(0, 2)]).toEqual([
      'Band copy.shoeproject',
      'PK',
    ])
    const file = (name: string) => ({ name, mimeType: 'application/zip', buffer: Buffer.alloc(10) })
    await at('import-project-input').setInputFiles(file('damaged.shoeproject'))
    await at('error').getByText('is no whole project file').waitFor()
    await at('import-project-input').setInputFiles(file('From desk.shoeproject'))
    await at('imported').getByText('From desk').waitFor()
    expect(host.fake.projects.map(({ name }) => name)).toEqual(['Band', 'Band copy', 'From desk'])
    expect(session.complaints).toEqual([])
  })

  async function openRecipe(session: Session) {
    await session.at('drop-start-input').setInputFiles([model, data])
    await session.at('start-create').click()
    await session.at('data-name').waitFor()
    await session.at('tab-compress').click()
    await session.at('step').first().waitFor()
  }
  // As text: the types of a browser hold in the page, not here.
  const stepNames = `[...document.querySelectorAll('[data-test="step"]')].map((step) => step.dataset.pass)`
  const order = ({ page }: Session) => page.evaluate<string[]>(stepNames)

  test('steps are added, moved with the keyboard and removed; what cannot stand there says so; undo brings back', async () => {
    await using session = await open()
    const { at, page, host } = session
    await openRecipe(session)
    await at('group-open').click()
    const preset = await order(session)
    await at('shelf-search').fill('small weights')
    await at('shelf-pass').click()
    await expect.poll(() => order(session)).toEqual(preset.toSpliced(-1, 0, 'prune-magnitude'))
    await expect.poll(() => at('estimate-zeros').textContent()).toMatch(/^4\d/)
    const handle = page.locator('[data-pass="prune-magnitude"] [data-test="step-handle"]')
    await handle.focus()
    await page.keyboard.press('Alt+ArrowDown')
    await expect.poll(() => order(session)).toEqual([...preset, 'prune-magnitude'])
    const focused = `document.activeElement.closest('[data-pass]').dataset.pass`
    await expect.poll(() => page.evaluate(focused)).toBe('prune-magnitude')
    for (let place = preset.length; place > 0; place--) {
      await page.keyboard.press('Alt+ArrowUp')
      await expect.poll(() => order(session)).toEqual(preset.toSpliced(place - 1, 0, 'prune-magnitude'))
    }
    await at('step-problem').getByText('prune-magnitude cannot run here').waitFor()
    expect(await at('compress-deploy').isDisabled()).toBe(true)
    await at('recipe-undo').click()
    await expect.poll(() => order(session)).toEqual(preset.toSpliced(1, 0, 'prune-magnitude'))
    await handle.focus()
    await page.keyboard.press('Delete')
    await expect.poll(() => order(session)).toEqual(preset)
    await expect.poll(() => at('compress-deploy').isEnabled()).toBe(true)
    await expect.poll(() => host.fake.projects[0]?.recipe).toContain('quantize-int8')
    expect(session.complaints).toEqual([])
  })

  test('steps are dragged', async () => {
    await using session = await open()
    await openRecipe(session)
    await session.at('group-open').click()
    const preset = await order(session)
    const steps = session.at('step')
    await steps.nth(0).locator('[data-test="step-handle"]').dragTo(steps.nth(2))
    await expect.poll(() => order(session)).toEqual(preset.toSpliced(0, 1).toSpliced(2, 0, preset[0]!))
  })

  test('steps and text say the same, whichever is changed', async () => {
    await using session = await open()
    const { at, page, host } = session
    await openRecipe(session)
    await at('recipe-as-text').click()
    await at('recipe-text').fill(
      'name: mine\nseed: 7\npasses:\n  - fold-constants\n  - canonical-linear\n  - fold-batch-norm\n  - prune-magnitude\n',
    )
    await at('group-open').click()
    await expect
      .poll(() => order(session))
      .toEqual(['fold-constants', 'canonical-linear', 'fold-batch-norm', 'prune-magnitude'])
    await page.locator('[data-pass="prune-magnitude"] [data-test="step-open"]').click()
    await at('field-sparsity').locator('input').fill('0.7')
    await at('field-scope').locator('select').selectOption('global')
    await at('override-layer').fill('conv2')
    await at('override-value').fill('0.25')
    await at('override-add').click()
    const written = ['name: mine', 'seed: 7', 'sparsity: 0.7', 'scope: global', 'layers: {"conv2":0.25}']
    for (const line of written) await expect.poll(() => at('recipe-text').inputValue()).toContain(line)
    expect(await at('recipe-text').inputValue()).not.toContain('minElements')
    await at('field-sparsity').locator('input').fill('3')
    await page.keyboard.press('Tab')
    await at('error').getByText('params.sparsity').waitFor()
    await at('recipe-undo').click()
    await at('recipe-copy').click()
    await expect.poll(() => page.evaluate<string>('navigator.clipboard.readText()')).toContain('sparsity: 0.7')
    await page.evaluate(`navigator.clipboard.writeText('passes: [widen-floats]')`)
    await at('recipe-paste').click()
    await expect.poll(() => order(session)).toEqual(['widen-floats'])
    await expect.poll(() => host.fake.projects[0]?.recipe).toBe('passes: [widen-floats]')
    expect(session.complaints).toEqual([])
  })

  test('the first edit is undone, a preset loses no own recipe, a run gives the next edit a new name', async () => {
    await using session = await open()
    const { at, page, host } = session
    await openRecipe(session)
    const names = () =>
      page.evaluate<string[]>(
        `[...document.querySelectorAll('[data-test="recipe"] option')].map((each) => each.value).filter((each) => each.startsWith('own:'))`,
      )
    expect(await at('recipe-undo').isDisabled()).toBe(true)
    await at('shelf-search').fill('small weights')
    await at('shelf-pass').click()
    await expect.poll(names).toEqual(['own:own-int8'])
    await at('recipe-undo').click()
    await expect.poll(() => at('recipe').inputValue()).toBe('int8')
    await expect.poll(() => host.fake.projects[0]).toMatchObject({ recipe: 'int8', choices: { recipes: [] } })
    await at('shelf-pass').click()
    await expect.poll(() => at('recipe').inputValue()).toBe('own:own-int8')
    await at('recipe').selectOption('w4a8')
    await at('recipe-name').waitFor({ state: 'detached' })
    await at('recipe-undo').click()
    await expect.poll(() => at('recipe').inputValue()).toBe('own:own-int8')
    await at('compress-deploy').click()
    await at('open-run').waitFor()
    await page.locator('[data-pass="prune-magnitude"] [data-test="step-open"]').click()
    await at('field-sparsity').locator('input').fill('0.7')
    await page.keyboard.press('Tab')
    await expect.poll(names).toEqual(['own:own-int8', 'own:own-int8-2'])
    await at('recipe-name').fill('half empty')
    await page.keyboard.press('Enter')
    await expect.poll(names).toEqual(['own:own-int8', 'own:half empty'])
    await page.reload()
    await expect.poll(() => at('recipe').inputValue()).toBe('own:half empty')
    await at('recipe-delete').click()
    await expect.poll(() => at('recipe').inputValue()).toBe('int8')
    await expect.poll(() => host.fake.projects[0]?.choices.recipes.map(({ name }) => name)).toEqual(['own-int8'])
    await at('recipe-undo').click()
    await expect.poll(names).toEqual(['own:own-int8', 'own:half empty'])
    expect(host.fake.requests.map(({ recipe }) => /name: (.*)/.exec(recipe)?.[1])).toEqual(['own-int8'])
    expect(session.complaints).toEqual([])
  })

  test('how a run is asked for stays with the project, across screens and a reload', async () => {
    await using session = await open()
    const { at, page, host } = session
    await openRecipe(session)
    await at('encoding-goal').selectOption('smallest')
    await at('run-options').locator('summary').click()
    await at('option-limit').fill('300')
    await at('option-calibration-limit').fill('64')
    await page.evaluate(`location.hash = '#/devices'`)
    const kept = { encoding: 'smallest', limit: 300, calibrationLimit: 64 }
    await expect.poll(() => host.fake.projects[0]?.choices.options).toMatchObject(kept)
    await page.goBack()
    await expect.poll(() => at('encoding-goal').inputValue()).toBe('smallest')
    await page.reload()
    await expect.poll(() => at('encoding-goal').inputValue()).toBe('smallest')
    const summary = at('run-options').locator('summary')
    expect(await summary.textContent()).toContain('300')
    await summary.click()
    expect(await at('option-calibration-limit').inputValue()).toBe('64')
    await at('compress-deploy').click()
    await expect.poll(() => host.fake.requests[0]).toMatchObject({ limit: 300, calibrationLimit: 64 })
  })

  test('a step is dragged from the shelf to its place in the list; the list keeps to the shelf’s width', async () => {
    await using session = await open()
    const { at, page } = session
    await openRecipe(session)
    await at('shelf-search').fill('small weights')
    await at('shelf-pass').dragTo(page.locator('[data-pass="quantize-int8"][data-test="step"]'))
    await expect.poll(() => order(session)).toEqual(['prune-magnitude', 'quantize-int8'])
    await at('shelf-search').fill('')
    const wide = `(() => { const box = document.querySelector('[data-test="pass-shelf"] .groups'); return box.scrollWidth - box.clientWidth })()`
    expect(await page.evaluate<number>(wide)).toBe(0)
    const cut = `[...document.querySelectorAll('[data-test="shelf-pass"]')].filter((each) => each.scrollWidth > each.clientWidth).length`
    expect(await page.evaluate<number>(cut)).toBe(0)
  })

  test('a job is seen from every screen, and what waits says behind what; what was cancelled is not red', async () => {
    await using session = await open((fake) => {
      fake.holdBefore = 'validate'
    })
    const { at, page } = session
    await openRecipe(session)
    await at('compress-deploy').click()
    await at('tab-runs').click()
    await page.getByText('The first run is under way').waitFor()
    await page.goBack()
    await page.evaluate(`location.hash = '#/devices'`)
    await expect.poll(() => at('project-job').textContent(), { timeout: 10_000 }).toMatch(/▶ \d+ % · /)
    await expect.poll(() => page.title()).toMatch(/^▶ \d+ % gestures.* · Shoehorn$/)
    await page.goBack()
    await at('time-left').waitFor()
    expect(await at('time-left').textContent()).toContain('–')
    await at('cancel-job').click()
    await at('job-stopped').waitFor()
    expect(await at('error').count()).toBe(0)
    await expect.poll(() => at('project-job').count(), { timeout: 10_000 }).toBe(0)
    await expect.poll(() => page.title()).toBe('Shoehorn')
    await at('encoding-goal').selectOption('smallest')
    await at('job-overtaken').getByText('the options').waitFor()
    expect(session.complaints).toEqual([])
  })

  test('all jobs: those under way are followed, and the whole list is asked for only when one begins or ends', async () => {
    await using session = await open((fake) => {
      fake.holdBefore = 'validate'
      fake.startJob(addProject(fake, 'Band').id)
    })
    const { at, page, host } = session
    const { jobsAsked } = host.fake
    const state = () => at('job-row').getAttribute('data-state')
    await page.evaluate(`location.hash = '#/jobs'`)
    await expect.poll(state).toBe('running')
    const bar = at('job-row').locator('[role="progressbar"]')
    // The stage before is over, the job is not; bar and sidebar say as much.
    const shares = async () => {
      const shown = await bar.getAttribute('aria-valuenow')
      const [, chip] = /(\d+) %/.exec((await at('project-job').textContent()) ?? '') ?? []
      return Number(shown) > 0 && Number(shown) < 100 && shown === chip
    }
    await expect.poll(shares, { timeout: 10_000 }).toBe(true)
    const before = { ...jobsAsked }
    await expect.poll(() => jobsAsked.open, { timeout: 10_000 }).toBeGreaterThan(before.open + 1)
    expect(jobsAsked.all).toBe(before.all)
    host.fake.startJob(host.fake.projects[0]!.id)
    await expect.poll(() => jobsAsked.all, { timeout: 10_000 }).toBeGreaterThan(before.all)
    await expect.poll(() => at('job-row').count()).toBe(2)
    await at('cancel-any-job').first().click()
    await page.locator('[data-test="job-row"][data-state="cancelled"]').waitFor()
    expect(await at('job-row').count()).toBe(2)
    expect(session.complaints).toEqual([])
  })

  test('what is opened beside a project goes into it; a job that a screen followed is left with it', async () => {
    await using session = await open((fake) => {
      fake.holdBefore = 'validate'
      addProject(fake, 'Band')
    })
    const { at, page, host } = session
    const { fake } = host
    await page.evaluate(`location.hash = '#/settings'`)
    await at('check-kernels').click()
    await expect.poll(() => fake.watchers).toBe(1)
    await page.evaluate(`location.hash = '#/projects/${fake.projects[0]!.id}'`)
    await at('project-title').getByText('Band').waitFor()
    // A watch ends at the next change.
    const [job] = fake.jobs.keys()
    const watchers = () => {
      fake.patchJob(job!, {})
      return fake.watchers
    }
    await expect.poll(watchers).toBe(0)
    await at('open-files-input').setInputFiles([model, data])
    await expect
      .poll(() => [fake.projects[0]!.modelId !== null, fake.projects[0]!.dataSetId !== null])
      .toEqual([true, true])
    expect([fake.projects.length, fake.models.length, fake.data.length]).toEqual([1, 1, 1])
    expect(await page.evaluate('location.hash')).toContain(fake.projects[0]!.id)
    expect(session.complaints).toEqual([])
  })
})
