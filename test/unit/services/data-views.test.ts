// Why samples do not fit a model and what makes them, and the split that a run would make.
import { describe, expect, test } from 'vitest'
import type { Model } from '../../../src-main/contract/model.ts'
import { type Dataset, dataset } from '../../../src-main/data/dataset.ts'
import { fitShape } from '../../../src-main/data/fit.ts'
import { thinned } from '../../../src-main/data/thin.ts'
import { fitProblems } from '../../../src-main/services/data-fit.ts'
import { splitsOf } from '../../../src-main/services/data-views.ts'
import { preparedShape } from '../../../src-main/services/prepared-shape.ts'
import { sampleRun } from '../../support/sample-run.ts'

function samples(
  shape: readonly number[],
  change: { dtype?: 'u8' | 'f32'; labels?: Int32Array | null; value?: number } = {},
) {
  const { dtype = 'f32', labels = Int32Array.of(0, 1), value = 1 } = change
  const size = shape.reduce((a, b) => a * b, 2)
  const data = dtype === 'u8' ? new Uint8Array(size).fill(value) : new Float32Array(size).fill(value)
  const input = { name: 'x', shape, dtype, pieces: [data] }
  const none = { train: null, calibration: null, test: null }
  const raw = {
    format: 'npz' as const,
    inputs: [input],
    labels,
    targets: null,
    targetSize: 0,
    classNames: null,
    splits: none,
  }
  return dataset('x.npz', 'a1', raw, {})
}

function takes(shape: (number | string)[], classes = 2): Model {
  const { model } = sampleRun()
  return {
    ...{ ...model, format: 'onnx', id: 'm' as Model['id'], quantized: false, addedAt: '' },
    inputs: [{ name: 'x', dtype: 'f32', shape }],
    outputs: [{ name: 'y', dtype: 'f32', shape: ['N', classes] }],
  }
}

describe('fit', () => {
  test.each([
    { name: 'the same shape', data: [3, 128], model: ['N', 3, 128], kinds: [], steps: undefined },
    { name: 'a batch of one dimension more', data: [28, 28], model: ['N', 1, 28, 28], kinds: [], steps: undefined },
    {
      name: 'channels at the other end',
      data: [32, 32, 3],
      model: ['N', 3, 32, 32],
      kinds: ['layout'],
      steps: [['layout']],
    },
    { name: 'another size', data: [16, 16, 3], model: ['N', 32, 32, 3], kinds: ['size'], steps: [['resize']] },
    { name: 'colour for grey', data: [28, 28, 3], model: ['N', 28, 28, 1], kinds: ['channels'], steps: [['grey']] },
    {
      name: 'size and channels',
      data: [16, 16, 3],
      model: ['N', 1, 28, 28],
      kinds: ['size'],
      steps: [['resize', 'grey']],
    },
    { name: 'nothing helps', data: [49, 10], model: ['N', 64], kinds: ['shape'], steps: [[]] },
  ])('$name', ({ data, model, kinds, steps }) => {
    const problems = fitProblems(takes(model), samples(data), {})
    expect(problems.map(({ kind }) => kind)).toEqual(kinds)
    expect(problems.map(({ fixes }) => fixes[0]?.steps ?? [])).toEqual(steps ?? [])
  })

  test.each([
    { data: [16, 16, 3], model: ['N', 3, 32, 32] },
    { data: [3, 24, 24], model: ['N', 32, 32, 1] },
  ])('every fix makes samples that a run takes: $data for $model', ({ data, model }) => {
    const { fixes } = fitProblems(takes(model), samples(data), {})[0]!
    expect(fixes.length).toBeGreaterThan(0)
    for (const { preprocess } of fixes) {
      const shape = preparedShape(data, preprocess)!
      const input = { name: 'x', shape, rawShape: data, dtype: 'f32' as const }
      expect(() => fitShape({ inputs: [input] }, model)).not.toThrow()
    }
  })

  test('bytes for real numbers, no labels, too many classes, and what is no number', () => {
    const kinds = (set: Dataset, classes = 2) => fitProblems(takes(['N', 4], classes), set, {}).map(({ kind }) => kind)
    expect(kinds(samples([4], { dtype: 'u8' }))).toEqual(['integers'])
    expect(kinds(samples([4], { labels: null }))).toEqual(['noLabels'])
    expect(kinds(samples([4], { labels: Int32Array.of(0, 5) }))).toEqual(['classes'])
    expect(kinds(samples([4], { labels: Int32Array.of(0, 1) }), 1)).toEqual([])
    expect(kinds(samples([4], { value: Number.NaN }))).toEqual(['notFinite'])
    const [bytes] = fitProblems(takes(['N', 4]), samples([4], { dtype: 'u8' }), {})
    expect([bytes!.fatal, bytes!.fixes[0]!.preprocess]).toEqual([false, { scale: 1 / 255 }])
  })
})

