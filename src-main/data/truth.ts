// What an array of truths says: classes or numbers.
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import { readFloats, readNumbers, tensor } from '../ir/tensor.ts'
import type { RawDataset } from './dataset.ts'
import type { NpyArray, NumericArray } from './npy.ts'

export type Truth = Pick<RawDataset, 'labels' | 'targets' | 'targetSize' | 'classNames'>

export const noTruth: Truth = { labels: null, targets: null, targetSize: 0, classNames: null }

/** Whole numbers above this, where they need not be classes, are taken for quantities. */
const mostRealClasses = 1000

/** Text, integers and small whole numbers are classes, rows with a single 1 too; other numbers are regression targets. */
export function truthOf(path: string, array: NpyArray): Truth {
  const [count = 0, ...rest] = array.shape
  const width = rest.reduce((product, dim) => product * dim, 1)
  if (array.dtype === 'text') {
    if (width !== 1) throw new AppError('data.labels', { path, problem: say`names in an array [${array.shape}]` })
    return classesOf(array.data)
  }
  const held = tensor(array.dtype, array.shape, array.data)
  const values = readFloats(held)
  if (width === 1 && isInteger(array)) return { ...noTruth, labels: integers(path, values) }
  if (width === 1 && areClasses(readNumbers(held))) return { ...noTruth, labels: integers(path, values) }
  if (width > 1 && isOneHot(values, width)) return { ...noTruth, labels: hotIndices(values, count, width) }
  return { ...noTruth, targets: values, targetSize: width }
}

/** Names to classes in the order of the sorted names. */
export function classesOf(names: readonly string[]): Truth {
  const classNames = [...new Set(names)].sort()
  const number = new Map(classNames.map((name, i) => [name, i]))
  return { ...noTruth, labels: Int32Array.from(names, (name) => number.get(name)!), classNames }
}

/** Classes counted as the model counts them. */
export function inOrder<T extends Truth>(path: string, truth: T, classes: readonly string[] | undefined): T {
  if (!classes || !truth.labels || !truth.classNames) return truth
  const place = new Map(classes.map((name, i) => [name, i]))
  const unknown = truth.classNames.filter((name) => !place.has(name))
  if (unknown.length > 0) {
    const problem = say`the order of classes leaves out ${unknown.slice(0, 5).join(', ')}`
    throw new AppError('data.labels', { path, problem })
  }
  const labels = truth.labels.map((label) => place.get(truth.classNames![label]!)!)
  return { ...truth, labels, classNames: classes }
}

/** Small whole numbers; as doubles, since float32 rounds others to such. */
export const areClasses = (values: readonly number[]) =>
  values.every((value) => Number.isInteger(value) && value >= 0 && value < mostRealClasses)

const isInteger = ({ dtype }: NumericArray) => !['f16', 'f32', 'f64', 'bf16'].includes(dtype)

function integers(path: string, values: Float32Array): Int32Array {
  const wrong = values.findIndex((v) => v < 0 || v > 65535)
  if (wrong >= 0)
    throw new AppError('data.labels', { path, problem: say`sample ${wrong} has the class ${values[wrong]}` })
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
