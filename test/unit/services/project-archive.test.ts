// Projects between workspaces and in and out of the bin, over the real services and real files.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type App, createApp } from '../../../src-main/app.ts'
import { AppError } from '../../../src-main/base/errors.ts'
import { memorySource } from '../../../src-main/base/source.ts'
import { runId } from '../../../src-main/contract/ids.ts'
import { readZip } from '../../../src-main/data/zip.ts'
import { createZip } from '../../../src-main/data/zip-write.ts'
import { summaryOf } from '../../../src-main/services/run/report.ts'
import { openStore } from '../../../src-main/store/store.ts'
import { sampleRun } from '../../support/sample-run.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/workspace.ts'

const workerUrl = new URL('../../../src-main/hosts/worker/main.ts', import.meta.url)
const samples = join(import.meta.dirname, '../../../resources/samples')
const open = (folder: TemporaryFolder, name: string) =>
  createApp({ workspace: folder.file(name), workerUrl, host: 'cli', version: '0' })

async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action()
    return 'no error'
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
}

/** A project with a model, data and one annotated run whose pack is a stored file. */
async function madeProject(app: App) {
  const { projects, models, data } = app.services
  const project = projects.create('Gestures: band/1', 'pico')
  const model = await models.add({ kind: 'path', path: join(samples, 'gestures.onnx') }, project.id)
  const set = await data.add({ kind: 'path', path: join(samples, 'gestures-test.npz') }, { scale: 0.03125 }, project.id)
  const counts = { seed: 7, limit: 300, calibrationLimit: 64, deviceSamples: null, warmup: 2, runs: 10 }
  const recipes = [{ name: 'mine', text: 'passes: [fold-constants]' }]
  const choices = { options: { encoding: 'smallest' as const, ...counts, calibration: set.id }, recipes }
  projects.update({ id: project.id, choices })
  const store = openStore(app.workspace)
  const tree = await store.trees.add([{ path: 'model.shoe', from: { bytes: new Uint8Array([1, 2, 3]) } }])
  const report = sampleRun({ id: 'run-1', project: { id: project.id, name: project.name } })
  const own = { ...report, model: { ...report.model, sha256: model.sha256 } }
  const predictions = { indices: [0, 1], labels: [1, 0], twin: [1, 1], original: [1, 0] }
  store.runs.add({ report: own, summary: summaryOf(own), packTree: tree.hash, predictions })
  store.close()
  app.services.runs.annotate({ id: runId.parse('run-1'), tags: ['good'], note: 'first try' })
  return project
}

