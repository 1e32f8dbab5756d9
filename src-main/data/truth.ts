// What an array of truths says: classes or numbers.
import { AppError } from '../base/errors.ts'
import { readFloats, tensor } from '../ir/tensor.ts'
import type { RawDataset } from './dataset.ts'
import type { NpyArray, NumericArray } from './npy.ts'

export type Truth = Pick<RawDataset, 'labels' | 'targets' | 'targetSize' | 'classNames'>

export const noTruth: Truth = { labels: null, targets: null, targetSize: 0, classNames: null }

/** Text and integers are classes, rows with a single 1 too; other numbers are regression targets. */
export function truthOf(path: string, array: NpyArray): Truth {
  const [count = 0, ...rest] = array.shape
  const width = rest.reduce((product, dim) => product * dim, 1)
  if (array.dtype === 'text') {
    if (width !== 1) throw new AppError('data.labels', { path, problem: `names in an array [${array.shape}]` })
    return classesOf(array.data)
  }
  const values = readFloats(tensor(array.dtype, array.shape, array.data))
  if (width === 1 && isInteger(array)) return { ...noTruth, labels: integers(path, values) }
  if (width > 1 && isOneHot(values, width)) return { ...noTruth, labels: hotIndices(values, count, width) }
  return { ...noTruth, targets: values, targetSize: width }
}

/** Names to classes in the order of the sorted names. */
export function classesOf(names: readonly string[]): Truth {
  const classNames = [...new Set(names)].sort()
  const number = new Map(classNames.map((name, i) => [name, i]))
  return { ...noTruth, labels: Int32Array.from(names, (name) => number.get(name)!), classNames }
}

const isInteger = ({ dtype }: NumericArray) => !['f16', 'f32', 'f64', 'bf16'].includes(dtype)

function integers(path: string, values: Float32Array): Int32Array {
  const wrong = values.findIndex((v) => v < 0 || v > 65535)
  if (wrong >= 0) throw new AppError('data.labels', { path, problem: `sample ${wrong} has the class ${values[wrong]}` })
  return Int32Array.from(values)
}

function isOneHot(values: Float32Array, width: number): boolean {
  if (values.some((v) => v !== 0 && v !== 1)) return false
  for (let at = 0; at < values.length; at += width) {
    let ones = 0
    for (let i = 0; i < width; i++) ones += values[at + i]!
    if (ones !== 1) return false
  }
  return values.length > 0
}

function hotIndices(values: Float32Array, count: number, width: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => values.subarray(i * width, (i + 1) * width).indexOf(1))
}
