// A complete, valid run record with invented figures, for tests of what shows or renders runs. Never shown to a user.
import type { Quality, RunReport } from '../../src-main/contract/report.ts'

const classNames = ['circle', 'shake', 'swipe', 'still']

export function sampleRun(change: Partial<RunReport> = {}): RunReport {
  return { ...base(), ...change }
}

function classification(n: number, correct: number): Quality {
  const perClass = Math.floor(n / classNames.length)
  const wrong = Math.floor((n - correct) / classNames.length)
  const confusion = classNames.map((_, truth) =>
    classNames.map((__, guess) => (truth === guess ? perClass - wrong : guess === (truth + 1) % 4 ? wrong : 0)),
  )
  const top1 = correct / n
  const f1PerClass = classNames.map(() => top1)
  return { task: 'classification', n, top1, precision: top1, recall: top1, f1: top1, f1PerClass, auc: 0.991, confusion }
}

const cross = {
  n: 400,
  agreement: 0.9925,
  rmse: 0.0123,
  mae: 0.0061,
  l2r: 0.021,
  cosine: 0.99978,
  sqnrDb: 33.6,
  maxAbs: 0.11,
}

function base(): RunReport {
  return {
    schemaVersion: 1,
    id: 'run-1',
    createdAt: '2026-11-22T08:00:00.000Z',
    producer: 'shoehorn 0.1.0',
    project: { id: 'project-1', name: 'Gesture band' },
    model: {
      name: 'gestures.onnx',
      sha256: 'a1'.repeat(32),
      format: 'onnx',
      bytes: 96_000,
      parameters: 23_412,
      macs: 1_204_224,
    },
    data: {
      name: 'gestures.npz',
      sha256: 'b2'.repeat(32),
      samples: 400,
      calibration: { name: 'gestures.npz', sha256: 'b2'.repeat(32), samples: 100 },
      preprocess: { layout: 'nchw' },
      classNames,
    },
    recipe: {
      name: 'int8',
      seed: 1,
      passes: [
        { pass: 'fold-batch-norm', params: {} },
        { pass: 'quantize-int8', params: { ranges: 'auto', samples: 100 } },
      ],
    },
    recipeSha256: 'c3'.repeat(32),
    seed: 1,
    steps: [
      { pass: 'fold-batch-norm', durationMs: 12, notes: ['3 folded'], warnings: [] },
      { pass: 'quantize-int8', durationMs: 1840, notes: ['ranges: mse (error 0.0123)'], warnings: [] },
    ],
    device: {
      id: 'pico',
      name: 'Raspberry Pi Pico (emulated)',
      kind: 'emulator',
      core: 'Cortex-M0+',
      clockHz: 125_000_000,
      agentBuild: 'agent-0.1.0-rp2040',
      link: 'rp2040js',
      slot: 'flash',
    },
    pack: { sha256: 'd4'.repeat(32), bytes: 26_500 },
    flash: {
      totalBytes: 58_500,
      packBytes: 26_500,
      weightsBytes: 23_400,
      planBytes: 1_100,
      tablesBytes: 156,
      codecTablesBytes: 100,
      requantBytes: 1_500,
      metaBytes: 244,
      codeBytes: 32_000,
      code: { kernelsBytes: 18_000, decodersBytes: 3_000, protocolBytes: 9_000, boardBytes: 2_000 },
      availableBytes: 2_097_152,
    },
    ram: {
      totalBytes: 14_640,
      arenaBytes: 9_216,
      arenaHighBytes: 9_100,
      stackBytes: 1_024,
      staticBytes: 4_000,
      inputBytes: 400,
      packBytes: 0,
      availableBytes: 270_336,
    },
    latency: {
      kind: 'simulated',
      counter: 'cycles',
      clockHz: 125_000_000,
      cyclesPerInstruction: null,
      unitUs: 1,
      min: 61_200,
      median: 61_240,
      mean: 61_244.5,
      max: 61_400,
      std: 38.2,
      n: 20,
      cyclesMedian: 7_655_000,
      warmup: 3,
    },
    operators: [
      { name: 'conv1', op: 'Conv', kernel: 'conv2d_s8', macs: 384_000, cycles: 2_400_000 },
      { name: 'conv2', op: 'Conv', kernel: 'conv2d_s8', macs: 768_000, cycles: 4_700_000 },
      { name: 'pool', op: 'GlobalAveragePool', kernel: 'avg_pool_s8', macs: 0, cycles: 120_000 },
      { name: 'fc', op: 'Gemm', kernel: 'fully_connected_s8', macs: 52_224, cycles: 410_000 },
      { name: 'softmax', op: 'Softmax', kernel: 'softmax_s8', macs: 0, cycles: 25_000 },
    ],
    quality: {
      device: classification(80, 76),
      original: classification(400, 388),
      cross: { ...cross, n: 80 },
      twin: classification(400, 384),
      twinCross: cross,
      originalOnDeviceSamples: classification(80, 80),
    },
    bitExact: { samples: 80, equal: 80, firstDifference: null },
    encodingGoal: 'smallest',
    encoding: [
      {
        tensor: 'conv1.weight',
        elements: 384,
        codec: 'int8',
        mode: 'direct',
        bytes: 384,
        int8Bytes: 384,
        entropyBits: 7.6,
        reason: 'int8, direct: no codec stores these weights in fewer bytes.',
      },
      {
        tensor: 'conv2.weight',
        elements: 24_576,
        codec: 'rans',
        mode: 'streamed',
        bytes: 16_957,
        int8Bytes: 24_576,
        entropyBits: 5.4,
        reason: 'rans, streamed: 31 % smaller than int8, +4.0 % time (estimated); the fewest bytes of all codecs.',
      },
    ],
    baseline: {
      title: 'gestures.tflite with another runtime',
      modelBytes: 31_000,
      runtimeBytes: 46_000,
      totalBytes: 77_000,
      arenaBytes: 12_000,
      source: 'invented for tests',
    },
    compression: { originalBytes: 96_000, packedBytes: 26_500, ratio: 3.6226 },
    budgets: [
      { budget: 'flashBytes', limit: 2_097_152, value: 58_500, met: true },
      { budget: 'ramBytes', limit: 270_336, value: 14_640, met: true },
      { budget: 'latencyMs', limit: 50, value: 61.24, met: false },
      { budget: 'accuracyDrop', limit: 2, value: 1, met: true },
    ],
    memoryMap: [
      { operator: 'conv1', liveBytes: 6_528, tensors: [tensor('input', 0, 384), tensor('relu1', 384, 6_144)] },
      { operator: 'conv2', liveBytes: 9_216, tensors: [tensor('relu1', 384, 6_144), tensor('relu2', 6_528, 2_688)] },
      { operator: 'pool', liveBytes: 2_720, tensors: [tensor('relu2', 6_528, 2_688), tensor('pooled', 0, 32)] },
      { operator: 'fc', liveBytes: 36, tensors: [tensor('pooled', 0, 32), tensor('logits', 32, 4)] },
      { operator: 'softmax', liveBytes: 8, tensors: [tensor('logits', 32, 4), tensor('output', 36, 4)] },
    ],
    warnings: ['The accuracy on the device is over 80 of 400 samples.'],
    durationMs: 48_210,
  }
}

function tensor(name: string, offset: number, bytes: number) {
  return { name, offset, bytes }
}
