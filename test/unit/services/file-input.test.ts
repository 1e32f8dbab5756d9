import { expect, test } from 'vitest'
import { nameOfLoose } from '../../../src-main/services/file-input.ts'

test.each([
  ['t10k-images-idx3-ubyte.gz', ['t10k-labels-idx1-ubyte.gz', 't10k-images-idx3-ubyte.gz']],
  [
    't10k-images-idx3-ubyte and 1 more',
    ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'],
  ],
  ['inputs_u8.bin', ['y_labels.csv', 'inputs_u8.bin']],
  ['net.onnx', ['model.weights', 'net.onnx', 'net.onnx.data']],
  ['1.png', ['cats/1.png', 'labels/y_labels.csv']],
  ['a-labels and 1 more', ['b-labels', 'a-labels']],
])('loose files are called %s', (name, paths) => {
  expect([nameOfLoose(paths), nameOfLoose(paths.toReversed())]).toEqual([name, name])
})
