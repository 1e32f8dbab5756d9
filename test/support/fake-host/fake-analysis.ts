// An invented analysis: one device on which the model fits, one on which it does not, and a layer that no device runs.
import type { Analysis } from '../../../src-main/contract/model.ts'

export function fakeAnalysis(model: Analysis['model']): Analysis {
  return {
    model,
    producer: 'pytorch 2.4',
    opset: 17,
    layers: [
      layer(
        'features/block_1/expand/BatchNormalization_fused',
        'DepthwiseConv',
        [1, 116, 1064],
        384,
        384_000,
        [-0.81, 0.77],
        null,
      ),
      layer('relu1', 'Relu', [1, 16, 64], 0, 0, null, null),
      layer('conv2', 'Conv', [1, 32, 32], 6_144, 768_000, [-0.52, 0.61], null),
      layer('erf1', 'Erf', [1, 32, 32], 0, 32_768, null, 'Erf has no integer kernel. Replace it by Tanh.'),
      layer('fc', 'Gemm', [1, 4], 132, 52_224, [-0.33, 0.29], null),
    ],
    operators: { Conv: 2, Relu: 1, Erf: 1, Gemm: 1 },
    weights: [
      weights('conv1.weight', 'conv1', [16, 3, 8], 6.9, { int8: 384, int4: null, rans: 371 }),
      weights('conv2.weight', 'conv2', [32, 24, 8], 5.2, { int8: 6_144, int4: null, rans: 4_130 }),
    ],
    devices: [
      {
        device: 'pico',
        name: 'Raspberry Pi Pico',
        fits: true,
        flashBytes: 58_500,
        ramBytes: 14_640,
        latencyMs: 61,
        latencyKind: 'estimated',
        cost: {
          coreClass: 'cortex-m0plus',
          isExact: true,
          counter: 'cycles' as const,
          cyclesPerInstruction: 1.4,
          medianPercent: 0.8,
          worstPercent: 3.2,
          models: 6,
          profiles: 0,
        },
        flash: { packBytes: 8_500, codeBytes: 50_000, codeKind: 'exact', availableBytes: 836_432 },
        ram: {
          ...{ arenaBytes: 5_000, inputBytes: 1_000, stackBytes: 940, staticBytes: 7_700, agentKind: 'simulated' },
          ...{ packBytes: 0, availableBytes: 270_336 },
        },
        problem: null,
      },
      {
        device: 'microbit',
        name: 'micro:bit',
        fits: false,
        flashBytes: 58_500,
        ramBytes: 14_640,
        latencyMs: null,
        latencyKind: 'estimated',
        cost: {
          coreClass: 'cortex-m0',
          isExact: true,
          counter: 'cycles' as const,
          cyclesPerInstruction: 1.4,
          medianPercent: 1.5,
          worstPercent: 1.5,
          models: 1,
          profiles: 0,
        },
        flash: { packBytes: 8_500, codeBytes: 50_000, codeKind: 'exact', availableBytes: 262_144 },
        ram: {
          ...{ arenaBytes: 11_000, inputBytes: 1_000, stackBytes: 940, staticBytes: 1_700, agentKind: 'simulated' },
          ...{ packBytes: 0, availableBytes: 16_384 },
        },
        problem: 'RAM needs 14640 bytes, 12288 are available, 2352 too many.',
      },
    ],
    warnings: ['The model has no producer version.'],
  }
}

function weights(
  tensor: string,
  node: string,
  shape: number[],
  entropyBits: number,
  sizes: Readonly<Record<string, number | null>>,
) {
  const elements = shape.reduce((a, b) => a * b, 1)
  const codecs = Object.entries(sizes).map(([codec, bytes]) => ({ codec, bytes }))
  return {
    tensor,
    node,
    op: 'Conv',
    shape,
    elements,
    entropyBits,
    sparsity: 0.031,
    distinct: 201,
    best: 'rans',
    codecs,
  }
}

function layer(
  node: string,
  op: string,
  outputShape: number[],
  parameters: number,
  macs: number,
  range: [number, number] | null,
  refusal: string | null,
) {
  return { node, op, outputShape, parameters, weightBytes: parameters * 4, macs, range, refusal }
}
