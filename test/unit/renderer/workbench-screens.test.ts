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
})
