import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { budgetRows, parseBudgets } from '../../../src-renderer/state/budget-form.ts'
import { type PreprocessForm, parsePreprocess, preprocessForm } from '../../../src-renderer/state/preprocess-form.ts'

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
})
