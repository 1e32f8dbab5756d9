// A complete, valid analysis with invented figures, for tests of what shows it. Never shown to a user.
import type { Sensitivity, SensitivityCell } from '../../src-main/contract/analysis.ts'

const methods = ['w8', 'w4', 'prune50'].map((name) => ({
  name,
  title: name.toUpperCase(),
  description: `what ${name} is`,
}))

function cell(method: string, sqnrDb: number, bytes: number): SensitivityCell {
  const figures = { sqnrDb, cosine: 0.99, maxAbs: 1 }
  return {
    ...{ method, weights: figures, layerOutput: figures, output: figures },
    ...{ kl: 0.1, agreement: 0.9, accuracy: 0.8, accuracyDrop: (50 - sqnrDb) / 10 },
    footprint: { bytes, codec: 'rans', mode: 'streamed', cycles: 1200 },
  }
}

const layer = (node: string, at8: number, at4: number, isPruned: boolean) => ({
  ...{ node, op: 'Conv', weights: `${node}.weight`, elements: 1000, macs: 64_000 },
  int8: { bytes: 1000, codec: 'int8', mode: 'direct' as const, cycles: 1000 },
  cells: [cell('w8', at8, 900), cell('w4', at4, 480), ...(isPruned ? [cell('prune50', 20, 600)] : [])],
})

export function sampleSensitivity(): Sensitivity {
  return {
    ...{ schemaVersion: 1, createdAt: '2026-11-22T08:00:00.000Z', seed: 0, cyclesKind: 'estimated', durationMs: 9000 },
    model: { name: 'gestures.onnx', sha256: 'a1'.repeat(32) },
    data: { name: 'gestures.npz', sha256: 'b2'.repeat(32), samples: 256 },
    device: { id: 'pico', name: 'Raspberry Pi Pico', core: 'Cortex-M0+' },
    cost: {
      ...{ coreClass: 'cortex-m0plus', isExact: true, counter: 'cycles', cyclesPerInstruction: 1.38 },
      ...{ medianPercent: 0.8, worstPercent: 3.2, models: 7, profiles: 0 },
    },
    originalAccuracy: 0.93,
    methods,
    layers: [layer('conv1', 45, 30, true), layer('conv2', 40, 12, false), layer('fc', 50, 25, true)],
    notes: [],
  }
}
