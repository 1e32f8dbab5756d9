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
  const dims = shape.length > 1 && shape[0] === 1 ? shape.slice(1) : shape
  if (dims.length === 2 && Math.min(...dims) > 8) return picture(dims[0]!, dims[1]!, 1, false, data, most)
  const [a = 1, b = 1, c = 1] = dims
  if (dims.length === 3 && channelCounts.has(c)) return picture(a, b, c, false, data, most)
  if (dims.length === 3 && channelCounts.has(a)) return picture(b, c, a, true, data, most)
  return dims.length === 1
    ? line(data, count, most)
    : { shape: [most], values: Array.from({ length: most }, (_, i) => rounded(data[i]!)) }
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

function line(data: ArrayLike<number>, count: number, most: number): Thinned {
  const stretches = Math.floor(most / 2)
  const values: number[] = []
  for (let s = 0; s < stretches; s++) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    const end = Math.floor(((s + 1) * count) / stretches)
    for (let i = Math.floor((s * count) / stretches); i < end; i++) {
      low = Math.min(low, data[i]!)
      high = Math.max(high, data[i]!)
    }
    values.push(rounded(low), rounded(high))
  }
  return { shape: [values.length], values }
}
