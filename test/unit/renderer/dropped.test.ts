import { expect, test } from 'vitest'
import { accepts, type DropTarget, sortPicked } from '../../../src-renderer/state/dropped.ts'

const blob = new Blob(['x'])

function sorted(paths: readonly string[], target: DropTarget = 'any') {
  const { groups, refused } = sortPicked(
    paths.map((path) => ({ path, blob })),
    target,
  )
  return { groups: groups.map((group) => [group.kind, group.name, ...group.files.map((file) => file.path)]), refused }
}

test.each<[string, readonly string[], DropTarget, ReturnType<typeof sorted>]>([
  [
    'a model and a data set together',
    ['kws.tflite', 'kws.npz'],
    'any',
    {
      groups: [
        ['model', 'kws.tflite', 'kws.tflite'],
        ['data', 'kws.npz', 'kws.npz'],
      ],
      refused: [],
    },
  ],
  [
    'external weights go with their model',
    ['net.onnx', 'net.onnx.data'],
    'any',
    { groups: [['model', 'net.onnx', 'net.onnx', 'net.onnx.data']], refused: [] },
  ],
  [
    'a model with its weights in a folder',
    ['net/net.onnx', 'net/weights.pb'],
    'any',
    { groups: [['model', 'net.onnx', 'net/net.onnx', 'net/weights.pb']], refused: [] },
  ],
  [
    'IDX files belong to each other',
    ['t10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'],
    'any',
    {
      groups: [['data', 't10k-images-idx3-ubyte.gz', 't10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz']],
      refused: [],
    },
  ],
  [
    'two npz files are two data sets',
    ['a.npz', 'b.npz'],
    'any',
    {
      groups: [
        ['data', 'a.npz', 'a.npz'],
        ['data', 'b.npz', 'b.npz'],
      ],
      refused: [],
    },
  ],
  [
    'a folder of images is one data set, hidden files left out',
    ['flowers/rose/1.png', 'flowers/tulip/2.jpg', 'flowers/.DS_Store'],
    'any',
    { groups: [['data', 'flowers', 'flowers/rose/1.png', 'flowers/tulip/2.jpg']], refused: [] },
  ],
  [
    'raw inputs with their labels',
    ['0.bin', '1.bin', 'y_labels.csv'],
    'any',
    { groups: [['data', '0.bin', '0.bin', '1.bin', 'y_labels.csv']], refused: [] },
  ],
  ['what is neither is refused', ['notes.txt'], 'any', { groups: [], refused: ['notes.txt'] }],
  [
    'on the data card an odd name is data',
    ['samples.dat'],
    'data',
    { groups: [['data', 'samples.dat', 'samples.dat']], refused: [] },
  ],
])('%s', (_name, paths, target, expected) => {
  expect(sorted(paths, target)).toEqual(expected)
})

test('file dialogs show what is taken', () => {
  const taken = (list: string, target: DropTarget) =>
    sorted(
      list.split(',').map((end) => `net${end}`),
      target,
    )
  expect(taken(accepts.data, 'any')).toMatchObject({ refused: [] })
  expect(accepts.data.split(',')).toEqual(expect.arrayContaining(['.npy', '.png', '.wav']))
  expect(new Set(accepts.any.split(','))).toEqual(
    new Set([...accepts.model.split(','), ...accepts.data.split(','), '.shoe', '.shoeproject']),
  )
})
