import { expect, test } from 'vitest'
import { createApp } from '../../../src-main/app.ts'
import { systemClock } from '../../../src-main/base/clock.ts'
import { deviceId, runId } from '../../../src-main/contract/ids.ts'
import { summaryOf } from '../../../src-main/services/run/report.ts'
import { openStore } from '../../../src-main/store/store.ts'
import { sampleRun } from '../../support/sample-run.ts'
import { temporaryFolder } from '../../support/workspace.ts'

test('a host that others wait for writes a report of many runs in a worker, and the same one', async () => {
  using folder = temporaryFolder()
  const workspace = folder.file('workspace')
  const workerUrl = new URL('../../../src-main/hosts/worker/main.ts', import.meta.url)
  const clock = { ...systemClock, nowMs: () => 0 }
  const ports = { workspace, workerUrl, version: '0.0.0', clock }
  await using alone = await createApp({ ...ports, host: 'cli' })
  await using waited = await createApp({ ...ports, host: 'web' })
  const project = alone.services.projects.create('Gestures', deviceId.parse('twin'))
  const store = openStore(workspace)
  for (let n = 0; n < 3; n++) {
    const createdAt = `2026-01-0${n + 1}T00:00:00.000Z`
    const report = sampleRun({ id: `run-${n}`, createdAt, project: { id: project.id, name: project.name } })
    store.runs.add({ report, summary: summaryOf(report), packTree: 'none', predictions: null })
  }
  store.close()
  const request = { project: project.id, format: 'pdf' } as const
  const documents = await Promise.all([alone, waited].map(({ services }) => services.reports.render(request)))
  const [here, there] = await Promise.all(documents.map(({ data }) => data.bytes()))
  expect(there).toEqual(here)
  const nameOf = async (ids: readonly string[]) =>
    (await alone.services.reports.render({ runs: ids.map((id) => runId.parse(id)), format: 'md' })).fileName
  expect([await nameOf(['run-0']), await nameOf(['run-0', 'run-2'])]).toEqual([
    'shoehorn-gestures-onnx-int8.md',
    'shoehorn-gestures.md',
  ])
  const missing = { runs: ['run-0', 'run-1', 'nobody'].map((id) => runId.parse(id)), format: 'pdf' } as const
  await expect(waited.services.reports.render(missing)).rejects.toMatchObject({ info: { code: 'store.notFound' } })
})
