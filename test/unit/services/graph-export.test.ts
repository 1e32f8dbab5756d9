// Names of models and recipes are free text, in files from elsewhere too: none leads out of the folder of an export.
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type App, createApp } from '../../../src-main/app.ts'
import { runId } from '../../../src-main/contract/ids.ts'
import { outputsAsNpz } from '../../../src-main/services/run/npz-output.ts'
import { summaryOf } from '../../../src-main/services/run/report.ts'
import { safeName } from '../../../src-main/services/safe-name.ts'
import { openStore } from '../../../src-main/store/store.ts'
import { sampleRun } from '../../support/sample-run.ts'
import { smallPack } from '../../support/small-pack.ts'
import { temporaryFolder } from '../../support/workspace.ts'

const workerUrl = new URL('../../../src-main/hosts/worker/main.ts', import.meta.url)
const samples = join(import.meta.dirname, '../../../resources/samples')
const run = runId.parse('run-1')
const fileName = 'x-..-..-..-stolen--..-..-..-evil'

const folder = temporaryFolder()
let app: App

beforeAll(async () => {
  app = await createApp({ workspace: folder.file('workspace'), workerUrl, host: 'electron', version: '0' })
  const { models, data, projects } = app.services
  const project = projects.create('Imported', 'pico')
  const model = await models.add({ kind: 'path', path: join(samples, 'gestures.onnx') }, project.id)
  const set = await data.add({ kind: 'path', path: join(samples, 'gestures-test.npz') }, {}, project.id)
  const base = sampleRun({ id: run, project: { id: project.id, name: project.name } })
  const report = {
    ...base,
    model: { ...base.model, name: 'x/../../../stolen.onnx', sha256: model.sha256 },
    data: { ...base.data, sha256: set.sha256, preprocess: {}, calibration: null },
    recipe: { name: '/../../../evil', seed: 1, passes: [{ pass: 'fold-constants', params: {} }] },
  }
  const store = openStore(app.workspace)
  const tree = await store.trees.add([{ path: 'model.shoe', from: { bytes: smallPack().pack } }])
  store.runs.add({ report, summary: summaryOf(report), packTree: tree.hash, predictions: null })
  store.close()
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

test('a graph lies in its own folder', async () => {
  const { graphs, jobs } = app.services
  const before = readdirSync(folder.path, { recursive: true }).length
  const job = graphs.start(run)
  for await (const { error } of jobs.watch(job)) expect(error).toBe(null)
  expect(graphs.files(job).map(({ name }) => name)).toEqual([`${fileName}.onnx`])
  expect(readdirSync(join(app.workspace, 'uploads', `graph-${job}`))).toEqual([`${fileName}.onnx`])
  graphs.discard(job)
  expect(readdirSync(folder.path, { recursive: true })).toHaveLength(before)
})

test('the outputs of a model are those that infer gives on the host', async () => {
  const { graphs, jobs, models, data, packs } = app.services
  const [model, set] = [models.list()[0]!, data.list()[0]!]
  const job = graphs.startOutputs({ model: model.id, data: set.id })
  for await (const { error } of jobs.watch(job)) expect(error).toBe(null)
  const [file] = graphs.files(job)
  expect(file!.name).toBe('gestures-outputs.npz')
  const events = { signal: new AbortController().signal, progress: () => {}, log: () => {} }
  const request = { path: join(samples, 'gestures.onnx'), data: join(samples, 'gestures-test.npz'), device: 'host' }
  const outputs = await packs.infer(request, events)
  expect(outputs.logits!.shape).toEqual([360, 6])
  expect(graphs.read(job, 0, 0)).toEqual(new Uint8Array(outputsAsNpz(outputs)))
  graphs.discard(job)
})

test('a pack of a run is offered under a plain name', async () => {
  const { name } = await app.services.packBench.add({ kind: 'run', run })
  expect(name).toBe(`${fileName}.shoe`)
})

test.each([
  ['a/b\\c:d', 'a-b-c-d'],
  ['..', 'fallback'],
  ['../x', '-x'],
  [' . hidden', 'hidden'],
  ['手势 w4a8.v2_1', '手势 w4a8.v2_1'],
  ['\0\n', '-'],
])('%j becomes %j', (text, name) => {
  expect(safeName(text, 'fallback')).toBe(name)
  expect(basename(name)).toBe(name)
})