describe('recordings', () => {
  const sound = (length: number) => ({ ...samples([length]), format: 'audio' as const })
  const fixes = (length: number, model: (number | string)[], preprocess = {}) =>
    fitProblems(takes(model), sound(length), { rate: 16_000, length, ...preprocess })

  test.each([
    { name: 'MFCC of a second', length: 16_000, model: ['N', 49, 10, 1], kinds: ['mfcc', 'mfcc'] },
    { name: 'mel bands as YAMNet has them', length: 15_600, model: ['N', 96, 64], kinds: ['mel', 'mel'] },
    { name: 'a whole spectrum', length: 16_000, model: ['N', 1, 98, 257], kinds: ['spectrogram'] },
    { name: 'a number of frames that no usual hop gives', length: 16_000, model: ['N', 1, 5, 10], kinds: [] },
  ])('$name', ({ length, model, kinds }) => {
    const [problem] = fixes(length, model)
    expect([problem!.kind, problem!.fatal]).toEqual(['sound', true])
    expect(problem!.fixes.map(({ preprocess }) => preprocess.features?.kind)).toEqual(kinds)
    for (const { preprocess } of problem!.fixes) {
      const shape = preparedShape([preprocess.length ?? length], preprocess)!
      const input = { name: 'x', shape, rawShape: [length], dtype: 'f32' as const }
      expect(() => fitShape({ inputs: [input] }, model)).not.toThrow()
    }
  })

  test('a model of the wave itself takes another length', () => {
    const [problem] = fixes(8000, ['N', 16_000])
    expect(problem!.fixes).toEqual([{ steps: ['length'], preprocess: { rate: 16_000, length: 16_000 } }])
    expect(fixes(16_000, ['N', 16_000, 1])).toEqual([])
  })
})

describe('labels of a table', () => {
  const table = (labels: Int32Array | null, targets: Float32Array | null = null) => ({
    ...{ ...samples([2]), labels, targets },
    columns: { features: ['a', 'b'], target: labels || targets ? 'c' : null },
  })

  test('none: any column may be them', () => {
    const [problem] = fitProblems(takes(['N', 2]), table(null), {})
    expect(problem!.fixes.map(({ preprocess }) => preprocess.target)).toEqual(['a', 'b'])
  })

  test('numbers of a quantity for a model of classes', () => {
    const kinds = (classes: number) => fitProblems(takes(['N', 2], classes), table(null, Float32Array.of(1.5, 2)), {})
    expect([kinds(3).map(({ kind }) => kind), kinds(1)]).toEqual([['regression'], []])
  })
})

test('fewer classes by name than the model has outputs: their order is asked for', () => {
  const named = { ...samples([4]), classNames: ['no', 'yes'] }
  const kinds = (classes: string[] | undefined) =>
    fitProblems(takes(['N', 4], 12), named, classes ? { classes } : {}).map(({ kind }) => kind)
  expect([kinds(undefined), kinds(['yes', 'no'])]).toEqual([['fewerClasses'], []])
})

