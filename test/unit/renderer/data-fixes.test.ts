// What is offered for data that were refused.
import { expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import type { PreprocessRecord } from '../../../src-main/contract/data-set.ts'
import { dataFixes } from '../../../src-renderer/state/data-fixes.ts'

const fixes = (error: AppError, tried: PreprocessRecord = {}) =>
  dataFixes({ code: error.code, message: error.message, next: error.next, data: error.data }, tried)

test.each<[AppError, PreprocessRecord, PreprocessRecord[]]>([
  [new AppError('data.unreadable', { path: 'a.png', count: 2 }), { grey: true }, [{ grey: true, unreadable: 'skip' }]],
  [new AppError('data.missing', { path: 'd.csv' }), {}, [{ missing: 'mean' }, { missing: 'drop' }]],
  [new AppError('data.unlabelled', { path: 'd.csv' }), {}, [{ missing: 'drop' }]],
  [new AppError('data.tooLarge', { path: 'a.wav', rate: 8000 }), {}, [{ length: 8000 }, { length: 80_000 }]],
  [new AppError('data.tooLarge', { path: 'a.png' }), {}, []],
  [
    new AppError('data.text', { path: 'd.csv', column: 'name', columns: ['name', 'kind'] }),
    { target: 'kind', without: ['id'] },
    [
      { target: 'kind', without: ['id', 'name'] },
      { target: 'name', without: ['id'] },
    ],
  ],
  [new AppError('data.empty', { path: 'd.csv' }), {}, []],
])('%s', (error, tried, expected) => {
  expect(fixes(error, tried).map(({ preprocess }) => preprocess)).toEqual(expected)
})

test('labels say how many', () => {
  const label = (count: number) => fixes(new AppError('data.unreadable', { count }))[0]!.label
  expect([label(1), label(3)]).toEqual(['Add without this file', 'Add without these 3 files'])
})
