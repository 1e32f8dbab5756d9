import { describe, expect, test } from 'vitest'
import type { DataSet } from '../../../src-main/contract/data-set.ts'
import type { Model } from '../../../src-main/contract/model.ts'
import type { Quality } from '../../../src-main/contract/report.ts'
import { calibrationDoubt, guessingDoubt, hasRawIntegers } from '../../../src-renderer/state/data-doubts.ts'
import { createFakeRouter } from '../../support/fake-host/fake-router.ts'
import { sampleRun } from '../../support/sample-run.ts'

const { fake } = createFakeRouter({ stepMs: 0 })
const floatModel = fake.addModel('m.onnx')
const data = (change: Partial<DataSet> = {}, dtype = 'u8'): DataSet => {
  const set = fake.addData('x.npz')
  return { ...set, inputs: set.inputs.map((input) => ({ ...input, dtype })), ...change }
}
const modelOf = (dtype: string): Model => ({ ...floatModel, inputs: [{ name: 'x', dtype, shape: [1] }] })

describe('raw integers', () => {
  test.each([
    ['bytes', data(), floatModel, true],
    ['signed 16 bits, before there is a model', data({}, 'i16'), null, true],
    ['real numbers', data({}, 'f32'), floatModel, false],
    ['half floats', data({}, 'f16'), floatModel, false],
    ['with a scale', data({ preprocess: { scale: 1 / 255 } }), floatModel, false],
    ['with a standard deviation', data({ preprocess: { mean: 128, std: 64 } }), floatModel, false],
    ['with a layout only', data({ preprocess: { layout: 'nchw' } }), floatModel, true],
    ['for a model that takes integers', data({}, 'i8'), modelOf('int8'), false],
    ['in the raw form of the model', data({ format: 'raw' }), floatModel, false],
  ])('%s', (_, set, model, expected) => {
    expect(hasRawIntegers(set, model)).toBe(expected)
  })
})

describe('calibration data', () => {
  const set = data({ preprocess: { scale: 2, layout: 'nchw' } })
  test('of the same shape and preprocessing, however written, is not doubted', () => {
    expect(calibrationDoubt(set, data({ preprocess: { layout: 'nchw', scale: 2 } }))).toBeNull()
  })
  test('preprocessed in another way', () => {
    expect(calibrationDoubt(set, data())).toContain('preprocessed in another way')
  })
  test('of another shape', () => {
    const other = data({ inputs: [{ name: 'x', shape: [1, 28], dtype: 'u8' }] })
    expect(calibrationDoubt(set, other)).toContain('the shape 1 × 28, those of the data 3 × 128')
  })
})

describe('guessing', () => {
  const { original } = sampleRun().quality
  const of = (top1: number, classes: number): Quality => {
    if (original.task !== 'classification') throw new Error('the sample run has classes')
    const row = Array.from({ length: classes }, () => 1)
    return { ...original, top1, confusion: row.map(() => row) }
  }
  test.each([
    ['10 classes, 14.9 %', of(0.149, 10), true],
    ['10 classes, 15 %', of(0.15, 10), false],
    ['2 classes, 74 %', of(0.74, 2), true],
    ['2 classes, 76 %', of(0.76, 2), false],
    ['one class, where there is nothing to guess', of(1, 1), false],
    ['no classes', of(0, 0), false],
    ['no labels', { task: 'unlabelled', n: 4 } as const, false],
    ['regression', { task: 'regression', n: 4, rmse: 1, mae: 1 } as const, false],
  ])('%s', (_, quality, expected) => {
    expect(guessingDoubt(quality) !== null).toBe(expected)
  })
})
