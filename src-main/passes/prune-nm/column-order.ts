// Columns of a convolution's matrix in the order in which the device stores them: kernel row, kernel column, channel.
import type { Gram, Matrix } from '../../kernels/kernels.ts'
import type { WeightLayer } from '../layers.ts'

/** Old column of each new one. */
export type ColumnOrder = Uint32Array

export function channelsInnermost({ node, tensor, columns }: WeightLayer): ColumnOrder {
  if (node.op !== 'Conv') return Uint32Array.from({ length: columns }, (_, i) => i)
  const channels = tensor.shape[1]!
  const kernel = columns / channels
  return Uint32Array.from({ length: columns }, (_, i) => (i % channels) * kernel + Math.floor(i / channels))
}

export function inOrder({ rows, columns, data }: Matrix, order: ColumnOrder): Matrix {
  return { rows, columns, data: data.map((_, i) => data[i - (i % columns) + order[i % columns]!]!) }
}

export function inOriginalOrder({ rows, columns, data }: Matrix, order: ColumnOrder): Matrix {
  const result = new Float32Array(data.length)
  for (let i = 0; i < data.length; i++) result[i - (i % columns) + order[i % columns]!] = data[i]!
  return { rows, columns, data: result }
}

export function stackInOrder(gram: Gram, order: ColumnOrder): Gram {
  const { size, data } = gram
  const square = size * size
  const moved = data.map((_, i) => {
    const within = i % square
    return data[i - within + order[Math.floor(within / size)]! * size + order[within % size]!]!
  })
  return { ...gram, data: moved }
}
