// CSV files as people have them.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { textOf } from '../../../src-main/base/note.ts'
import { openDataset } from '../../../src-main/data/open.ts'
import type { Preprocess } from '../../../src-main/data/preprocess.ts'
import { folderWith } from './files.ts'

const open = (text: string, preprocess: Preprocess = {}) =>
  openDataset(join(folderWith({ 'd.csv': text }), 'd.csv'), { preprocess })

const shown = async (text: string, preprocess: Preprocess = {}) => {
  const set = await open(text, preprocess)
  return {
    columns: set.columns,
    values: [...set.read([...Array(set.count).keys()]).x!],
    labels: set.labels && [...set.labels],
    names: set.classNames,
  }
}

const failure = async (text: string, preprocess: Preprocess = {}) => {
  const { code, data } = await open(text, preprocess).catch((error) => error)
  return { code, ...data, path: undefined, cause: undefined }
}

describe('the label column', () => {
  test.each([
    ['called target', 'a,target\n1,0\n2,1\n', 'target'],
    ['called label, in capitals', 'a,Label\n1,0\n2,1\n', 'Label'],
    ['the only one with text', 'a,b,species\n1,2,x\n3,4,y\n', 'species'],
  ])('%s', async (_name, text, target) => {
    expect((await open(text)).columns?.target).toBe(target)
  })

  test('chosen', async () => {
    expect(await shown('a,label,kind\n1,0,5\n2,1,6\n', { target: 'kind' })).toEqual({
      ...{ columns: { features: ['a', 'label'], target: 'kind' }, values: [1, 0, 2, 1], labels: [5, 6], names: null },
    })
  })

  test('none, and one that is not there', async () => {
    const text = 'a,b\n1,2\n3,4\n'
    expect([(await open(text)).labels, (await open(text)).columns]).toEqual([
      null,
      { features: ['a', 'b'], target: null },
    ])
    expect(await failure(text, { target: 'c' })).toMatchObject({ code: 'data.column', column: 'c', columns: 'a, b' })
  })

  test("classes in the model's order", async () => {
    const text = 'a,label\n1,no\n2,yes\n3,no\n'
    const classes = ['silence', 'yes', 'no']
    expect(await shown(text, { classes })).toMatchObject({ labels: [2, 1, 2], names: classes })
    expect(await failure(text, { classes: ['yes'] })).toMatchObject({ code: 'data.labels' })
  })
})

test('a file without a header keeps its first line', async () => {
  const set = await open('1,2,0\n3,4,1\n', { target: 'column 3' })
  expect([set.count, set.columns, [...set.labels!]]).toEqual([
    2,
    { features: ['column 1', 'column 2'], target: 'column 3' },
    [0, 1],
  ])
})

test('semicolons and tabs', async () => {
  const of = async (sign: string) => shown(`${['a', 'b', 'label'].join(sign)}\n1${sign}2${sign}0\n3${sign}4${sign}1\n`)
  expect(await of(';')).toEqual(await of(','))
  expect(await of('\t')).toEqual(await of(','))
})

describe('empty cells', () => {
  const text = 'a,b,label\n1,2,0\n,NA,1\n3,?,0\n'

  test('are an error that says where', async () => {
    expect(await failure(text)).toMatchObject({ code: 'data.missing', count: 3, line: 3, column: 'a' })
  })
  test('get the mean of their column', async () => {
    const set = await open(text, { missing: 'mean' })
    expect([...set.read([0, 1, 2]).x!]).toEqual([1, 2, 2, 2, 3, 2])
    expect(set.notes.map(textOf)).toContain('Empty cells that got the mean of their column: 3.')
  })
  test('or their row is left out', async () => {
    expect(await shown(text, { missing: 'drop' })).toMatchObject({ values: [1, 2], labels: [0] })
  })
  test('a label that is missing is an error, or its row is left out', async () => {
    const bare = 'a,label\n1,0\n2,\n'
    expect(await failure(bare)).toMatchObject({ code: 'data.unlabelled', count: 1, line: 3 })
    expect(await failure(bare, { missing: 'mean' })).toMatchObject({ code: 'data.unlabelled' })
    expect(await shown(bare, { missing: 'drop' })).toMatchObject({ values: [1], labels: [0] })
    expect(await failure('a,label\n1,\n', { missing: 'drop' })).toMatchObject({ code: 'data.empty' })
  })
})

test('text among the features names its columns, which can be left out', async () => {
  const text = 'id,name,a,label\n1,x,5,0\n2,y,6,1\n'
  expect(await failure(text)).toMatchObject({
    code: 'data.text',
    line: 2,
    column: 'name',
    text: 'x',
    columns: ['name'],
  })
  expect(await shown(text, { without: ['id', 'name'] })).toMatchObject({ values: [5, 6], labels: [0, 1] })
})

test('a line with another number of cells is named', async () => {
  expect(await failure('a,b\n1,2\n3\n')).toMatchObject({ code: 'data.row', line: 3, found: 1 })
})

test.each([
  ['blank lines', 'a,b\n\n1,2\n\n\n3,x\n', 6],
  ['a line break within quotes', 'a,b,label\n1,2,"x\ny"\n3,x,z\n', 4],
  ['one of two characters', 'a,b,label\r\n1,2,"x\r\ny"\r\n3,x,z\r\n', 4],
])('after %s errors name the line of the file', async (_name, text, line) => {
  const target = text.includes('label') ? { target: 'label' } : {}
  expect(await failure(text, target)).toMatchObject({ code: 'data.text', line, column: 'b' })
})

describe('classes called as tables write that a value is not there', () => {
  const text = 'a,label\n1,none\n2,null\n3,siren\n'

  test('are classes', async () => {
    const expected = { values: [1, 2, 3], labels: [0, 1, 2], names: ['none', 'null', 'siren'] }
    expect([await shown(text), await shown(text, { missing: 'drop' })]).toMatchObject([expected, expected])
  })
  test('but not among numbers, nor those that are never a class', async () => {
    expect(await failure('a,label\n1,0\n2,none\n3,1\n')).toMatchObject({ code: 'data.unlabelled', count: 1, line: 3 })
    expect(await failure('a,label\n1,x\n2,NA\n3,?\n')).toMatchObject({ code: 'data.unlabelled', count: 2, line: 3 })
  })
})

test('two columns of one name are refused', async () => {
  expect(await failure('a,a\n1,2\n')).toMatchObject({ code: 'data.malformed' })
})
