// The four user stories, on any host: a project per device; one-click compress and deploy; comparing on-device benchmarks;
// exporting reports. In this order, on a workspace that was empty.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { z } from 'zod'
import { runReport } from '../../../src-main/contract/report.ts'
import { readNpz } from '../../../src-main/data/npz.ts'
import { loadModel } from '../../../src-main/services/run/load.ts'
import { repository } from '../../support/cli.ts'
import type { User } from './user.ts'

export const sample = (name: string) => join(repository, 'resources/samples', name)
const patience = { timeout: 60_000 }
const jobPatience = { timeout: 240_000 }

export async function emptyWorkspaceSaysWhatToDo(user: User) {
  await user.by('drop-start').waitFor(patience)
  expect(await user.by('drop-start').locator('h2').textContent()).not.toBe('')
}

const deviceOption = (user: User, device: string) =>
  user.page.locator(`[data-test="device-option"][data-device="${device}"]`)

async function createProject(user: User, name: string, device: string) {
  await user.by('project-name').fill(name)
  await user.click(deviceOption(user, device))
  await user.click('create-project')
  await expect.poll(() => user.by('project-title').textContent(), patience).toContain(name)
}

/**
 * From an empty workspace to the figures of a run.
 * @returns the presses of the mouse it took
 */
export async function oneClickCompressAndDeploy(user: User, device = 'pico'): Promise<number> {
  user.clicks = 0
  await user.by('drop-start').waitFor(patience)
  await user.drop('home', sample('gestures.onnx'), sample('gestures-test.npz'))
  await user.type('start-name', 'Gestures')
  await user.click('start-other-device')
  await user.click(deviceOption(user, device))
  await user.click('start-create')
  await expect.poll(() => user.by('model-name').textContent(), patience).toContain('gestures.onnx')
  await expect.poll(() => user.by('data-name').textContent(), patience).toContain('gestures-test.npz')
  await expect.poll(() => user.by('compress-deploy').isEnabled(), patience).toBe(true)
  await user.click('compress-deploy')
  await user.by('job-stage-compress').waitFor(patience)
  // The job belongs to the host: the page may go and come back.
  await user.page.reload()
  await user.by('open-run').waitFor(jobPatience)
  await user.click('open-run')
  await user.by('run-page').waitFor(patience)
  await expect.poll(() => user.by('bit-exact').textContent(), patience).toMatch(/\d+ of \d+/)
  return user.clicks
}

/**
 * The same with files of the user's own, and nothing changed of what is proposed but the device.
 * @param device null: the one that is proposed
 */
export async function ownModelMeasured(user: User, files: readonly string[], device: string | null): Promise<number> {
  user.clicks = 0
  await user.by('drop-start').waitFor(patience)
  await user.drop('home', ...files)
  await user.by('start-create').waitFor(patience)
  if (device !== null) {
    await user.click('start-other-device')
    await user.click(deviceOption(user, device))
  }
  await user.click('start-create')
  await expect.poll(() => user.by('compress-deploy').isEnabled(), patience).toBe(true)
  await user.click('compress-deploy')
  await user.by('open-run').waitFor(jobPatience)
  await user.click('open-run')
  await user.by('run-page').waitFor(patience)
  await expect.poll(() => user.by('bit-exact').textContent(), patience).toMatch(/\d+ of \d+/)
  return user.clicks
}

/** A second project, on another device, with the budgets of that one. */
export async function aProjectPerDevice(user: User, device = 'twin') {
  await user.click('new-project')
  await createProject(user, 'On another device', device)
  await expect.poll(() => user.by('project-row').count()).toBe(2)
  const limitOf = () => user.by('gauge-ramBytes').textContent()
  const here = await limitOf()
  await user.click(user.by('project-row').first())
  await expect.poll(() => user.by('project-title').textContent()).toContain('Gestures')
  await expect.poll(limitOf).not.toBe(here)
}

export async function aWrongFileIsExplained(user: User) {
  await user.click(user.by('project-row').nth(1))
  await user.by('model-card').waitFor()
  await user.drop('model-card', sample('gestures.json'))
  await user.by('error-next').first().waitFor()
  expect(await user.by('error-next').first().textContent()).not.toBe('')
}

