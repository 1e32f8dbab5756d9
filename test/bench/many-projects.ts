// A workspace of someone who has used it for a year: projects with a model, data and runs, put through services and store.
import { join } from 'node:path'
import { createApp } from '../../src-main/app.ts'
import { dataSetId, deviceId, modelId, runId } from '../../src-main/contract/ids.ts'
import { summaryOf } from '../../src-main/services/run/report.ts'
import { openStore } from '../../src-main/store/store.ts'
import { repository } from '../support/cli.ts'
import { sampleRun } from '../support/sample-run.ts'

const sample = (name: string) => join(repository, 'resources/samples', name)
const devices = ['twin', 'pico', 'qemu:microbit']

export async function fillWorkspace(workspace: string, projects: number, runsEach: number) {
  const workerUrl = new URL('../../src-main/hosts/worker/main.ts', import.meta.url)
  await using app = await createApp({ workspace, host: 'cli', workerUrl, version: '0.0.0' })
  const model = await app.services.models.add({ kind: 'path', path: sample('gestures.onnx') })
  const data = await app.services.data.add({ kind: 'path', path: sample('gestures-test.npz') })
  const made = Array.from({ length: projects }, (_, n) => {
    const project = app.services.projects.create(`Project ${n + 1}`, deviceId.parse(devices[n % devices.length]))
    app.services.projects.update({
      id: project.id,
      modelId: modelId.parse(model.id),
      dataSetId: dataSetId.parse(data.id),
    })
    return project
  })
  const store = openStore(workspace)
  try {
    store.transaction(() => {
      for (const project of made)
        for (let n = 0; n < runsEach; n++) {
          const id = runId.parse(`${project.id.slice(0, 24)}${String(n).padStart(12, '0')}`)
          const createdAt = new Date(Date.UTC(2026, 0, 1 + n)).toISOString()
          const report = sampleRun({ id, createdAt, project: { id: project.id, name: project.name } })
          store.runs.add({ report, summary: summaryOf(report), packTree: 'none', predictions: null })
        }
    })
  } finally {
    store.close()
  }
}
