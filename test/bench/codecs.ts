// Bytes of every codec on the sets of integer weights beside the project, and speed in millions of symbols a second, one thread:
//   node test/bench/codecs.ts [bytes|speed]
import { existsSync, readdirSync } from 'node:fs'
import { seededRandom } from '../../src-main/base/random.ts'
import { type CodecName, type Coded, codecs, type IntTensor } from '../../src-main/codecs/registry.ts'
import { countValues, entropyBits, shareTables } from '../../src-main/codecs/sharing.ts'
import { readNpz } from '../../src-main/data/npz.ts'
import { sharedData } from '../support/shared.ts'

interface NamedSet {
  readonly name: string
  readonly tensors: readonly IntTensor[]
}

function tensorOf(shape: readonly number[], data: ArrayLike<number>): IntTensor {
  const rows = shape[0] ?? 1
  const rowElements = data.length / Math.max(1, rows)
  return { data: Int8Array.from(data), rows, rowElements, inner: shape.at(-1) ?? rowElements }
}

async function readSets(folder: string): Promise<NamedSet[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.npz'))
  const sets: NamedSet[] = []
  for (const file of files.sort()) {
    const arrays = [...(await readNpz(`${folder}/${file}`)).values()]
    const tensors = arrays.map((array) => tensorOf(array.shape, Array.from(array.data, Number)))
    sets.push({ name: file.slice(0, -4), tensors })
  }
  return sets
}

const bytesOf = (coded: Coded) => coded.payload.length + coded.table.length

/** Payloads, and each table once. */
function sharedBytes(coded: readonly Coded[]): number {
  const tables = new Set(coded.map((one) => one.table))
  return coded.reduce((sum, one) => sum + one.payload.length, 0) + [...tables].reduce((sum, one) => sum + one.length, 0)
}

type Row = Readonly<Record<string, number>>

function bytesRow(tensors: readonly IntTensor[]): Row {
  const row: Record<string, number> = {
    weights: tensors.reduce((sum, tensor) => sum + tensor.data.length, 0),
    H0: Math.ceil(tensors.reduce((sum, tensor) => sum + entropyBits(countValues(tensor.data)), 0) / 8),
  }
  const encoded = tensors.map((tensor) =>
    codecs.filter((codec) => codec.accepts(tensor) === true).map((codec) => codec.encode(tensor)),
  )
  for (const { name } of codecs) {
    const all = encoded.map((ones) => ones.find((one) => one.codec === name))
    row[name] = all.every((one) => one !== undefined) ? all.reduce((sum, one) => sum + bytesOf(one), 0) : Number.NaN
  }
  row.huffmanShared = sharedBytes(shareTables('huffman', tensors))
  row.ransShared = sharedBytes(shareTables('rans', tensors))
  row.best = encoded.reduce((sum, ones) => sum + Math.min(...ones.map(bytesOf)), 0)
  return row
}

const cell = (value: number) => (Number.isNaN(value) ? '-' : String(value)).padStart(14)

function printBytes(sets: readonly NamedSet[]) {
  const rows = sets.map((set) => ({ name: set.name, row: bytesRow(set.tensors) }))
  const columns = Object.keys(rows[0]?.row ?? {})
  console.log(['set'.padEnd(26), ...columns.map((column) => column.padStart(14))].join(''))
  for (const { name, row } of rows)
    console.log([name.padEnd(26), ...columns.map((column) => cell(row[column]!))].join(''))
  const sums = columns.map((column) => rows.reduce((sum, { row }) => sum + row[column]!, 0))
  console.log(['sum'.padEnd(26), ...sums.map(cell)].join(''))
}

const repeats = 25

interface Speed {
  readonly median: number
  readonly best: number
}

/** Millions of symbols a second; the best of several says what the code can do where other programs run beside it. */
function speed(symbols: number, work: () => unknown): Speed {
  work()
  const seconds = Array.from({ length: repeats }, () => {
    const begin = performance.now()
    work()
    return (performance.now() - begin) / 1000
  }).sort((a, b) => a - b)
  return { median: symbols / seconds[repeats >> 1]! / 1e6, best: symbols / seconds[0]! / 1e6 }
}

/** Values of a bell curve with the given deviation, cut to `limit`; a share of them zero. */
function bell(count: number, deviation: number, limit: number, zeros: number): Int8Array {
  const random = seededRandom(11)
  return Int8Array.from({ length: count }, () => {
    if (random.next() < zeros) return 0
    let sum = -6
    for (let k = 0; k < 12; k++) sum += random.next()
    return Math.max(-limit, Math.min(limit, Math.round(sum * deviation)))
  })
}

function printSpeed() {
  const count = 2_000_000
  const cases: readonly (readonly [string, Int8Array, readonly CodecName[]])[] = [
    ['dense int8', bell(count, 24, 127, 0), ['int8', 'codebook', 'huffman', 'rans']],
    ['int4', bell(count, 2.5, 7, 0), ['int4', 'codebook', 'huffman', 'rans']],
    ['ternary', bell(count, 0.8, 1, 0), ['ternary', 'codebook', 'huffman', 'rans']],
    ['8 % nonzero', bell(count, 3, 7, 0.92), ['bitmap', 'relative', 'huffman', 'rans']],
    ['binary', bell(count, 2, 1, 0).map((value) => (value < 0 ? -1 : 1)), ['binary', 'rans']],
  ]
  const columns = ['decode median', 'best', 'encode median', 'best'].map((column) => column.padStart(15)).join('')
  console.log(`${'values'.padEnd(14)}${'codec'.padEnd(12)}${columns}`)
  for (const [name, data, names] of cases) {
    const tensor = { data, rows: 1000, rowElements: count / 1000, inner: count / 1000 }
    for (const codec of codecs.filter((one) => names.includes(one.name))) {
      const coded = codec.encode(tensor)
      const decode = speed(count, () => codec.decode(coded))
      const encode = speed(count, () => codec.encode(tensor))
      const figures = [decode.median, decode.best, encode.median, encode.best].map((one) => one.toFixed(0).padStart(15))
      console.log(`${name.padEnd(14)}${codec.name.padEnd(12)}${figures.join('')}`)
    }
  }
}

const what = process.argv[2] ?? 'all'
if (what !== 'speed') {
  const folder = sharedData('codec')
  if (existsSync(folder)) printBytes(await readSets(folder))
  else console.log(`${folder} is not there: no bytes are measured`)
}
if (what !== 'bytes') printSpeed()