describe('thinned for a picture', () => {
  test('what is small enough stays', () => {
    expect(thinned([2, 2], [1, 2, 3, 4], 4)).toEqual({ shape: [2, 2], values: [1, 2, 3, 4] })
  })
  test('a line keeps its least and its largest', () => {
    const wave = Array.from({ length: 1000 }, (_, i) => (i === 700 ? 9 : i === 300 ? -9 : 0))
    const { shape, values } = thinned([1000], wave, 20)
    expect([shape, Math.max(...values), Math.min(...values)]).toEqual([[20], 9, -9])
  })
  test('a recording of one channel is a line, wherever the channel stands', () => {
    const wave = Array.from({ length: 1000 }, (_, i) => (i === 900 ? 9 : 0))
    for (const shape of [
      [1000, 1],
      [1, 1000, 1],
    ])
      expect([thinned(shape, wave, 20).shape, Math.max(...thinned(shape, wave, 20).values)]).toEqual([[20], 9])
  })
  test.each([
    [[600, 6], (moment: number, channel: number) => moment * 6 + channel, [20, 6]],
    [[6, 600], (moment: number, channel: number) => channel * 600 + moment, [6, 20]],
    [[20, 30, 6], (moment: number, channel: number) => moment * 6 + channel, [20, 6]],
  ])('a few channels of %j keep the least and the largest of each', (shape, at, expected) => {
    const data = new Array<number>(3600).fill(0)
    data[at(599, 4)] = 9
    data[at(599, 5)] = -9
    const found = thinned(shape, data, 120)
    const [moments] = [Math.max(...found.shape)]
    const of = (channel: number) =>
      Array.from({ length: moments }, (_, i) => found.values[shape[0] === 6 ? channel * moments + i : i * 6 + channel]!)
    expect([found.shape, found.values.length]).toEqual([expected, 120])
    expect([3, 4, 5].map((c) => [Math.min(...of(c)), Math.max(...of(c))])).toEqual([
      [0, 0],
      [0, 9],
      [-9, 0],
    ])
  })
  test.each([
    [[100, 60, 3], [20, 12, 3], 0],
    [[3, 100, 60], [20, 12, 3], 0],
  ])('a picture of %j has rows and columns fewer, channels last', (shape, expected, first) => {
    const found = thinned(
      shape,
      Array.from({ length: 18_000 }, (_, i) => i),
      720,
    )
    expect([found.shape, found.values.length, found.values[0]]).toEqual([expected, 720, first])
    // The pixel to the right of the first is five further on, in the same channel.
    expect(found.values[3]).toBe(shape[0] === 3 ? 5 : 15)
  })
})

describe('splits', () => {
  const whole = (count: number) => ({
    ...samples([4]),
    count,
    labels: Int32Array.from({ length: count }, (_, i) => i % 4),
  })

  test('without splits of its own a part calibrates and all is measured', () => {
    const { calibration, test: tested, shared, own, train } = splitsOf(whole(400), 1, {})
    expect([own, train, calibration.samples, tested.samples, shared]).toEqual([false, null, 100, 400, 100])
    expect(tested.classCounts).toEqual([100, 100, 100, 100])
    expect(calibration.classCounts!.reduce((a, b) => a + b)).toBe(100)
  })

  test('the seed decides which', () => {
    const counts = (seed: number) => splitsOf(whole(400), seed, {}).calibration.classCounts
    expect(counts(1)).toEqual(counts(1))
    expect([2, 3, 4].some((seed) => counts(seed)!.join() !== counts(1)!.join())).toBe(true)
  })

  test('splits of the files are kept', () => {
    const indices = (from: number, count: number) => Uint32Array.from({ length: count }, (_, i) => from + i)
    const set = { ...whole(400), splits: { train: indices(0, 300), calibration: null, test: indices(300, 100) } }
    const found = splitsOf(set, 1, {})
    expect([found.own, found.train!.samples, found.test.samples, found.shared]).toEqual([true, 300, 100, 0])
  })
})
