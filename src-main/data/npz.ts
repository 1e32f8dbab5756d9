// .npz and .npy as data sets: x and y (or x_train, y_train, x_test, y_test), several inputs under their own names; and
// writing .npz.
import { basename, extname } from 'node:path'
import { zipSync } from 'fflate'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import { type ByteSource, fileSource } from '../base/source.ts'
import type { RawDataset, RawInput, Splits } from './dataset.ts'
import { noSplits } from './dataset.ts'
import { formatNpy, type NpyArray, type NumericArray, parseNpy } from './npy.ts'
import { noTruth, type Truth, truthOf } from './truth.ts'
import { readZip, type ZipMember } from './zip.ts'

const truthKeys = new Set(['y', 'label', 'labels', 'target', 'targets'])

export async function openNpz(path: string, nameHint?: string): Promise<RawDataset> {
  const arrays = await readNpz(path)
  return { format: 'npz', ...(splitArrays(path, arrays, nameHint) ?? plainArrays(path, arrays, nameHint)) }
}

export function openNpy(path: string, nameHint?: string): RawDataset {
  const inputs = [inputOf(path, nameHint ?? 'x', [readNpy(path)])]
  return { format: 'npy', inputs, ...noTruth, splits: noSplits }
}

/** Two files, one of samples and one of truth: called like it, or the one with fewer dimensions. */
export function openNpyPair(paths: readonly string[], nameHint?: string): RawDataset {
  const arrays = new Map(paths.map((path) => [basename(path, extname(path)), readNpy(path)]))
  return { format: 'npy', ...plainArrays(paths[0]!, arrays, nameHint) }
}

function readNpy(path: string): NpyArray {
  const source = fileSource(path)
  try {
    return parseNpy(path, source.read(0, source.size))
  } finally {
    source.close()
  }
}

export async function readNpz(path: string): Promise<Map<string, NpyArray>> {
  const source = fileSource(path)
  try {
    const arrays = new Map<string, NpyArray>()
    for (const member of arraysIn(source, path)) arrays.set(...parsed(path, member, await member.read()))
    return arrays
  } finally {
    source.close()
  }
}

function arraysIn(source: ByteSource, path: string): ZipMember[] {
  const members = readZip(source, path).filter((member) => member.name.endsWith('.npy'))
  if (members.length === 0) throw new AppError('data.malformed', { path, problem: say`it holds no arrays` })
  if (members.length > 64)
    throw new AppError('data.malformed', { path, problem: say`it holds ${members.length} arrays` })
  return members
}

const parsed = (path: string, { name }: ZipMember, bytes: Uint8Array): [string, NpyArray] => [
  name.slice(0, -4),
  parseNpy(`${path}: ${name}`, bytes),
]

type Parts = Omit<RawDataset, 'format'>

/** Keras's way: one pair of arrays a split. */
function splitArrays(path: string, arrays: ReadonlyMap<string, NpyArray>, nameHint: string | undefined): Parts | null {
  const train = arrays.get('x_train')
  const test = arrays.get('x_test')
  if (!train || !test) return null
  const input = inputOf(path, nameHint ?? 'x', [train, test])
  const [first, second] = [train.shape[0]!, test.shape[0]!]
  const splits: Splits = { train: range(0, first), calibration: null, test: range(first, first + second) }
  const [yTrain, yTest] = [arrays.get('y_train'), arrays.get('y_test')]
  const truth = yTrain && yTest ? joined(path, truthOf(path, yTrain), truthOf(path, yTest)) : noTruth
  return { inputs: [input], ...truth, splits }
}

function joined(path: string, a: Truth, b: Truth): Truth {
  if (a.labels && b.labels) {
    const labels = new Int32Array(a.labels.length + b.labels.length)
    labels.set(a.labels)
    labels.set(b.labels, a.labels.length)
    return { ...a, labels }
  }
  if (a.targets && b.targets && a.targetSize === b.targetSize) {
    const targets = new Float32Array(a.targets.length + b.targets.length)
    targets.set(a.targets)
    targets.set(b.targets, a.targets.length)
    return { ...a, targets }
  }
  throw new AppError('data.labels', { path, problem: say`y_train and y_test are of different kinds` })
}

function plainArrays(path: string, arrays: ReadonlyMap<string, NpyArray>, nameHint: string | undefined): Parts {
  const names = [...arrays.keys()]
  const truthName = names.find((name) => truthKeys.has(name)) ?? smallerOfTwo(arrays)
  const inputNames = names.filter((name) => name !== truthName)
  const single = inputNames.length === 1
  const inputs = inputNames.map((name) => inputOf(path, single ? (nameHint ?? name) : name, [arrays.get(name)!]))
  const truth = truthName === undefined ? noTruth : truthOf(path, arrays.get(truthName)!)
  return { inputs, ...truth, splits: noSplits }
}

/** Of two arrays with other names, the truth is the one with fewer dimensions. */
function smallerOfTwo(arrays: ReadonlyMap<string, NpyArray>): string | undefined {
  if (arrays.size !== 2 || arrays.has('x')) return undefined
  const [a, b] = [...arrays] as [[string, NpyArray], [string, NpyArray]]
  if (a[1].shape.length === b[1].shape.length) return undefined
  return a[1].shape.length < b[1].shape.length ? a[0] : b[0]
}

export function inputOf(path: string, name: string, arrays: readonly NpyArray[]): RawInput {
  const first = arrays[0]!
  const pieces = arrays.map((array) => {
    if (array.dtype === 'text') throw new AppError('data.malformed', { path, problem: say`${name} holds text` })
    const same = array.dtype === first.dtype && array.shape.slice(1).join() === first.shape.slice(1).join()
    if (!same)
      throw new AppError('data.malformed', { path, problem: say`the parts of ${name} differ in shape or type` })
    return array.data
  })
  if (first.shape.length === 0) throw new AppError('data.malformed', { path, problem: say`${name} is a single number` })
  if (first.dtype === 'text') throw new AppError('data.malformed', { path, problem: say`${name} holds text` })
  return { name, shape: first.shape.slice(1), dtype: first.dtype, pieces }
}

export const range = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i)

/** Equal arrays give equal bytes: the time in the archive is fixed. */
export function writeNpz(arrays: Readonly<Record<string, NumericArray>>): Uint8Array {
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, formatNpy(array)] as const)
  return zipSync(Object.fromEntries(files), { mtime: new Date(1980, 0, 1), level: 6 })
}
