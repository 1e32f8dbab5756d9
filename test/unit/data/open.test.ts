import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { Dataset } from '../../../src-main/data/dataset.ts'
import { writeNpz } from '../../../src-main/data/npz.ts'
import { openDataset } from '../../../src-main/data/open.ts'
import { codeOf, folderWith, idx, npy } from './files.ts'

const shown = (d: Dataset) => ({
  format: d.format,
  count: d.count,
  inputs: d.inputs.map((i) => [i.name, i.shape, i.dtype]),
  labels: d.labels && [...d.labels],
  targets: d.targets && [...d.targets],
  classNames: d.classNames,
  first: Object.values(d.read([0])).map((v) => [...v]),
})

const bytes = (...values: number[]) => Uint8Array.from(values)

describe('npz and npy', () => {
  const x = { dtype: 'u8' as const, shape: [3, 2], data: bytes(1, 2, 3, 4, 5, 6) }
  const one = (arrays: Parameters<typeof writeNpz>[0]) => join(folderWith({ 'd.npz': writeNpz(arrays) }), 'd.npz')

  test('x and y', async () => {
    const path = one({ x, y: { dtype: 'i64', shape: [3], data: BigInt64Array.of(2n, 0n, 1n) } })
    const data = await openDataset(path, { nameHint: 'input', preprocess: { scale: 0.5 } })
    expect(shown(data)).toEqual({
      format: 'npz',
      count: 3,
      inputs: [['input', [2], 'u8']],
      labels: [2, 0, 1],
      targets: null,
      classNames: null,
      first: [[0.5, 1]],
    })
    expect([data.read([2, 1]).input, data.readRaw([2, 1]).input]).toEqual([
      Float32Array.of(2.5, 3, 1.5, 2),
      bytes(5, 6, 3, 4),
    ])
  })

  test('other names: the array with fewer dimensions is the truth', async () => {
    const data = await openDataset(one({ images: x, classes: { dtype: 'u8', shape: [3], data: bytes(0, 1, 1) } }))
    expect([data.inputs.map((i) => i.name), [...data.labels!]]).toEqual([['images'], [0, 1, 1]])
  })

  test('several inputs keep their names', async () => {
    const b = { dtype: 'f32' as const, shape: [3], data: Float32Array.of(7, 8, 9) }
    const data = await openDataset(one({ a: x, b, y: { dtype: 'u8', shape: [3], data: bytes(0, 1, 1) } }), {
      nameHint: 'n',
    })
    expect(data.read([1])).toEqual({ a: Float32Array.of(3, 4), b: Float32Array.of(8) })
  })

  test('one-hot rows are classes, other floats are targets', async () => {
    const hot = await openDataset(
      one({ x, y: { dtype: 'f32', shape: [3, 2], data: Float32Array.of(0, 1, 1, 0, 0, 1) } }),
    )
    const real = await openDataset(
      one({ x, y: { dtype: 'f32', shape: [3, 2], data: Float32Array.of(0, 1, 1, 0, 0.5, 1) } }),
    )
    expect([[...hot.labels!], hot.targets, real.labels, real.targetSize]).toEqual([[1, 0, 1], null, null, 2])
  })

  test("x_train and x_test are the source's own splits", async () => {
    const y = (...v: number[]) => ({ dtype: 'u8' as const, shape: [v.length], data: bytes(...v) })
    const data = await openDataset(
      one({
        x_train: x,
        y_train: y(0, 1, 2),
        x_test: { ...x, shape: [2, 2], data: bytes(9, 9, 8, 8) },
        y_test: y(2, 1),
      }),
    )
    expect([data.splits.train, data.splits.test, [...data.labels!], data.read([4]).x]).toEqual([
      Uint32Array.of(0, 1, 2),
      Uint32Array.of(3, 4),
      [0, 1, 2, 2, 1],
      Float32Array.of(8, 8),
    ])
  })

  test('half precision, big-endian, column-major and text', async () => {
    const files = {
      'half.npy': npy("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 1), }", bytes(0, 0x3c, 0, 0xc1)),
      'big.npy': npy("{'descr': '>i2', 'fortran_order': False, 'shape': (1, 2), }", bytes(1, 0, 0xff, 0xff)),
      'column.npy': npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", bytes(1, 4, 2, 5, 3, 6)),
      'text.npz': zipSync({
        'x.npy': npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1), }", bytes(1, 2)),
        'y.npy': npy("{'descr': '<U1', 'fortran_order': False, 'shape': (2,), }", bytes(98, 0, 0, 0, 97, 0, 0, 0)),
      }),
    }
    const folder = folderWith(files)
    const read = async (name: string) => {
      const data = await openDataset(join(folder, name))
      return [[...data.read([...Array(data.count).keys()]).x!], data.classNames, data.labels && [...data.labels]]
    }
    expect(await Promise.all(Object.keys(files).map(read))).toEqual([
      [[1, -2.5], null, null],
      [[256, -1], null, null],
      [[1, 2, 3, 4, 5, 6], null, null],
      [
        [1, 2],
        ['a', 'b'],
        [1, 0],
      ],
    ])
  })

  test('written bytes are the same every time, and the hash is that of the file', async () => {
    const file = writeNpz({ x })
    const data = await openDataset(join(folderWith({ 'd.npz': file }), 'd.npz'))
    const hash = createHash('sha256').update(file).digest('hex')
    expect([writeNpz({ x }), data.sha256]).toEqual([file, hash])
  })

  const header = "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999, 9999), }"
  test.each([
    ['declares more than it holds', 'd.npy', npy(header, bytes(1, 2)), 'data.malformed'],
    [
      'objects',
      'd.npy',
      npy("{'descr': '|O8', 'fortran_order': False, 'shape': (1,), }", new Uint8Array(8)),
      'data.malformed',
    ],
    ['no samples', 'd.npy', npy("{'descr': '|u1', 'fortran_order': False, 'shape': (0, 4), }", bytes()), 'data.empty'],
    ['no zip', 'd.npz', bytes(1, 2, 3), 'data.malformed'],
    [
      'truth of another length',
      'd.npz',
      writeNpz({ x, y: { dtype: 'u8', shape: [2], data: bytes(0, 1) } }),
      'data.labels',
    ],
    [
      'negative classes',
      'd.npz',
      writeNpz({ x, y: { dtype: 'i8', shape: [3], data: Int8Array.of(0, -1, 1) } }),
      'data.labels',
    ],
    ['cut off', 'd.npz', writeNpz({ x }).subarray(0, 90), 'data.malformed'],
    ['something else', 'd.xyz', bytes(1, 2, 3), 'data.unknownFormat'],
  ] as const)('%s', async (_name, file, content, code) => {
    expect(await codeOf(openDataset(join(folderWith({ [file]: content }), file)))).toBe(code)
  })

  test('a member that inflates to more than it says is refused', async () => {
    const zip = zipSync({
      'x.npy': npy("{'descr': '|u1', 'fortran_order': False, 'shape': (100000,), }", new Uint8Array(100000)),
    })
    const view = new DataView(zip.buffer)
    // the uncompressed size in the directory entry, 24 bytes behind its mark
    const at = zip.findLastIndex((_, i) => i + 4 <= zip.length && view.getUint32(i, true) === 0x02014b50)
    view.setUint32(at + 24, 1000, true)
    expect(await codeOf(openDataset(join(folderWith({ 'd.npz': zip }), 'd.npz')))).toBe('data.malformed')
    view.setUint32(at + 24, 0xfffffff0, true)
    expect(await codeOf(openDataset(join(folderWith({ 'd.npz': zip }), 'd.npz')))).toBe('data.malformed')
  })
})

