// Data as people have them, added at the page and by the command line: refused with what to do, or taken with what was chosen.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { dataSet } from '../../src-main/contract/data-set.ts'
import { dataSplits, preprocessEffect } from '../../src-main/contract/data-view.ts'
import { hasChromium } from '../support/browser.ts'
import { runCli, runJson } from '../support/cli.ts'
import { hasShared, sharedModel } from '../support/shared.ts'
import { temporaryFolder } from '../support/workspace.ts'
import { tone, wav } from '../unit/data/wav-files.ts'
import { type OpenHost, webHost } from './scenarios/host.ts'
import { User } from './scenarios/user.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

function put(name: string, content: Uint8Array | string) {
  const path = folder.file(name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: width, b: height } } })
    .png()
    .toBuffer()

beforeAll(async () => {
  for (const [i, [width, height]] of [
    [40, 30],
    [40, 30],
    [64, 48],
    [20, 50],
  ].entries())
    put(`pictures/${i % 2 === 0 ? 'cats' : 'dogs'}/${i}.png`, await picture(width!, height!))
  put('pictures/readme.txt', 'x')
  put('broken/a/1.png', await picture(8, 8))
  put('broken/b/2.png', 'no picture')
  for (const word of ['no', 'yes'])
    for (const i of [0, 1, 2])
      put(`words/${word}/${i}.wav`, wav({ rate: 16_000, frames: tone(16_000 - 2000 * i, 300 + 100 * i, 16_000) }))
  put('gaps.csv', 'a,b,kind\n1,2,x\n,4,y\n5,6,x\n')
  put('plain.csv', `a,b,diagnosis\n${Array.from({ length: 30 }, (_, i) => `${i},${i * 2},${i % 2}`).join('\n')}\n`)
})

/** For the page to have the answer. */
const soon = { timeout: 30_000 }

const inWorkspace = () => ['--workspace', folder.file('cli')]

describe('on the command line', () => {
  const add = async (...args: string[]) => dataSet.parse(await runJson('data', 'add', ...args, ...inWorkspace()))
  const refused = async (...args: string[]) => (await runCli('data', 'add', ...args, ...inWorkspace())).stderr

  test('pictures of several sizes are brought to the most frequent, or to what is asked', async () => {
    const plain = await add(folder.file('pictures'))
    expect([plain.preprocess, plain.classNames]).toEqual([{ resize: [30, 40] }, ['cats', 'dogs']])
    const asked = await add(folder.file('pictures'), '--resize', '16x16', '--resize-mode', 'crop', '--scale', '1/255')
    expect([asked.inputs[0]!.shape, asked.preprocess]).toEqual([
      [16, 16, 3],
      { resize: [16, 16], resizeMode: 'crop', scale: 1 / 255 },
    ])
  })

  test('what is refused names the file and the option that helps', async () => {
    expect(await refused(folder.file('broken'))).toMatch(/b\/2\.png.*--leave-out-unreadable/s)
    expect((await add(folder.file('broken'), '--leave-out-unreadable')).preprocess.without).toEqual(['b/2.png'])
    expect(await refused(folder.file('gaps.csv'))).toMatch(/gaps\.csv.*line 3, column a.*--missing mean/s)
    expect((await add(folder.file('gaps.csv'), '--missing', 'drop')).count).toBe(2)
  })

  test('features by their name, and a division by class', async () => {
    const words = folder.file('words')
    const effect = await runJson('data', 'preview', words, '--features', 'mlperf-tiny-kws', ...inWorkspace())
    expect(preprocessEffect.parse(effect).after.shape).toEqual([49, 10])
    const divided = await runJson(
      'data',
      'splits',
      folder.file('plain.csv'),
      '--target',
      'diagnosis',
      '--split',
      '0.4,0.2,7',
      ...inWorkspace(),
    )
    const { train, calibration, test: tested, shared, asked } = dataSplits.parse(divided)
    expect([train?.classCounts, calibration.classCounts, tested.classCounts, shared, asked]).toEqual([
      ...[
        [6, 6],
        [3, 3],
        [6, 6],
      ],
      ...[0, true],
    ])
  })

  test('a set is changed where it is', async () => {
    const { id } = await add(folder.file('plain.csv'))
    const changed = dataSet.parse(await runJson('data', 'prepare', id, '--target', 'diagnosis', ...inWorkspace()))
    const shown = dataSet.parse(await runJson('data', 'show', id, ...inWorkspace()))
    expect([shown.columns, shown]).toEqual([{ features: ['a', 'b'], target: 'diagnosis' }, changed])
  })

  test.skipIf(!hasShared)('a run on recordings says that the features are not part of what was measured', async () => {
    const model = sharedModel('kws_ref_model.tflite')
    const args = ['--features', 'mlperf-tiny-kws', '--device', 'twin', '--runs', '1', '--warmup', '0']
    const report = await runJson('run', model, '--data', folder.file('words'), ...args, ...inWorkspace())
    const text = JSON.stringify(report)
    expect(text).toContain('"kind":"mfcc"')
    expect(text).toContain('audio features were computed on this computer')
  })
})

