import { expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import { fitShape } from '../../../src-main/data/fit.ts'
import { applyPreprocess, type Preprocess, preprocessSchema } from '../../../src-main/data/preprocess.ts'
import type { Shape } from '../../../src-main/ir/graph.ts'

const hwc = Float32Array.of(1, 10, 100, 2, 20, 200, 3, 30, 130, 4, 40, 140)

test.each<[string, number[], Float32Array, Preprocess, number[], number[]]>([
  ['nothing', [2, 2, 3], hwc, {}, [2, 2, 3], [...hwc]],
  ['to NCHW', [2, 2, 3], hwc, { layout: 'nchw' }, [3, 2, 2], [1, 2, 3, 4, 10, 20, 30, 40, 100, 200, 130, 140]],
  [
    'to NHWC',
    [3, 2, 2],
    Float32Array.of(1, 2, 3, 4, 10, 20, 30, 40, 100, 200, 130, 140),
    { layout: 'nhwc' },
    [2, 2, 3],
    [...hwc],
  ],
  ['a channel is added', [2, 2], Float32Array.of(1, 2, 3, 4), { layout: 'nchw' }, [1, 2, 2], [1, 2, 3, 4]],
  [
    'scale before mean and std',
    [4],
    Float32Array.of(2, 4, 6, 8),
    { scale: 0.5, mean: 1, std: 2 },
    [4],
    [0, 0.5, 1, 1.5],
  ],
  [
    'by channel, in the order of the source',
    [2, 2, 3],
    hwc,
    { mean: [1, 10, 100], std: [1, 10, 100], layout: 'nchw' },
    [3, 2, 2],
    [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, Math.fround(0.3), Math.fround(0.4)],
  ],
  ['grey', [1, 2, 3], Float32Array.of(100, 100, 100, 200, 0, 0), { grey: true }, [1, 2, 1], [100, Math.fround(59.8)]],
  ['half the size', [2, 4], Float32Array.of(0, 2, 4, 6, 8, 10, 12, 14), { resize: [1, 2] }, [1, 2], [5, 9]],
  ['twice the size', [1, 2], Float32Array.of(0, 4), { resize: [1, 4] }, [1, 4], [0, 1, 3, 4]],
])('%s', (_name, shape, sample, preprocess, outShape, expected) => {
  const { shape: found, data } = applyPreprocess(sample, shape, preprocess)
  expect([found, [...data]]).toEqual([outShape, expected])
})

test.each<[string, number[], Preprocess]>([
  ['a layout for a row of numbers', [4], { layout: 'nchw' }],
  ['two means for three channels', [2, 2, 3], { mean: [1, 2] }],
  ['a standard deviation of 0', [4], { std: 0 }],
])('%s is refused', (_name, shape, preprocess) => {
  expect(() => applyPreprocess(new Float32Array(12), shape, preprocess)).toThrow(AppError)
})

test('the record has no other fields', () => {
  expect(preprocessSchema.safeParse({ scale: 1, scal: 2 }).success).toBe(false)
})

const fitting = (found: number[], expected: Shape) => {
  try {
    return fitShape({ inputs: [{ name: 'x', shape: found, rawShape: found, dtype: 'u8' }] }, expected)
  } catch (error) {
    return error instanceof AppError ? error.message : error
  }
}

test.each<[number[], Shape, unknown]>([
  [
    [28, 28],
    ['N', 1, 28, 28],
    [1, 28, 28],
  ],
  [
    [28, 28, 1],
    [1, 1, 28, 28],
    [1, 28, 28],
  ],
  [[28, 28], ['N', 784], [784]],
  [[490], ['N', 49, 10, 1], [49, 10, 1]],
  [
    [3, 32, 32],
    ['N', 3, 32, 32],
    [3, 32, 32],
  ],
  [
    [3, 64],
    ['N', 3, 'T'],
    [3, 64],
  ],
  [[32, 32, 3], ['N', 3, 32, 32], 'The samples have shape 32 x 32 x 3, the model takes 3 x 32 x 32.'],
  [[10, 49], ['N', 49, 10, 1], 'The samples have shape 10 x 49, the model takes 49 x 10 x 1.'],
  [[28, 28], ['N', 1, 32, 32], 'The samples have shape 28 x 28, the model takes 1 x 32 x 32.'],
])('[%s] for a model that takes [%s]', (found, expected, result) => expect(fitting(found, expected)).toEqual(result))