describe('IDX', () => {
  const images = idx(8, [2, 1, 2], bytes(1, 2, 3, 4))
  const labels = idx(8, [2], bytes(5, 6))

  test('a folder with train and t10k, one of them in gzip', async () => {
    const folder = folderWith({
      'train-images-idx3-ubyte.gz': gzipSync(images),
      'train-labels-idx1-ubyte.gz': gzipSync(labels),
      't10k-images-idx3-ubyte': idx(8, [1, 1, 2], bytes(9, 8)),
      't10k-labels-idx1-ubyte': idx(8, [1], bytes(7)),
    })
    const data = await openDataset(folder)
    expect([shown(data), data.splits.train, data.splits.test]).toEqual([
      {
        format: 'idx',
        count: 3,
        inputs: [['x', [1, 2], 'u8']],
        labels: [7, 5, 6],
        targets: null,
        classNames: null,
        first: [[9, 8]],
      },
      Uint32Array.of(1, 2),
      Uint32Array.of(0),
    ])
  })

  test('one file finds its labels', async () => {
    const folder = folderWith({ 't10k-images-idx3-ubyte': images, 't10k-labels-idx1-ubyte': labels })
    const data = await openDataset(join(folder, 't10k-images-idx3-ubyte'))
    expect([[...data.labels!], data.splits.test]).toEqual([[5, 6], null])
  })

  test('big-endian 16-bit', async () => {
    const folder = folderWith({ 'images-idx2-short': idx(11, [1, 2], bytes(1, 0, 255, 254)) })
    expect((await openDataset(join(folder, 'images-idx2-short'))).read([0]).x).toEqual(Float32Array.of(256, -2))
  })

  test.each([
    ['more declared than there', images.subarray(0, 17)],
    ['no header', bytes(0, 0)],
    ['a broken gzip stream', gzipSync(images).subarray(0, 15)],
  ])('%s', async (_name, content) => {
    const folder = folderWith({ 'train-images-idx3-ubyte': content })
    expect(await codeOf(openDataset(folder))).toBe('data.malformed')
  })
})

