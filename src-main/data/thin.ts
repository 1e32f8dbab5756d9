// A sample with fewer values, for a picture of it: pictures lose rows and columns, long lines keep the least and the largest
// value of every stretch.
import { elementsOf } from '../ir/tensor.ts'

export interface Thinned {
  readonly shape: readonly number[]
  readonly values: number[]
}

const channelCounts = new Set([1, 3, 4])

/** @param most values that are kept, about */
export function thinned(shape: readonly number[], data: ArrayLike<number>, most: number): Thinned {
  const count = elementsOf(shape)
  if (count <= most) return { shape, values: Array.from(data, rounded) }
  const dims = shape.filter((dim) => dim !== 1)
  const [a = 1, b = 1, c = 1] = dims
  if (dims.length === 3 && channelCounts.has(c)) return picture(a, b, c, false, data, most)
  if (dims.length === 3 && channelCounts.has(a)) return picture(b, c, a, true, data, most)
  if (dims.length === 1) return { shape: [2 * stretchesOf(most)], values: line(count, (i) => data[i]!, most) }
  const last = dims.at(-1)!
  return matrix(count / last, last, data, most)
}

/** So many rows or columns are lines beside each other, more of them a picture. */
const mostLines = 8

function matrix(rows: number, columns: number, data: ArrayLike<number>, most: number): Thinned {
  if (Math.min(rows, columns) > mostLines) return picture(rows, columns, 1, false, data, most)
  if (rows <= columns) {
    const lines = Array.from({ length: rows }, (_, r) => line(columns, (i) => data[r * columns + i]!, most / rows))
    return { shape: [rows, lines[0]!.length], values: lines.flat() }
  }
  const lines = Array.from({ length: columns }, (_, c) => line(rows, (i) => data[i * columns + c]!, most / columns))
  const moments = lines[0]!.length
  return {
    shape: [moments, columns],
    values: Array.from({ length: moments }, (_, i) => lines.map((l) => l[i]!)).flat(),
  }
}

const rounded = (value: number) => Number(value.toPrecision(6))

function picture(
  height: number,
  width: number,
  channels: number,
  planes: boolean,
  data: ArrayLike<number>,
  most: number,
): Thinned {
  const step = Math.ceil(Math.sqrt((height * width * channels) / most))
  const [rows, columns] = [Math.ceil(height / step), Math.ceil(width / step)]
  const values: number[] = []
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++)
      for (let k = 0; k < channels; k++) {
        const pixel = y * step * width + x * step
        values.push(rounded(data[planes ? k * height * width + pixel : pixel * channels + k]!))
      }
  return { shape: [rows, columns, channels], values }
}

const stretchesOf = (most: number) => Math.max(1, Math.floor(most / 2))

function line(count: number, at: (index: number) => number, most: number): number[] {
  const stretches = stretchesOf(most)
  const values: number[] = []
  for (let s = 0; s < stretches; s++) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    const end = Math.floor(((s + 1) * count) / stretches)
    for (let i = Math.floor((s * count) / stretches); i < end; i++) {
      low = Math.min(low, at(i))
      high = Math.max(high, at(i))
    }
    values.push(rounded(low), rounded(high))
  }
  return values
}
