import { expect, test } from 'vitest'
import { auc, classification, regression, tensorError } from '../../../src-main/data/metrics.ts'
import { splitIndices } from '../../../src-main/data/split.ts'

test('classification: by class, macro and the confusion of truth and answer', () => {
  // answers 0, 1, 0 (the first of equal ones), 2
  const outputs = [0.9, 0.1, 0, 0.2, 0.5, 0.3, 0.4, 0.4, 0.2, 0, 0, 1]
  const result = classification(outputs, [0, 1, 1, 2], 3)
  expect(result).toEqual({
    n: 4,
    top1: 0.75,
    precision: (0.5 + 1 + 1) / 3,
    recall: (1 + 0.5 + 1) / 3,
    f1: (2 / 3 + 2 / 3 + 1) / 3,
    perClass: [
      { precision: 0.5, recall: 1, f1: 2 / 3, support: 1 },
      { precision: 1, recall: 0.5, f1: 2 / 3, support: 2 },
      { precision: 1, recall: 1, f1: 1, support: 1 },
    ],
    confusion: [
      [1, 0, 0],
      [1, 1, 0],
      [0, 0, 1],
    ],
  })
})

test('a class that nothing has or names does not count in the averages', () => {
  const { recall, perClass } = classification([1, 0, 0, 0, 1, 0], [0, 1], 3)
  expect([recall, perClass[2]]).toEqual([1, { precision: 0, recall: 0, f1: 0, support: 0 }])
})

test('one output is the probability of the second class', () => {
  expect(classification([0.2, 0.7, 0.5], [0, 1, 0], 1).confusion).toEqual([
    [1, 1],
    [0, 1],
  ])
})

test('area under the curve', () => {
  const binary = [0.1, 0.4, 0.35, 0.8]
  const three = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0.5, 0.5, 0]
  expect([
    auc(binary, [0, 0, 1, 1], 1),
    auc([0.5, 0.5], [0, 1], 1),
    auc(binary, [1, 1, 1, 1], 1),
    auc(three, [0, 1, 2, 1], 3),
    auc([0.1, Number.NaN, 0.4], [0, 1, 1], 1),
  ]).toEqual([0.75, 0.5, null, 1, null])
})

test('errors of tensors', () => {
  expect(tensorError([1, 2, 2], [1, 2, 4])).toEqual({
    rmse: Math.sqrt(4 / 3),
    mae: 2 / 3,
    l2r: Math.sqrt(4 / 21),
    cosine: 13 / Math.sqrt(9 * 21),
    sqnrDb: 10 * Math.log10(21 / 4),
    maxAbs: 2,
  })
  expect(tensorError([0, 0], [0, 0])).toEqual({ rmse: 0, mae: 0, l2r: 0, cosine: 1, sqnrDb: Infinity, maxAbs: 0 })
  expect(regression([1, 3], [2, 1])).toEqual({ n: 2, rmse: Math.sqrt(2.5), mae: 1.5 })
})

test('splits: the seed decides, every sample once, classes in equal parts', () => {
  const labels = Int32Array.from({ length: 1000 }, (_, i) => (i < 900 ? 0 : 1))
  const request = { count: 1000, labels, seed: 5, fractions: { train: 0.7, calibration: 0.1, test: 0.2 } }
  const split = splitIndices(request)
  const share = (indices: Uint32Array) => [indices.length, indices.filter((i) => labels[i] === 1).length]
  const all = [...split.train, ...split.calibration, ...split.test].sort((a, b) => a - b)
  expect([share(split.train), share(split.calibration), share(split.test)]).toEqual([
    [700, 70],
    [100, 10],
    [200, 20],
  ])
  expect(all).toEqual([...Array(1000).keys()])
  expect(splitIndices(request)).toEqual(split)
  expect(splitIndices({ ...request, seed: 6 })).not.toEqual(split)
})

test('splits of part of a set without labels', () => {
  const { train, calibration, test } = splitIndices({
    count: 10,
    labels: null,
    seed: 1,
    fractions: { train: 0.5, calibration: 0, test: 0.2 },
  })
  expect([train.length, calibration.length, test.length, new Set([...train, ...test]).size]).toEqual([5, 0, 2, 7])
})

test('small classes are in every part as near to their share as whole samples can be', () => {
  const labels = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
  const fractions = { train: 0.7, calibration: 0.1, test: 0.2 }
  for (const seed of [1, 2, 3]) {
    const parts = splitIndices({ count: 15, labels, seed, fractions })
    const rare = [parts.train, parts.calibration, parts.test].map((part) => part.filter((i) => labels[i] === 0).length)
    expect([rare[0]! + rare[1]!, rare[2]]).toEqual([4, 1])
  }
})
