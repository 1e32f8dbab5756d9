// Screens in the states that an address alone does not lead to: work under way and ended badly, menus and notices open, filters set,
// results of what was asked for. For looking at; the stories say that they work.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Screen } from './screens.ts'
import { measuringAPack, sample } from './stories.ts'
import type { User } from './user.ts'

const patience = { timeout: 60_000 }

export interface Place {
  readonly project: string
  readonly emptyProject: string
  readonly run: string
  /** On the emulated Pico, with model and data, and no run yet. */
  readonly busyProject: string
  readonly pack: string
}

/** After the stories. @param folder for files */
export async function prepareStates(user: User, folder: string): Promise<Pick<Place, 'busyProject' | 'pack'>> {
  await measuringAPack(user, folder)
  await user.go('#/packs')
  const pack = (await user.by('pack-link').first().getAttribute('href'))!.split('/')[2]!
  await user.go('#/weights')
  await user.drop('drop-weights', sample('gestures.onnx'))
  await user.by('weights-result').waitFor(patience)
  // Another file by its content: with a doc_string of its own (field 6 of ModelProto).
  const other = join(folder, 'gestures-second.onnx')
  writeFileSync(other, Buffer.concat([readFileSync(sample('gestures.onnx')), Buffer.from([0x32, 1, 0x78])]))
  await user.go('#/')
  await user.drop('home', other, sample('gestures-test.npz'))
  await user.by('start-name').fill('Under way')
  await user.click('start-create')
  await user.by('model-name').waitFor(patience)
  await user.by('data-name').waitFor(patience)
  return { busyProject: new URL(user.page.url()).hash.split('/')[2]!, pack }
}

export function statesOf(place: Place): Screen[] {
  const busy = `#/projects/${place.busyProject}`
  const runs = `#/projects/${place.project}/runs`
  const press = (key: string) => async (user: User) => user.page.keyboard.press(key)
  const filtered = (name: string, text: string): Screen => ({
    name,
    async open(user) {
      await user.go(runs)
      await user.by('filter-text').fill(text)
      await user.settle()
    },
    close: (user) => user.by('filter-clear').click(),
  })
  return [
    { name: 'start-from-files', open: openStart, close: (user) => user.by('start-cancel').click() },
    {
      name: 'project-menu',
      async open(user) {
        await user.go('#/')
        await user.by('project-menu').first().click()
        await user.page.getByRole('menu').waitFor()
      },
      close: press('Escape'),
    },
    {
      name: 'notice-removed',
      async open(user) {
        await user.go(`#/projects/${place.emptyProject}`)
        await user.by('project-menu').click()
        await user.by('delete-project').click()
        await user.by('removed').waitFor()
        await user.settle()
      },
      async close(user) {
        await user.by('undo-remove').click()
        await user.by('removed').waitFor({ state: 'detached' })
      },
    },
    filtered('runs-filtered', 'minmax'),
    filtered('runs-nothing-found', 'no run is called that'),
    {
      name: 'console-open',
      async open(user) {
        await user.go(`#/projects/${place.project}/device`)
        await user.by('console-open').click()
        await user.page.locator('[data-test="console"][data-state="open"]').waitFor(patience)
        await user.by('console-line').fill('name%')
        await user.page.keyboard.press('Enter')
        await user.settle()
      },
      close: (user) => user.by('console-close').click(),
    },
    {
      name: 'model-difference',
      async open(user) {
        await user.go(`#/projects/${place.project}/model`)
        await user.by('difference-with').selectOption({ index: 1 })
        await user.page
          .locator('[data-test="difference"] [data-test^="difference-"]:not(select), [data-test="difference"] .good')
          .first()
          .waitFor(patience)
        await user.settle()
        await user.by('difference').scrollIntoViewIfNeeded()
      },
    },
    {
      name: 'delete-run-dialog',
      async open(user) {
        await user.go(`#/runs/${place.run}`)
        await user.by('delete-run').click()
        await user.page.locator('dialog[open]').waitFor()
      },
      close: press('Escape'),
    },
    {
      name: 'delete-model-dialog',
      async open(user) {
        await user.go('#/library')
        await user.by('delete-holding').first().click()
        await user.page.locator('dialog[open]').waitFor()
      },
      close: press('Escape'),
    },
    { name: 'job-running', open: (user) => startLongJob(user, busy), close: cancelJob },
    { name: 'job-cancelled', open: (user) => user.go(`${busy}/compress`) },
    { name: 'job-failed', open: (user) => failJob(user, busy) },
    { name: 'jobs', open: (user) => user.go('#/jobs') },
    { name: 'library', open: (user) => user.go('#/library') },
    { name: 'packs', open: (user) => user.go('#/packs') },
    { name: 'pack', open: (user) => user.go(`#/packs/${place.pack}`) },
    {
      name: 'verification',
      async open(user) {
        await user.go(`#/runs/${place.run}`)
        if ((await user.by('verdict-verified').count()) > 0) return
        await user.by('verify-run').click()
        await user.by('verdict-verified').waitFor(patience)
        await user.settle()
      },
    },
    { name: 'not-there', open: (user) => user.go('#/runs/none') },
  ]
}

async function openStart(user: User) {
  await user.go('#/')
  await user.drop('home', sample('gestures.onnx'), sample('gestures-test.npz'), sample('gestures.json'))
  await user.by('start-other-device').click()
  await user.by('device-option').first().waitFor()
  await user.settle()
}

/** So many timed inferences that it goes on for minutes. */
async function startLongJob(user: User, address: string) {
  await user.go(address)
  await user.by('recipe').selectOption('int8')
  if (!(await user.by('option-runs').isVisible())) await user.by('run-options').locator('summary').click()
  await user.by('option-runs').fill('10000')
  await user.by('compress-deploy').click()
  await user.page.locator('[data-test="job-stage-measure"][data-state="now"]').waitFor(patience)
}

async function cancelJob(user: User) {
  await user.by('cancel-job').click()
  await user.page.locator('[data-test="job"][data-state="cancelled"]').waitFor(patience)
}

/** Real numbers, which no Cortex-M0 runs. */
async function failJob(user: User, address: string) {
  await user.go(address)
  if ((await user.page.locator('[data-test="job"][data-state="failed"]').count()) > 0) return
  await user.by('recipe').selectOption('float')
  await user.by('compress-deploy').click()
  await user.page.locator('[data-test="job"][data-state="failed"]').waitFor(patience)
  await user.settle()
}
