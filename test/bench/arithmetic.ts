// The arithmetic codec on the sets of integer weights beside the project: bytes beside the best of xz, zstd, brotli, Huffman and
// DeepCABAC and beside the zero-order entropy, then speed in WebAssembly on one
// thread, by processor time, copies into and out of linear memory included: node test/bench/arithmetic.ts
import { existsSync, readFileSync } from 'node:fs'
import { bytesOf, equalBytes } from '../../src-main/base/bytes.ts'
import { arithmetic } from '../../src-main/codecs/arithmetic.ts'
import type { Coded, IntTensor } from '../../src-main/codecs/codec.ts'
import { encodeNative } from '../../src-main/codecs/native.ts'
import { countValues, entropyBits } from '../../src-main/codecs/sharing.ts'
import { readNpz } from '../../src-main/data/npz.ts'
import { sharedData } from '../support/shared.ts'

/** The part of results.json that is compared with, bytes; `nibbles` only for sets of at most 4 bits. */
interface Rivals {
  readonly huff: number
  readonly dc_opt: number
  readonly dc_noopt: number
  readonly dc_tuned: { readonly bytes: number }
  readonly on_bytes: Readonly<Record<string, number>>
  readonly on_nibbles?: Readonly<Record<string, number>>
}

interface Row {
  readonly name: string
  readonly weights: number
  readonly bytes: number
  readonly bestBytes: number
  readonly deepCabacBytes: number
  readonly entropyBytes: number
  readonly searchSeconds: number
  readonly encodeSeconds: number
  readonly decodeSeconds: number
  readonly stateBytes: number
  /** A binary decision tells about a bit at most, and an element takes at least one. */
  readonly leastDecisions: number
}

const folder = sharedData('codec')
if (!existsSync(folder)) {
  console.error('skipped: ../shared/data/codec is not there')
  process.exit(0)
}
const rivals: Record<string, Rivals> = JSON.parse(readFileSync(`${folder}/results.json`, 'utf8'))

async function tensorsOf(set: string): Promise<IntTensor[]> {
  return [...(await readNpz(`${folder}/${set}.npz`)).values()].map(({ shape, data }) => {
    const rows = shape[0] ?? 1
    const rowElements = data.length / rows
    return { data: Int8Array.from(data, Number), rows, rowElements, inner: shape.at(-1) ?? rowElements }
  })
}

/** Median of the processor's time, which others on the machine disturb less than the clock's. */
function seconds(repeats: number, work: () => unknown): number {
  const times = Array.from({ length: repeats }, () => {
    const begin = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(begin)
    return (user + system) / 1e6
  })
  return times.sort((a, b) => a - b)[repeats >> 1]!
}

const bestOf = (set: Rivals) =>
  Math.min(
    set.huff,
    set.dc_opt,
    set.dc_noopt,
    set.dc_tuned.bytes,
    ...Object.values(set.on_bytes),
    ...Object.values(set.on_nibbles ?? {}),
  )

async function measure(name: string, set: Rivals): Promise<Row> {
  const tensors = await tensorsOf(name)
  let coded: Coded[] = []
  const searchSeconds = seconds(1, () => {
    coded = tensors.map((tensor) => arithmetic.encode(tensor))
  })
  const mismatch = coded.findIndex((one, i) => !equalBytes(bytesOf(arithmetic.decode(one)), bytesOf(tensors[i]!.data)))
  if (mismatch >= 0) throw new Error(`${name}: tensor ${mismatch} came back changed`)
  const sum = (of: (one: Coded, tensor: IntTensor) => number) =>
    coded.reduce((all, one, i) => all + of(one, tensors[i]!), 0)
  const weights = sum((_, tensor) => tensor.data.length)
  const bytes = sum((one) => one.payload.length + one.table.length)
  return {
    name,
    weights,
    bytes,
    bestBytes: bestOf(set),
    deepCabacBytes: set.dc_tuned.bytes,
    entropyBytes: Math.ceil(sum((_, tensor) => entropyBits(countValues(tensor.data))) / 8),
    searchSeconds,
    encodeSeconds: sum((one, tensor) => seconds(5, () => encodeNative(arithmetic.id, tensor, one.table))),
    decodeSeconds: sum((one) => seconds(5, () => arithmetic.decode(one))),
    stateBytes: Math.max(...coded.map((one) => arithmetic.stateBytes(one))),
    leastDecisions: Math.max(8 * bytes, weights),
  }
}

const share = (bytes: number, of: number) => `${((bytes / of - 1) * 100).toFixed(2)} %`
const speed = (weights: number, time: number) => (weights / time / 1e6).toFixed(1)

function line(row: Row): string {
  const cells = [
    row.name,
    row.bytes,
    row.bestBytes,
    share(row.bytes, row.bestBytes),
    row.deepCabacBytes,
    share(row.bytes, row.deepCabacBytes),
    row.entropyBytes,
    share(row.bytes, row.entropyBytes),
    speed(row.weights, row.decodeSeconds),
    speed(row.weights, row.encodeSeconds),
    speed(row.weights, row.searchSeconds),
    row.stateBytes,
  ]
  return `| ${cells.join(' | ')} |`
}

function total(rows: readonly Row[]): Row {
  const sum = (of: (row: Row) => number) => rows.reduce((all, row) => all + of(row), 0)
  return {
    name: 'all',
    weights: sum((row) => row.weights),
    bytes: sum((row) => row.bytes),
    bestBytes: sum((row) => row.bestBytes),
    deepCabacBytes: sum((row) => row.deepCabacBytes),
    entropyBytes: sum((row) => row.entropyBytes),
    searchSeconds: sum((row) => row.searchSeconds),
    encodeSeconds: sum((row) => row.encodeSeconds),
    decodeSeconds: sum((row) => row.decodeSeconds),
    stateBytes: Math.max(...rows.map((row) => row.stateBytes)),
    leastDecisions: sum((row) => row.leastDecisions),
  }
}

console.log(
  '| set | bytes | best of the others | | DeepCABAC tuned | | zero-order entropy | | decode, million weights/s | encode, parameters given | encode with search | decoder state, bytes |',
)
console.log('|---|---|---|---|---|---|---|---|---|---|---|---|')
const rows: Row[] = []
for (const [name, set] of Object.entries(rivals)) {
  const row = await measure(name, set)
  console.log(line(row))
  rows.push(row)
}
const all = total(rows)
console.log(line(all))
console.log(
  `\nMillion binary decisions a second, at least: decode ${speed(all.leastDecisions, all.decodeSeconds)}, encode with search ` +
    speed(all.leastDecisions, all.searchSeconds),
)