describe('CSV', () => {
  const open = (text: string) => openDataset(join(folderWith({ 'd.csv': text }), 'd.csv'))

  test('text targets become classes, a split column the splits', async () => {
    const data = await open('a,target,b,split\n1,dog,2,train\n3,cat,4.5,test\n')
    expect([shown(data), data.splits.test]).toEqual([
      {
        format: 'csv',
        count: 2,
        inputs: [['x', [2], 'f32']],
        labels: [1, 0],
        targets: null,
        classNames: ['cat', 'dog'],
        first: [[1, 2]],
      },
      Uint32Array.of(1),
    ])
  })

  test('whole numbers are classes, others targets', async () => {
    const [whole, real] = [await open('a,target\n1,2\n2,0\n'), await open('a,target\n1,2.5\n2,0\n')]
    expect([[...whole.labels!], whole.targets, real.labels, [...real.targets!]]).toEqual([[2, 0], null, null, [2.5, 0]])
  })

  test.each([
    ['text among the features', 'a,target\nx,1\n', 'data.text'],
    ['rows of different length', 'a,b,target\n1,2\n', 'data.row'],
    ['nothing but a header', 'a,target\n', 'data.empty'],
    ['a target left out', 'a,target\n1,\n', 'data.unlabelled'],
  ])('%s', async (_name, text, code) => expect(await codeOf(open(text))).toBe(code))
})

describe('raw samples', () => {
  const files = { 'y_labels.csv': 'b.bin, 3, 2\na.bin, 3, 0\n', 'a.bin': bytes(1, 2), 'b.bin': bytes(255, 128) }

  test("integers of the model's input", async () => {
    const sample = { dtype: 'i8' as const, shape: [2, 1], quant: { scale: 0.5, zeroPoint: -1 } }
    expect(shown(await openDataset(folderWith(files), { sample }))).toEqual({
      format: 'raw',
      count: 2,
      inputs: [['x', [2, 1], 'i8']],
      labels: [2, 0],
      targets: null,
      classNames: null,
      first: [[0, -63.5]],
    })
  })

  test('bytes when nothing is said, float32 where the size says so', async () => {
    const folder = folderWith({
      'y_labels.csv': 'f.bin,1,0\n',
      'f.bin': new Uint8Array(Float32Array.of(1.5, -2).buffer),
    })
    const [plain, real] = [
      await openDataset(folderWith(files)),
      await openDataset(folder, { sample: { dtype: 'u8', shape: [2] } }),
    ]
    expect([plain.read([0]).x, real.read([0]).x]).toEqual([Float32Array.of(255, 128), Float32Array.of(1.5, -2)])
  })

  test.each([
    ['a file that is missing', { ...files, 'y_labels.csv': 'c.bin,3,2\n' }],
    ['a file outside the folder', { ...files, 'y_labels.csv': '../a.bin,3,2\n' }],
    ['samples of two sizes', { ...files, 'a.bin': bytes(1) }],
  ])('%s', async (_name, content) => expect(await codeOf(openDataset(folderWith(content)))).toBe('data.malformed'))
})

