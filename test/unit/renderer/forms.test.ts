import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PreprocessRecord } from '../../../src-main/contract/data-set.ts'
import { featureStandards } from '../../../src-main/contract/feature-standards.ts'
import { budgetRows, parseBudgets } from '../../../src-renderer/state/budget-form.ts'
import { type PreprocessForm, parsePreprocess, preprocessForm } from '../../../src-renderer/state/preprocess-form.ts'
import { soundForm, standardOf } from '../../../src-renderer/state/sound-form.ts'

describe('budgets', () => {
  test('a Pico shows in readable units', () => {
    const rows = budgetRows({ flashBytes: 2_097_152, ramBytes: 270_336, latencyMs: 0.25, accuracyDrop: 1 })
    expect(rows.map(({ amount, unit }) => `${amount} ${unit}`.trim())).toEqual([
      '2 MiB',
      '264 KiB',
      '250 µs',
      'µJ',
      '1 pp',
    ])
  })

  test('showing and reading again changes no byte', () => {
    const bytes = fc.integer({ min: 0, max: 2 ** 40 })
    fc.assert(
      fc.property(fc.record({ flashBytes: bytes, ramBytes: bytes }), (budgets) => {
        expect(parseBudgets(budgetRows(budgets))).toEqual({ budgets })
      }),
    )
  })

  test.each(['-1', 'many', 'NaN', '1e999'])('%s is refused, and the row is named', (amount) => {
    const rows = budgetRows({}).map((row) => (row.budget === 'ramBytes' ? { ...row, amount } : row))
    expect(parseBudgets(rows)).toEqual({
      problem: { budget: 'ramBytes', text: 'Write a number of 0 or more, or leave it empty.' },
    })
  })

  test('a comma is a decimal point', () => {
    const rows = budgetRows({}).map((row) => (row.budget === 'latencyMs' ? { ...row, amount: '12,5' } : row))
    expect(parseBudgets(rows)).toEqual({ budgets: { latencyMs: 12.5 } })
  })
})

describe('preprocessing', () => {
  const empty = preprocessForm({})
  const read = (change: Partial<PreprocessForm>) => parsePreprocess({ ...empty, ...change })

  test.each([
    [{}, { record: {} }],
    [{ scale: '1/255' }, { record: { scale: 1 / 255 } }],
    [{ mean: '0.5', std: '0.2, 0.3, 0.4' }, { record: { mean: 0.5, std: [0.2, 0.3, 0.4] } }],
    [{ resizeHeight: '32', resizeWidth: '48' }, { record: { resize: [32, 48] } }],
    [{ grey: true, layout: 'nchw' as const }, { record: { grey: true, layout: 'nchw' } }],
    [{ scale: '1/0' }, { problem: 'Scale must be a number or a fraction such as 1/255.' }],
    [{ resizeHeight: '32' }, { problem: 'Resize needs a height and a width, both whole numbers above 0.' }],
    [{ std: '0' }, { problem: 'A standard deviation cannot be 0.' }],
    [
      { mean: '1,,2' },
      { problem: 'Mean and standard deviation are numbers, one for all or one per channel, with commas between.' },
    ],
  ])('%j reads as %j', (change, expected) => {
    expect(read(change)).toEqual(expected)
  })

  test('a record shown in the form reads back unchanged', () => {
    const record = {
      scale: 1 / 255,
      mean: [0.1, 0.2, 0.3],
      std: 0.5,
      layout: 'nhwc',
      resize: [96, 96],
      grey: true,
    } as const
    const form = preprocessForm({ ...record, mean: [...record.mean], resize: [...record.resize] })
    expect(parsePreprocess(form)).toEqual({ record })
  })

  const frame = { windowMs: 30, hopMs: 20 }
  test.each<[string, PreprocessRecord]>([
    ['proportions', { resize: [96, 96], resizeMode: 'crop' }],
    ['a table', { target: 'kind', missing: 'mean', without: ['id'], classes: ['b', 'a'] }],
    ['a division', { split: { seed: 3, test: 0.2, calibration: 0.1 } }],
    ['a recording', { rate: 16_000, length: 16_000 }],
    ['features by name', featureStandards['mlperf-tiny-kws']],
    ['others by name', featureStandards.yamnet],
    ['a spectrogram', { rate: 8000, features: { kind: 'spectrogram', ...frame, log: true, logOffset: 0.01 } }],
    ['mel bands without logarithm', { rate: 8000, features: { kind: 'mel', ...frame, mels: 20, log: false } }],
  ])('%s reads back unchanged', (_name, record) => {
    expect(parsePreprocess(preprocessForm(record), record)).toEqual({ record })
  })

  test('features that are known by a name show it', () => {
    const form = soundForm(featureStandards.yamnet)
    expect([standardOf(form), standardOf({ ...form, mels: '32' })]).toEqual(['yamnet', null])
  })

  test.each([
    [{ windowMs: '' }, 'Features need a window and a hop, both above 0.'],
    [{ mels: '4.5' }, 'Mel bands must be a number above 0, whole where it counts something.'],
    [{ rate: 'fast' }, 'Rate (Hz) must be a number above 0, whole where it counts something.'],
  ])('%j is refused, and the field is named', (change, problem) => {
    const sound = { ...soundForm(featureStandards.yamnet), ...change }
    expect(read({ sound })).toEqual({ problem })
  })
})
