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

/** Ranges by the best of four methods for all values together; the search value by value is left out for time. */
const int8 = { pass: 'quantize-int8', params: { maxTrials: 0 } }

const pruned = (name: string, pass: string, params: object, models?: readonly string[]): Case => ({
  name,
  passes: [{ pass, params }, int8],
  ...(models && { models }),
})

const lenets = ['LeNet-300-100', 'LeNet-5']
/** Where half of the weights cost nothing measurable, more have to go before the methods differ. */
const shares: readonly (readonly [share: number, models?: readonly string[]])[] = [
  [0.5],
  [0.7],
  [0.8, ['KWS', ...lenets]],
  [0.9, lenets],
  [0.95, lenets],
]

export const cases: readonly Case[] = [
  { name: 'int8', passes: [int8] },
  ...shares.flatMap(([sparsity, models]) => {
    const percent = `${100 * sparsity} %`
    return [
      pruned(`magnitude ${percent}`, 'prune-magnitude', { sparsity }, models),
      pruned(`activation ${percent}`, 'prune-activation', { sparsity }, models),
      pruned(`second order ${percent}`, 'prune-obs', { sparsity }, models),
      pruned(`second order by error ${percent}`, 'prune-obs', { sparsity, allocation: 'error' }, models),
    ]
  }),
  ...[2, 1].flatMap((n) =>
    ['magnitude', 'activation', 'second-order'].map((score) =>
      pruned(`${n}:4 ${score}`, 'prune-nm', { n, m: 4, score }, ['ResNet-8', 'MobileNetV2']),
    ),
  ),
  ...['uniform', 'error'].flatMap((allocation) =>
    ['weight', 'activation', 'reconstruction'].map((importance) =>
      pruned(`third of channels, ${allocation}, by ${importance}`, 'prune-channels', { allocation, importance }),
    ),
  ),
  pruned('third of channels, not made up for', 'prune-channels', { importance: 'weight', reconstruct: false }),
  ...[16, 8].flatMap((k) => [
    pruned(`codebook ${k}, k-means alone`, 'share-weights', { k, weighting: 'none', compensate: false }),
    pruned(`codebook ${k}`, 'share-weights', { k }),
  ]),
  pruned('low rank 99 %', 'factorize', { energy: 0.99, kernels: 'all' }),
]
