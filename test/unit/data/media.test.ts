// Folders of pictures as people have them: sizes, classes, lists of labels, splits, rotation.
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import { textOf } from '../../../src-main/base/note.ts'
import { bmpSize } from '../../../src-main/data/bmp.ts'
import { commonSize } from '../../../src-main/data/images.ts'
import { DatasetCache, lookAt } from '../../../src-main/data/look.ts'
import { openDataset } from '../../../src-main/data/open.ts'
import type { Preprocess } from '../../../src-main/data/preprocess.ts'
import { codeOf, folderWith } from './files.ts'

type Rgb = readonly [number, number, number]

const solid = (width: number, height: number, [r, g, b]: Rgb = [9, 9, 9]) =>
  sharp({ create: { width, height, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer()

const png = await solid(4, 4)

describe('classes', () => {
  const classes = async (names: readonly string[], more: Record<string, string> = {}) => {
    const folder = folderWith({ ...Object.fromEntries(names.map((name) => [name, png])), ...more })
    const { classNames, labels, splits } = await openDataset(folder)
    const has = Object.entries(splits).flatMap(([name, indices]) => (indices ? [name] : []))
    return [classNames, labels && [...labels], has]
  }

  test.each<[string, string[], unknown]>([
    ['no folders: no labels', ['a.png', 'b.png'], [null, null, []]],
    ['one folder a class', ['b/1.png', 'a/1.png', 'b/2.png'], [['a', 'b'], [0, 1, 1], []]],
    ['folders around them say nothing', ['x/data/b/1.png', 'x/data/a/1.png'], [['a', 'b'], [0, 1], []]],
    ['folders below a class belong to it', ['a/day/1.png', 'a/night/1.png', 'b/1.png'], [['a', 'b'], [0, 0, 1], []]],
    [
      'splits, under other names',
      ['val/a/1.png', 'training/b/1.png', 'test/a/1.png'],
      [
        ['a', 'b'],
        [0, 1, 0],
        ['train', 'calibration', 'test'],
      ],
    ],
    ['hidden files are none', ['a/1.png', 'a/.2.png', 'b/1.png', '__MACOSX/a/1.png'], [['a', 'b'], [0, 1], []]],
  ])('%s', async (_name, files, expected) => {
    expect(await classes(files)).toEqual(expected)
  })

  test.each([
    ['a list at the top', 'file,label\n1.png,dog\n2.png,cat\n'],
    ['without a header, without endings', '1,dog\n2,cat\n'],
    ['with its columns the other way round', 'class,size,image\ndog,3,pictures/1.png\ncat,4,pictures/2.png\n'],
  ])('%s', async (_name, list) => {
    expect(await classes(['pictures/1.png', 'pictures/2.png'], { 'labels.csv': list })).toEqual([
      ['cat', 'dog'],
      [1, 0],
      [],
    ])
  })

  test('a list that leaves a file out is an error that names it', async () => {
    const folder = folderWith({ '1.png': png, '2.png': png, 'l.csv': 'f,label\n1.png,a\n' })
    expect(await codeOf(openDataset(folder))).toBe('data.labels')
  })
})

describe('sizes', () => {
  const folder = async () =>
    folderWith({
      'a/1.png': await solid(4, 4, [100, 0, 0]),
      'a/2.png': await solid(4, 4),
      'b/1.png': await solid(8, 2),
    })

  test('several: the most frequent is taken, written into the record, and told', async () => {
    const set = await openDataset(await folder())
    expect([set.inputs[0]!.shape, set.preprocess]).toEqual([[4, 4, 3], { resize: [4, 4] }])
    expect(textOf(set.notes[0]!)).toBe('The pictures have 2 sizes, from 4 × 4 to 2 × 8. All are brought to 4 × 4.')
  })

  test('photographs that cannot be held together are made smaller, in proportion', () => {
    const photographs = Array.from({ length: 1000 }, () => ({ width: 4000, height: 3000 }))
    const { resize, note } = commonSize(photographs, {})
    expect(resize).toEqual([366, 488])
    expect(textOf(note!)).toBe(
      'At 3000 × 4000 the pictures do not fit into memory together. All are brought to 366 × 488.',
    )
    expect(commonSize(photographs, { resize: [96, 96] })).toEqual({ resize: [96, 96], note: null })
  })

  test('one: nothing is chosen', async () => {
    const set = await openDataset(folderWith({ 'a/1.png': png, 'b/1.png': png }))
    expect([set.preprocess, set.notes.map(textOf)]).toEqual([{}, ['Labels are the names of the folders.']])
  })

  test.each<[NonNullable<Preprocess['resizeMode']>, number[]]>([
    ['stretch', [9, 9, 9, 9, 9, 9, 9, 9, 9]],
    ['fit', [0, 0, 0, 9, 9, 9, 0, 0, 0]],
    ['crop', [9, 9, 9, 9, 9, 9, 9, 9, 9]],
  ])('%s', async (resizeMode, expected) => {
    const wide = folderWith({ 'a/1.png': await solid(12, 4) })
    const set = await openDataset(wide, { preprocess: { resize: [3, 3], resizeMode, grey: true } })
    expect([...set.read([0]).x!].map(Math.round)).toEqual(expected)
  })

  test('crop shows the middle', async () => {
    const [left, middle] = [await solid(4, 4, [0, 0, 0]), await solid(4, 4, [200, 200, 200])]
    const strip = sharp({ create: { width: 12, height: 4, channels: 3, background: { r: 0, g: 0, b: 0 } } })
    const picture = await strip
      .composite([
        { input: left, left: 0, top: 0 },
        { input: middle, left: 4, top: 0 },
      ])
      .png()
      .toBuffer()
    const set = await openDataset(folderWith({ 'a/1.png': picture }), {
      preprocess: { resize: [4, 4], resizeMode: 'crop' },
    })
    expect(new Set(set.read([0]).x!)).toEqual(new Set([200]))
  })
})

test('a picture that was taken on its side stands upright', async () => {
  const data = Buffer.from([...[255, 0, 0], ...[0, 255, 0]])
  const side = await sharp(data, { raw: { width: 2, height: 1, channels: 3 } })
    .withMetadata({ orientation: 6 })
    .png()
    .toBuffer()
  const set = await openDataset(folderWith({ 'a/1.png': side }))
  expect([set.inputs[0]!.shape, [...set.read([0]).x!]]).toEqual([
    [2, 1, 3],
    [255, 0, 0, 0, 255, 0],
  ])
})

test('what is broken at its end is told with what is broken at its start', async () => {
  const noise = await sharp(Buffer.from(Array.from({ length: 3072 }, (_, i) => (i * 7919) % 251)), {
    raw: { width: 32, height: 32, channels: 3 },
  })
    .png()
    .toBuffer()
  const folder = folderWith({ 'a/1.png': noise, 'a/2.png': noise.subarray(0, noise.length / 2), 'b/3.png': 'text' })
  const error = await openDataset(folder).catch((each) => each)
  expect([error.code, error.data.without]).toEqual(['data.unreadable', ['a/2.png', 'b/3.png']])
})

test('the content of a folder is the same, whatever its record leaves out', async () => {
  const folder = folderWith({ 'a/1.png': png, 'a/2.png': await solid(3, 3), 'b/3.png': png, 'b/broken.png': 'text' })
  const hashOf = async (preprocess: Preprocess) => {
    const { sha256, count } = await openDataset(folder, { preprocess })
    return { sha256, count }
  }
  const skipped = await hashOf({ unreadable: 'skip' })
  const fewer = await hashOf({ without: ['a/2.png', 'b/broken.png'] })
  expect([skipped.count, fewer.count, fewer.sha256]).toEqual([3, 2, skipped.sha256])
})

describe('a table beside the samples that is no list of labels', () => {
  const pictures = { 'a/1.png': png, '2.png': png }

  test('does not keep the folder from being opened, and is told', async () => {
    const set = await openDataset(folderWith({ ...pictures, 'notes.csv': 'a,b\n1\n' }))
    expect([set.count, textOf(set.notes[0]!)]).toEqual([
      1,
      'Not taken for the list of labels: line 2 of notes.csv has another number of cells than the first.',
    ])
  })
  test('nor from finding the list', async () => {
    const list = 'file,label\n1.png,x\n2.png,y\n'
    const set = await openDataset(folderWith({ ...pictures, 'labels.csv': list, 'a.csv': 'a,"b\n' }))
    expect([set.count, set.classNames, set.notes.slice(0, 2).map(textOf)]).toEqual([
      ...[2, ['x', 'y']],
      ['Not taken for the list of labels: a.csv cannot be read as a table.', 'Labels are from labels.csv.'],
    ])
  })
})

test('a set that is asked for several times at once is read once', async () => {
  const path = `${folderWith({ 'd.csv': 'a,label\n1,0\n' })}/d.csv`
  const known = new DatasetCache()
  const [first, second] = await Promise.all([known.open(path, {}), known.open(path, { scale: 2 })])
  expect(second).toBe(first)
  const given = await openDataset(path, { sha256: 'known' })
  expect([given.sha256, first.sha256.length]).toEqual(['known', 64])
  await expect(known.open(`${path}.not`, {})).rejects.toThrow(AppError)
  await expect(known.open(`${path}.not`, {})).rejects.toThrow(AppError)
})

test('bitmaps are measured by their head', () => {
  const head = new Uint8Array(54)
  const view = new DataView(head.buffer)
  head.set([0x42, 0x4d])
  for (const [at, value] of [
    [10, 54],
    [14, 40],
    [18, 5],
    [22, -3],
  ] as const)
    view.setInt32(at, value, true)
  view.setUint16(28, 24, true)
  expect(bmpSize('a.bmp', head, 54 + 3 * 16)).toEqual({ width: 5, height: 3 })
  expect(() => bmpSize('a.bmp', head, 54 + 3 * 16 - 1)).toThrow(AppError)
})

test('looking at single samples gives what reading all gives', async () => {
  const files = {
    'a/1.png': await solid(6, 3, [10, 20, 30]),
    'b/1.png': await solid(3, 6, [200, 0, 0]),
    'b/2.png': png,
  }
  const folder = folderWith(files)
  const preprocess: Preprocess = { resize: [4, 5], resizeMode: 'fit', scale: 1 / 255, layout: 'nchw' }
  const whole = await openDataset(folder, { preprocess })
  const look = await lookAt(folder, preprocess, new DatasetCache())
  expect([look.count, [...look.labels!], look.inputs]).toEqual([3, [...whole.labels!], whole.inputs])
  for (const index of [0, 1, 2])
    expect([...(await look.stored(index)).prepared().data]).toEqual([...whole.read([index]).x!])
  expect([(await look.stored(0)).shape, look.file(0)]).toEqual([[3, 6, 3], 'a/1.png'])
})

describe('splits by the record', () => {
  const text = ['a,label', ...Array.from({ length: 100 }, (_, i) => `${i},${i % 4 === 0 ? 'rare' : 'usual'}`)].join(
    '\n',
  )
  const open = (split: Preprocess['split']) =>
    openDataset(`${folderWith({ 'd.csv': text })}/d.csv`, { preprocess: { split } })

  test('no sample is in two parts, and classes are in equal parts', async () => {
    const { splits, labels } = await open({ seed: 3, test: 0.4, calibration: 0.2 })
    const parts = [splits.train!, splits.calibration!, splits.test!]
    const rare = parts.map((part) => part.filter((i) => labels![i] === 0).length)
    expect([parts.map(({ length }) => length), rare]).toEqual([
      [40, 20, 40],
      [10, 5, 10],
    ])
    expect(new Set(parts.flatMap((part) => [...part])).size).toBe(100)
  })

  test('the seed decides, and nothing else', async () => {
    const of = async (seed: number) => [...(await open({ seed, test: 0.5, calibration: 0 })).splits.test!].join()
    expect(await of(1)).toBe(await of(1))
    expect(await of(1)).not.toBe(await of(2))
  })
})

test('folders around tables, and what they hold when it is nothing', async () => {
  const csv = 'a,label\n1,0\n'
  expect((await openDataset(folderWith({ 'd.csv': csv }))).count).toBe(1)
  expect(await codeOf(openDataset(folderWith({ 'd.csv': csv, 'e.csv': csv })))).toBe('data.unknownFormat')
  expect(await codeOf(openDataset(folderWith({})))).toBe('data.unknownFormat')
})