describe.skipIf(!hasChromium)('at the page', () => {
  let host: OpenHost
  let user: User

  beforeAll(async () => {
    host = await webHost.open(folder.path)
    user = new User(host.page)
    await user.by('new-project').first().waitFor({ timeout: 30_000 })
  }, 60_000)
  afterAll(() => host?.[Symbol.asyncDispose]())

  const project = z.object({ id: z.string() })

  /** A project of its own, at its Data screen. */
  async function projectFor(name: string, model?: string) {
    const { id } = project.parse(
      await runJson('projects', 'create', name, '--device', 'twin', '--workspace', folder.file('workspace')),
    )
    await user.page.reload()
    await user.by('project-row').first().waitFor()
    if (model) {
      await user.go(`#/projects/${id}`)
      await user.by('drop-model-input').setInputFiles(model)
      await user.by('model-name').waitFor()
    }
    await user.go(`#/projects/${id}/data`)
  }
  const addFolder = (name: string) => user.by('drop-data-folder-input').setInputFiles(folder.file(name))
  const text = async (name: string) => (await user.by(name).first().textContent())?.replaceAll(/\s+/g, ' ') ?? ''

  test.skipIf(!hasShared)(
    'pictures of several sizes fit after one click, and samples are chosen by the keyboard',
    async () => {
      await projectFor('pictures', sharedModel('resnet8-cifar10.onnx'))
      await addFolder('pictures')
      await user.by('data-notes').waitFor()
      expect(await text('data-notes')).toContain('The pictures have 3 sizes')
      await user.click('fit-fix')
      await expect.poll(() => user.by('fit').getAttribute('data-fatal'), soon).toBe('false')
      await expect.poll(() => text('figures-after'), soon).toContain('3 × 32 × 32')
      await user.by('samples').focus()
      await user.page.keyboard.press('ArrowRight')
      await expect.poll(() => user.by('effect-index').inputValue(), soon).toBe('1')
      expect(await user.page.locator('[data-test="sample"][aria-selected="true"]').getAttribute('id')).toBe('sample-1')
      await user.by('resize-mode').selectOption('fit')
      await user.page.locator('text=Not applied yet.').waitFor()
    },
    60_000,
  )

  test('files that cannot be read are left out by a button', async () => {
    await projectFor('broken')
    await addFolder('broken')
    await user.by('upload-fix').waitFor()
    expect(await text('error')).toContain('b/2.png')
    await user.click('upload-fix')
    await user.by('data-notes').waitFor()
    expect(await text('data-notes')).toContain('Left out as asked (1): b/2.png.')
  }, 60_000)

  test('gaps in a table are filled by a button, and its columns keep their names', async () => {
    await projectFor('gaps')
    await user.by('drop-data-input').setInputFiles(folder.file('gaps.csv'))
    await user.click('upload-fix')
    await user.by('sample-table').waitFor()
    expect(await text('sample-table')).toMatch(/# ?kind ?a ?b/)
    expect(await text('data-notes')).toContain('Empty cells that got the mean of their column: 1.')
  }, 60_000)

  test('a division is made and taken back', async () => {
    await projectFor('division')
    await user.by('drop-data-input').setInputFiles(folder.file('plain.csv'))
    await user.by('target-column').selectOption('diagnosis')
    await user.click('preprocess-save')
    await expect.poll(() => text('data-facts'), soon).toContain('labelled')
    await user.click('divide-apply')
    await expect.poll(() => text('splits-source'), soon).toContain('No sample is in two parts')
    expect(await text('split-test')).toContain('6 samples')
    await user.click('divide-none')
    await expect.poll(() => text('splits-source'), soon).toContain('The files have no splits')
  }, 60_000)

  test.skipIf(!hasShared)(
    'recordings become what the model was trained on',
    async () => {
      await projectFor('words', sharedModel('kws_ref_model.tflite'))
      await addFolder('words')
      await user.by('fit-fix').first().waitFor()
      expect(await text('fit-fix')).toBe('Apply: MFCC of MLPerf Tiny keyword spotting (49 × 10)')
      await user.click('fit-fix')
      await expect.poll(() => text('fit'), soon).toContain('49 × 10 go in as 49 × 10 × 1')
      await user.by('sound-features').selectOption('spectrogram')
      await expect.poll(() => text('figures-after'), soon).toContain('49 × 257')
    },
    60_000,
  )

  test('nothing went wrong unseen', () => {
    expect(host.complaints()).toEqual([])
  })
})
