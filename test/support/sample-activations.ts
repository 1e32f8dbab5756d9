// Complete, valid distributions with invented figures, for tests of what shows them. Never shown to a user.
import type { Activation, Activations } from '../../src-main/contract/activations.ts'
import type { RunId } from '../../src-main/contract/ids.ts'

const bins = 64

function distribution(centre: number, spread: number) {
  const counts = Array.from({ length: bins }, (_, i) =>
    Math.round(400 * Math.exp(-(((i - centre * bins) / (bins * spread)) ** 2))),
  )
  const elements = counts.reduce((sum, count) => sum + count, 0)
  return { elements, min: -1.8, max: 2.9, mean: 0.41, std: 0.6, zeros: 0.01, counts }
}

function activation(
  tensor: string,
  node: string | null,
  op: string,
  isPacked: boolean,
  partOf: string | null = null,
): Activation {
  return {
    ...{ tensor, node, op, low: -2, high: 3, before: distribution(0.45, 0.2) },
    after: isPacked
      ? {
          ...distribution(0.45, 0.18),
          ...{ name: tensor, alignedBy: 'name', scale: 0.017, zeroPoint: -10, gridLow: -2, gridHigh: 2.33 },
          ...{ clipped: 0.0042, sqnrDb: 31.4, cosine: 0.9996, maxAbs: 0.31 },
        }
      : null,
    partOf,
  }
}

/** Of the layers of the fake graph. */
export function sampleActivations(run: RunId | null): Activations {
  return {
    ...{ schemaVersion: 1, createdAt: '2026-11-22T08:00:00.000Z', seed: 0, durationMs: 900 },
    model: { name: 'gestures.onnx', sha256: 'a1'.repeat(32) },
    data: { name: 'gestures.npz', sha256: 'b2'.repeat(32), samples: 64 },
    pack: run && { run, sha256: 'c3'.repeat(32), recipe: 'int8' },
    tensors: [
      activation('x_out', null, 'Input', run !== null),
      activation('conv1_out', 'conv1', 'Conv', false, run && 'relu1_out'),
      activation('relu1_out', 'relu1', 'Relu', run !== null),
      activation('fc_out', 'fc', 'Gemm', run !== null),
    ],
  }
}
