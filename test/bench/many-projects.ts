// A workspace of someone who has used it for a year: projects with a model, data and runs, put through services and store.
import { join } from 'node:path'
import { createApp } from '../../src-main/app.ts'
import { type Random, seededRandom } from '../../src-main/base/random.ts'
import { dataSetId, deviceId, modelId, runId } from '../../src-main/contract/ids.ts'
import type { RunSummary } from '../../src-main/contract/run.ts'
import { summaryOf } from '../../src-main/services/run/report.ts'
import { openStore } from '../../src-main/store/store.ts'
import { repository } from '../support/cli.ts'
import { sampleRun } from '../support/sample-run.ts'

const sample = (name: string) => join(repository, 'resources/samples', name)
const devices = ['twin', 'pico', 'qemu:microbit']

/** Figures that scatter over the plot and the filters. */
function scattered(summary: RunSummary, random: Random): RunSummary {
  const accuracy = 1 - 0.5 * random.next() ** 2
  const recipe = ['float', 'int8', 'w4a8', 'ternary', 'pruned'][random.below(5)]!
  return {
    ...summary,
    recipeName: `${recipe}-${random.below(20)}`,
    flashBytes: Math.round(20_000 * (1 + 8 * accuracy * random.next())),
    ramBytes: 4000 + random.below(30_000),
    latencyMs: 1 + 60 * random.next(),
    accuracy,
    withinBudgets: random.next() < 0.4,
    bitExact: random.next() < 0.97,
  }
}

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
  const random = seededRandom(1)
  try {
    store.transaction(() => {
      for (const project of made)
        for (let n = 0; n < runsEach; n++) {
          const id = runId.parse(`${project.id.slice(0, 24)}${String(n).padStart(12, '0')}`)
          const createdAt = new Date(Date.UTC(2026, 0, 1, n)).toISOString()
          const report = sampleRun({ id, createdAt, project: { id: project.id, name: project.name } })
          const summary = scattered(summaryOf(report), random)
          store.runs.add({ report, summary, packTree: 'none', predictions: null })
          if (random.next() < 0.2) store.runs.annotate(id, [`batch ${random.below(12)}`], '')
        }
    })
  } finally {
    store.close()
  }
}