describe('a project as one file', () => {
  test('arrives whole in another workspace', async () => {
    using folder = temporaryFolder()
    const path = folder.file('p.shoeproject')
    await using from = await open(folder, 'from')
    const project = await madeProject(from)
    await from.services.projectArchives.toFile(project.id, path)
    await using to = await open(folder, 'to')
    const done = await to.services.projectArchives.import({ kind: 'path', path })
    const { services } = to
    const summaryBefore = from.services.runs.list(project.id)
    const store = openStore(to.workspace)
    const pack = readFileSync(join(store.trees.dir(store.runs.packTree(runId.parse('run-1')) ?? ''), 'model.shoe'))
    const predictions = store.runs.predictions(runId.parse('run-1'))
    store.close()
    expect({
      counts: [done.models, done.dataSets, done.runs, done.reused],
      project: services.projects.get(project.id),
      model: services.models.get(done.project.modelId!),
      runs: services.runs.list(project.id),
      report: services.runs.get(runId.parse('run-1')),
      pack: [...pack],
      twin: predictions?.twin,
      preview: (await services.data.preview(done.project.dataSetId!, 0, 2)).length,
    }).toEqual({
      counts: [1, 1, 1, 0],
      project: from.services.projects.get(project.id),
      model: from.services.models.get(project.modelId ?? from.services.projects.get(project.id).modelId!),
      runs: summaryBefore,
      report: from.services.runs.get(runId.parse('run-1')),
      pack: [1, 2, 3],
      twin: [1, 1],
      preview: 2,
    })
  })

  test('imported where it came from, it stands beside itself and uses the same model and data', async () => {
    using folder = temporaryFolder()
    const path = folder.file('p.shoeproject')
    await using app = await open(folder, 'one')
    const project = await madeProject(app)
    await app.services.projectArchives.toFile(project.id, path)
    const { project: copy, reused } = await app.services.projectArchives.import({ kind: 'path', path })
    const original = app.services.projects.get(project.id)
    const [run] = app.services.runs.list(copy.id)
    expect({
      reused,
      name: copy.name,
      sameId: copy.id === project.id,
      model: copy.modelId === original.modelId,
      data: copy.dataSetId === original.dataSetId,
      models: app.services.models.list().length,
      runs: [original.runs, copy.runs],
      run: [run?.id === 'run-1', run?.projectId === copy.id, run?.tags, run?.note],
      report: app.services.runs.get(run!.id).id === run!.id,
    }).toEqual({
      reused: 2,
      name: 'Gestures: band/1 (2)',
      sameId: false,
      model: true,
      data: true,
      models: 1,
      runs: [1, 1],
      run: [false, true, ['good'], 'first try'],
      report: true,
    })
  })

  test('is read in parts through the contract, and gone afterwards', async () => {
    using folder = temporaryFolder()
    await using app = await open(folder, 'one')
    const project = await madeProject(app)
    const { projectArchives } = app.services
    const { archive, fileName, bytes } = await projectArchives.export(project.id)
    const parts: Uint8Array[] = []
    for (let at = 0; at < bytes; ) {
      const part = await projectArchives.read(archive, at)
      parts.push(part)
      at += part.length
    }
    const names = readZip(memorySource('whole', Buffer.concat(parts)), 'whole').map(({ name }) => name)
    expect({ fileName, has: [names.includes('project.json'), names.includes('SHA256SUMS')] }).toEqual({
      fileName: 'Gestures- band-1.shoeproject',
      has: [true, true],
    })
    expect(await codeOf(() => projectArchives.read(archive, 0))).toBe('store.notFound')
  })

  test('with any byte changed is refused, and nothing of it stays', async () => {
    using folder = temporaryFolder()
    const path = folder.file('p.shoeproject')
    await using from = await open(folder, 'from')
    await from.services.projectArchives.toFile((await madeProject(from)).id, path)
    const whole = readFileSync(path)
    await using to = await open(folder, 'to')
    const codes = new Set<string>()
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 60)) {
      const damaged = Uint8Array.from(whole)
      damaged[at]! ^= 0x55
      writeFileSync(folder.file('damaged.shoeproject'), damaged)
      const code = await codeOf(() =>
        to.services.projectArchives.import({ kind: 'path', path: folder.file('damaged.shoeproject') }),
      )
      // A header field that no reader needs (a time, a flag of the local header) may change without harm.
      if (code === 'no error')
        for (const { id } of to.services.projects.list()) {
          to.services.projects.remove(id)
          to.services.projects.purge(id)
        }
      codes.add(code)
    }
    for (const length of [0, 10, whole.length >> 1, whole.length - 1]) {
      writeFileSync(folder.file('short.shoeproject'), whole.subarray(0, length))
      codes.add(
        await codeOf(() =>
          to.services.projectArchives.import({ kind: 'path', path: folder.file('short.shoeproject') }),
        ),
      )
    }
    codes.delete('no error')
    expect([...codes]).toEqual(['store.notProject'])
    expect(to.services.projects.list()).toEqual([])
  })

  test('of a newer version, or with names that leave their folder, is refused', async () => {
    using folder = temporaryFolder()
    await using app = await open(folder, 'one')
    const make = async (name: string, members: Readonly<Record<string, string>>) => {
      await using zip = await createZip(folder.file(name))
      let sums = ''
      for (const [member, text] of Object.entries(members))
        sums += `${await zip.addBytes(member, new TextEncoder().encode(text))}  ${member}\n`
      await zip.addBytes('SHA256SUMS', new TextEncoder().encode(sums))
      await zip.finish()
      return folder.file(name)
    }
    const newer = await make('newer', { 'project.json': '{"format":"shoehorn-project","version":2}' })
    const outside = await make('outside', { 'project.json': '{}', 'trees/a/../../../evil': 'x' })
    const foreign = await make('foreign', { 'project.json': '{"format":"other","version":1}' })
    const paths = [newer, outside, foreign, join(samples, 'gestures.onnx')]
    const codes: string[] = []
    for (const path of paths)
      codes.push(await codeOf(() => app.services.projectArchives.import({ kind: 'path', path })))
    expect(codes).toEqual(['store.newerProject', 'store.notProject', 'store.notProject', 'store.notProject'])
  })
})