export async function comparingBenchmarks(user: User) {
  await user.click(user.by('project-row').first())
  await user.by('compress-panel').waitFor(patience)
  await user.by('recipe').selectOption('int8-minmax')
  await expect.poll(() => user.by('compress-deploy').isEnabled(), patience).toBe(true)
  await user.click('compress-deploy')
  await user.page.locator('[data-test="job"][data-state="running"]').waitFor(patience)
  await user.page.locator('[data-test="job"][data-state="done"]').waitFor(jobPatience)
  await user.click('tab-runs')
  await expect.poll(() => user.by('run-row').count(), patience).toBe(2)
  for (const row of [0, 1]) await user.click(user.by('select-run').nth(row))
  await user.by('comparison').waitFor(patience)
  expect(await user.by('comparison').textContent()).toContain('int8-minmax')
}

const jsonReport = z.object({ runs: z.array(runReport) })

/** From the page of a run, and from the project's Report screen. */
export async function exportingReports(user: User) {
  await user.by('run-row').first().waitFor(patience)
  await user.click('run-link')
  await user.by('run-page').waitFor(patience)
  const [report] = await Promise.all([user.page.waitForEvent('popup'), user.click('open-report')])
  await report.waitForLoadState()
  await expect.poll(() => report.locator('body').textContent()).toContain('gestures.onnx')
  await report.close()
  const kept = jsonReport.parse(JSON.parse(await download(user, 'download-json')))
  expect(kept.runs.map(({ model }) => model.name)).toEqual(['gestures.onnx'])

  await user.by('export-kind').selectOption('onnx')
  const [graph] = await Promise.all([user.page.waitForEvent('download', jobPatience), user.click('export-library')])
  const { graph: made } = await loadModel(await graph.path())
  expect([...made.values.values()].some(({ quant }) => quant)).toBe(true)

  await user.click(user.by('project-row').first())
  await user.click('tab-model')
  await user.by('save-original-outputs').waitFor(patience)
  const [outputs] = await Promise.all([
    user.page.waitForEvent('download', jobPatience),
    user.click('save-original-outputs'),
  ])
  expect([...(await readNpz(await outputs.path())).keys()]).toEqual(['logits'])

  await user.click('tab-report')
  await user.by('report-preview').waitFor(patience)
  const html = await download(user, 'export-html')
  expect(html.startsWith('<!doctype html>')).toBe(true)
  expect(html).toContain('int8-minmax')
}

/** The pack of a run, sent to a colleague who measures it on a device of theirs. */
export async function measuringAPack(user: User, folder: string) {
  await user.click(user.by('project-row').first())
  await user.click('tab-runs')
  await user.by('run-row').first().waitFor(patience)
  await user.click('run-link')
  await user.by('run-page').waitFor(patience)
  const [sent] = await Promise.all([user.page.waitForEvent('download'), user.click('download-run-pack')])
  const path = join(folder, 'sent.shoe')
  await sent.saveAs(path)
  await user.go('#/settings')
  // Anywhere on the window.
  await user.drop('settings-page', path)
  await user.by('pack-form').waitFor(patience)
  await user.by('pack-device').selectOption('twin')
  await user.click('pack-task-validate')
  await user.by('pack-data').selectOption({ label: 'gestures-test.npz' })
  await user.click('start-pack')
  await user.by('pack-result').waitFor(jobPatience)
  expect(await user.by('pack-exact').textContent()).toMatch(/360 of 360/)
  await user.click('pack-task-infer')
  await user.click('start-pack')
  await user.by('save-outputs').waitFor(jobPatience)
  const [outputs] = await Promise.all([user.page.waitForEvent('download'), user.click('save-outputs')])
  const given = await readNpz(await outputs.path())
  expect([...given.keys()]).toEqual(['logits'])
  const expected = join(folder, 'logits.bin')
  writeFileSync(expected, Int8Array.from(given.get('logits')!.data, Number))
  await user.click('pack-task-validate')
  await user.by('pack-expect').setInputFiles(expected)
  await user.click('start-pack')
  await user.by('pack-expected').waitFor(jobPatience)
  expect(await user.by('pack-expected').textContent()).toMatch(/360 of 360/)
  await user.click('repack-start')
  await user.click('repacked-link')
  await expect.poll(() => user.by('pack-name').textContent(), patience).toMatch(/-smallest\.shoe$/)
  await user.click('jobs-link')
  await expect.poll(() => user.by('job-row').count(), patience).toBeGreaterThanOrEqual(4)
  expect(await user.page.locator('[data-test="job-row"][data-state="failed"]').count()).toBe(0)
}

async function download(user: User, button: string): Promise<string> {
  const [event] = await Promise.all([user.page.waitForEvent('download'), user.click(button)])
  return readFileSync(await event.path(), 'utf8')
}
