// What test/bench/pruning.ts measures: networks with their data, and recipes after folding.
import type { PreprocessRecord } from '../../src-main/contract/data-set.ts'

export interface PruningNetwork {
  readonly name: string
  readonly model: string
  readonly data: string
  /** Samples to calibrate with; null: a part of `data`, which is then not measured on. */
  readonly calibration: string | null
  readonly preprocess: PreprocessRecord
}

const pixels: PreprocessRecord = { scale: 1 / 255, layout: 'nchw' }
const cifar = { data: 'cifar10/test-even.npz', calibration: 'cifar10/train.npz', preprocess: pixels }
const mnist = { data: 'mnist', calibration: 'mnist', preprocess: pixels }

export const networks: readonly PruningNetwork[] = [
  { name: 'KWS', model: 'kws_ref_model_float32.tflite', data: 'kws/kws.npz', calibration: null, preprocess: {} },
  { name: 'LeNet-300-100', model: 'lenet-300-100.onnx', ...mnist },
  { name: 'LeNet-5', model: 'lenet-5.onnx', ...mnist },
  { name: 'ResNet-8', model: 'resnet8-cifar10.onnx', ...cifar },
  { name: 'MobileNetV2', model: 'mobilenetv2-cifar10.onnx', ...cifar },
]

export interface Case {
  readonly name: string
  readonly passes: readonly unknown[]
  /** Names of the networks it is for; all without. */
  readonly models?: readonly string[]
}

const int8 = 'quantize-int8'
const shares = [0.5, 0.6, 0.7, 0.8, 0.9]

export const cases: readonly Case[] = [
  { name: 'int8', passes: [int8] },
  ...shares.flatMap((sparsity) => {
    const percent = `${100 * sparsity} %`
    return [
      { name: `magnitude ${percent}`, passes: [{ pass: 'prune-magnitude', params: { sparsity } }, int8] },
      { name: `activation ${percent}`, passes: [{ pass: 'prune-activation', params: { sparsity } }, int8] },
      { name: `second order ${percent}`, passes: [{ pass: 'prune-obs', params: { sparsity } }, int8] },
      {
        name: `second order, by error ${percent}`,
        passes: [{ pass: 'prune-obs', params: { sparsity, allocation: 'error' } }, int8],
      },
    ]
  }),
  ...(['magnitude', 'activation', 'second-order'] as const).flatMap((score) =>
    [2, 1].map((n) => ({ name: `${n}:4 ${score}`, passes: [{ pass: 'prune-nm', params: { n, m: 4, score } }, int8] })),
  ),
  ...[16, 8].flatMap((k) => [
    {
      name: `codebook ${k}, plain`,
      passes: [{ pass: 'share-weights', params: { k, weighting: 'none', compensate: false } }, int8],
    },
    { name: `codebook ${k}`, passes: [{ pass: 'share-weights', params: { k } }, int8] },
  ]),
  ...(['uniform', 'error'] as const).flatMap((allocation) =>
    (['weight', 'activation', 'reconstruction'] as const).map((importance) => ({
      name: `third of the channels, ${allocation}, ${importance}`,
      passes: [{ pass: 'prune-channels', params: { allocation, importance } }, int8],
    })),
  ),
  {
    name: 'third of the channels, not made up for',
    passes: [{ pass: 'prune-channels', params: { importance: 'weight', reconstruct: false } }, int8],
  },
]