describe('the bin and the archive', () => {
  test('a project goes into the bin with its runs, frees its name, and comes back', async () => {
    using folder = temporaryFolder()
    await using app = await open(folder, 'one')
    const { projects } = app.services
    const project = await madeProject(app)
    projects.remove(project.id)
    const during = { list: projects.list().length, bin: projects.bin().map(({ name, runs }) => [name, runs]) }
    const other = projects.create(project.name, 'twin')
    const back = projects.restore(project.id)
    projects.remove(other.id)
    projects.purge(other.id)
    expect({ during, back: [back.name, back.runs], bin: projects.bin() }).toEqual({
      during: { list: 0, bin: [['Gestures: band/1', 1]] },
      back: ['Gestures: band/1 (2)', 1],
      bin: [],
    })
    expect(await codeOf(() => projects.purge(project.id))).toBe('store.notFound')
  })

  test('a project with a job under way stays', async () => {
    using folder = temporaryFolder()
    await using app = await open(folder, 'one')
    const { projects, jobs } = app.services
    const project = projects.create('Busy', 'twin')
    const never = new Promise<never>(() => {})
    const job = jobs.enqueue({
      title: 'a long one',
      projectId: project.id,
      request: {},
      input: () => Promise.race([never, new Promise<never>((_, reject) => setTimeout(reject, 200))]),
      finish: () => never,
    })
    expect(await codeOf(() => projects.remove(project.id))).toBe('store.busy')
    for await (const { state } of jobs.watch(job)) if (state !== 'queued' && state !== 'running') break
    expect(await codeOf(() => projects.remove(project.id))).toBe('no error')
  })

  test('a copy has everything but the runs; an archived project says when', async () => {
    using folder = temporaryFolder()
    await using app = await open(folder, 'one')
    const { projects } = app.services
    const project = projects.get((await madeProject(app)).id)
    const copy = projects.duplicate(project.id, 'Copy')
    const archived = projects.archive(project.id, true)
    expect([copy.modelId, copy.dataSetId, copy.budgets, copy.runs]).toEqual([
      project.modelId,
      project.dataSetId,
      project.budgets,
      0,
    ])
    expect([archived.archivedAt !== null, projects.archive(project.id, false).archivedAt]).toEqual([true, null])
    expect(await codeOf(() => projects.duplicate(project.id, 'Copy'))).toBe('store.conflict')
  })
})

test('the best run of a project is the most accurate within its budgets, then the smallest', async () => {
  using folder = temporaryFolder()
  await using app = await open(folder, 'one')
  const project = app.services.projects.create('P', 'twin')
  const store = openStore(app.workspace)
  const add = (id: string, part: { withinBudgets: boolean; accuracy: number | null; flashBytes: number }) => {
    const report = sampleRun({ id, project: { id: project.id, name: project.name } })
    store.runs.add({ report, summary: { ...summaryOf(report), ...part }, packTree: 'x', predictions: null })
  }
  const bestId = () => app.services.projects.get(project.id).bestRunId
  const before = bestId()
  add('over', { withinBudgets: false, accuracy: 0.99, flashBytes: 1 })
  add('unlabelled', { withinBudgets: true, accuracy: null, flashBytes: 1 })
  const unlabelled = bestId()
  add('large', { withinBudgets: true, accuracy: 0.9, flashBytes: 9 })
  add('small', { withinBudgets: true, accuracy: 0.9, flashBytes: 8 })
  add('less', { withinBudgets: true, accuracy: 0.8, flashBytes: 1 })
  store.close()
  expect([before, unlabelled, bestId()]).toEqual([null, 'unlabelled', 'small'])
})