describe('pictures', () => {
  const solid = (width: number, height: number, format: 'png' | 'jpeg', [r, g, b]: readonly [number, number, number]) =>
    sharp({ create: { width, height, channels: 3, background: { r, g, b } } })
      [format]()
      .toBuffer()

  /** Two pixels, red over green, bottom row first as bitmaps have it. */
  function bmp(): Uint8Array {
    const file = new Uint8Array(54 + 8)
    const view = new DataView(file.buffer)
    file.set([0x42, 0x4d])
    for (const [at, value] of [
      [10, 54],
      [14, 40],
      [18, 1],
      [22, 2],
    ] as const)
      view.setUint32(at, value, true)
    view.setUint16(28, 24, true)
    file.set([0, 255, 0, 0, 0, 0, 255, 0], 54)
    return file
  }

  test('one folder a class, in order of their names', async () => {
    const folder = folderWith({
      'b/1.png': await solid(1, 2, 'png', [10, 20, 30]),
      'a/2.bmp': bmp(),
      'a/notes.txt': 'not a picture',
    })
    expect(shown(await openDataset(folder))).toEqual({
      format: 'images',
      count: 2,
      inputs: [['x', [2, 1, 3], 'u8']],
      labels: [0, 1],
      targets: null,
      classNames: ['a', 'b'],
      first: [[255, 0, 0, 0, 255, 0]],
    })
  })

  test('sizes differ: resized, grey and in NCHW order; splits from folders', async () => {
    const folder = folderWith({
      'train/a/1.png': await solid(4, 4, 'png', [100, 100, 100]),
      'test/a/1.jpg': await solid(6, 2, 'jpeg', [50, 50, 50]),
    })
    const data = await openDataset(folder, { preprocess: { resize: [2, 3], grey: true, layout: 'nchw' } })
    const x = data.read([0, 1]).x!
    expect([data.inputs[0]?.shape, [...x].map(Math.round), data.splits]).toEqual([
      [1, 2, 3],
      [50, 50, 50, 50, 50, 50, 100, 100, 100, 100, 100, 100],
      { train: Uint32Array.of(1), calibration: null, test: Uint32Array.of(0) },
    ])
  })

  test('a broken picture, and none', async () => {
    const png = await solid(4, 4, 'png', [1, 2, 3])
    expect([
      await codeOf(openDataset(folderWith({ 'a/1.png': png.subarray(0, 40) }))),
      await codeOf(openDataset(folderWith({ 'a/1.txt': 'x' }))),
    ]).toEqual(['data.unreadable', 'data.unknownFormat'])
  })
})

test('a path that is not there, and a preprocessing record that is wrong', async () => {
  const path = join(folderWith({ 'd.csv': 'a,target\n1,1\n' }), 'd.csv')
  expect([
    await codeOf(openDataset(`${path}.not`)),
    await codeOf(openDataset(path, { preprocess: { layout: 'nchw' } })),
    await codeOf(openDataset(path, { preprocess: { resize: [0, 1] } })),
  ]).toEqual(['usage.missingFile', 'data.preprocess', 'data.preprocess'])
})

const shared = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const present = existsSync(shared)
if (!present) console.info(`skipped: there is no ${shared}`)

test.skipIf(!present)('the raw and the real form of the keyword-spotting set are the same numbers', async () => {
  const sample = { dtype: 'i8' as const, shape: [49, 10, 1], quant: { scale: 0.5847029089927673, zeroPoint: 83 } }
  const [raw, real] = [
    await openDataset(join(shared, 'kws'), { sample }),
    await openDataset(join(shared, 'kws', 'kws.npz')),
  ]
  const all = [...Array(1000).keys()]
  expect([raw.count, raw.labels, raw.read(all).x]).toEqual([1000, real.labels, real.read(all).x])
})

test.skipIf(!present)('MNIST has 60000 and 10000 samples, CIFAR-10 feeds NCHW', async () => {
  const mnist = await openDataset(join(shared, 'mnist'))
  const preprocess = { scale: 0.00392156862745098, layout: 'nchw' as const }
  const cifar = await openDataset(join(shared, 'cifar10', 'test-even.npz'), { preprocess })
  const raw = cifar.readRaw([3]).x!
  const x = cifar.read([3]).x!
  const expected = Array.from(x, (_, i) =>
    Math.fround(Number(raw[(i % 1024) * 3 + Math.floor(i / 1024)]) * preprocess.scale),
  )
  expect([mnist.splits.train?.length, mnist.splits.test?.length, cifar.inputs[0]?.shape, [...x]]).toEqual([
    60000,
    10000,
    [3, 32, 32],
    expected,
  ])
})
