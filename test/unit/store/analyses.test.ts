import { expect, test } from 'vitest'
import type { Sensitivity } from '../../../src-main/contract/analysis.ts'
import { runId } from '../../../src-main/contract/ids.ts'
import { summaryOf } from '../../../src-main/services/run/report.ts'
import type { DeviceProfileRecord } from '../../../src-main/store/analyses.ts'
import { openStore } from '../../../src-main/store/store.ts'
import { sampleRun } from '../../support/sample-run.ts'
import { temporaryFolder } from '../../support/workspace.ts'

const profile = (device: string, packSha256: string): DeviceProfileRecord => ({
  ...{ device, packSha256, kind: 'simulated', modelSha256: 'm', isPlain: true },
  operators: [{ node: 'conv', kernel: 'conv2d', features: { once: 1, outputs: 9 }, cycles: 123 }],
})

const result = (createdAt: string, device = 'pico'): Sensitivity => ({
  ...{ schemaVersion: 1, createdAt, seed: 0, cyclesKind: 'estimated', originalAccuracy: null, durationMs: 1 },
  ...{ methods: [], layers: [], notes: [] },
  model: { name: 'm.onnx', sha256: 'm' },
  data: { name: 'd.npz', sha256: 'd', samples: 8 },
  device: { id: device, name: device, core: 'Cortex-M0+' },
  cost: {
    coreClass: 'cortex-m0plus',
    isExact: true,
    counter: 'cycles' as const,
    cyclesPerInstruction: 1.4,
    medianPercent: 1,
    worstPercent: 2,
    models: 3,
    profiles: 0,
  },
})

test('profiles come back by device, newest first, and go with their run', () => {
  using folder = temporaryFolder()
  const store = openStore(folder.path)
  for (const [i, device] of ['pico', 'pico', 'other'].entries()) {
    const report = sampleRun({ id: `r${i}`, project: null })
    store.runs.add({ report, summary: summaryOf(report), packTree: 't', predictions: null })
    store.profiles.add(runId.parse(report.id), profile(device, `p${i}`), `2026-01-0${i + 1}`)
  }
  expect(store.profiles.ofDevice('pico').map(({ packSha256 }) => packSha256)).toEqual(['p1', 'p0'])
  expect(store.profiles.ofDevice('pico')[0]).toEqual(profile('pico', 'p1'))
  store.runs.remove(runId.parse('r1'))
  expect(store.profiles.ofDevice('pico').map(({ packSha256 }) => packSha256)).toEqual(['p0'])
  store.close()
})

test('an analysis is found by its key, and the newest of a model by data and device', () => {
  using folder = temporaryFolder()
  const store = openStore(folder.path)
  store.sensitivities.add({ key: 'a', dataSetId: 'd1', result: result('2026-01-01') })
  store.sensitivities.add({ key: 'b', dataSetId: 'd2', result: result('2026-01-02') })
  store.sensitivities.add({ key: 'c', dataSetId: 'd2', result: result('2026-01-03', 'twin') })
  const newest = (data: string | null, device: string | null) =>
    store.sensitivities.newest('m', data, device)?.createdAt ?? null
  expect(store.sensitivities.get('a')).toEqual(result('2026-01-01'))
  expect([newest(null, null), newest('d1', null), newest(null, 'pico'), newest('d1', 'twin')]).toEqual([
    ...['2026-01-03', '2026-01-01', '2026-01-02', null],
  ])
  store.close()
})
