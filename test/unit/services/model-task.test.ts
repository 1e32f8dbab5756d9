// Models read in a worker give what the host's own thread gives, and fail with the same codes.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { afterAll, expect, test } from 'vitest'
import { createApp } from '../../../src-main/app.ts'
import { errorInfo } from '../../../src-main/contract/error.ts'
import { analysisOf } from '../../../src-main/services/model-analysis.ts'
import { runModelTask } from '../../../src-main/services/model-task.ts'
import { repository } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/workspace.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())
const path = join(repository, 'resources/samples/gestures.onnx')
const workerUrl = new URL('../../../src-main/hosts/worker/main.ts', import.meta.url)
const open = (workspace: string) =>
  createApp({ workspace: folder.file(workspace), host: 'electron', workerUrl, version: '0.0.0' })

test('a model is added and analysed in the worker as it is here', async () => {
  await using app = await open('alike')
  const added = await app.services.models.add({ kind: 'path', path })
  const [first, second] = await Promise.all([
    app.services.models.analyze(added.id),
    app.services.models.analyze(added.id),
  ])
  const facts = { version: '0.0.0', profiles: {} }
  const { outline } = await runModelTask(null, 'read', { path })
  const estimates = await runModelTask(null, 'estimate', { path, name: 'gestures.onnx', facts })
  expect(first).toEqual(analysisOf(outline, estimates))
  expect(second).toEqual(first)
  expect(second.devices).toBe(first.devices)
})

test('estimates come with progress, and at once when they are known', async () => {
  await using app = await open('estimates')
  const { id } = await app.services.models.add({ kind: 'path', path })
  const fractions: number[] = []
  for await (const { fraction, estimates } of app.services.models.watchEstimates(id)) {
    fractions.push(fraction)
    expect(estimates === null).toBe(fraction < 1)
  }
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
  expect(fractions.length).toBeGreaterThan(2)
  const again = await Array.fromAsync(app.services.models.watchEstimates(id))
  expect(again.map(({ fraction }) => fraction)).toEqual([1])
})

test('a graph and its layers are there without an analysis', async () => {
  await using app = await open('outline')
  const { id } = await app.services.models.add({ kind: 'path', path })
  const { layers } = await app.services.models.outline(id)
  const { nodes } = await app.services.models.graph(id)
  expect(layers.map(({ node }) => node)).toEqual(nodes.flatMap(({ kind, name }) => (kind === 'node' ? [name] : [])))
})

test('the integers of a stored model are those that the command line writes', async () => {
  await using app = await open('integers')
  const { id } = await app.services.models.add({ kind: 'path', path })
  const api = createRouterClient(app.router)
  const { fileName, data } = await api.models.integers({ id })
  await using cli = await createApp({ workspace: folder.file('dump'), host: 'cli', workerUrl, version: '0.0.0' })
  const { name, npz, tensors } = await cli.services.models.dumpFile(path)
  expect([fileName, tensors]).toEqual([name, 4])
  expect(new Uint8Array(await data.arrayBuffer())).toEqual(new Uint8Array(npz))
})

test('what the worker refuses keeps its code on the way through the contract', async () => {
  writeFileSync(folder.file('garbage.onnx'), 'no network at all')
  await using app = await open('refused')
  const api = createRouterClient(app.router)
  const refused = await api.models
    .add({ source: { kind: 'path', path: folder.file('garbage.onnx') } })
    .catch((error: unknown) => error)
  const { code } = errorInfo.parse(refused instanceof Error && 'data' in refused ? refused.data : null)
  expect(code).toMatch(/^model\./)
})

test('a host that closes does not wait for an analysis', async () => {
  const app = await open('closed')
  const added = await app.services.models.add({ kind: 'path', path })
  const asked = app.services.models.analyze(added.id).then(
    () => 'answered',
    () => 'ended',
  )
  await app[Symbol.asyncDispose]()
  expect(await asked).toBe('ended')
})
