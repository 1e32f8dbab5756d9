// Models read in a worker give what the host's own thread gives, and fail with the same codes.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { afterAll, expect, test } from 'vitest'
import { createApp } from '../../../src-main/app.ts'
import { errorInfo } from '../../../src-main/contract/error.ts'
import { executeModelTask } from '../../../src-main/services/model-task.ts'
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
  const task = { task: 'model', action: 'analyze', path, name: 'gestures.onnx', facts } as const
  expect(first).toEqual(await executeModelTask(task))
  expect(second).toBe(first)
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
