// One table for several tensors where that takes fewer bytes than a table each.
import { Bug } from '../base/errors.ts'
import { type Coded, codecNames, type IntTensor } from './codec.ts'
import { encodeNative, makeTable, type ValueTable } from './native.ts'

/** Codecs whose tables depend on how often values occur alone, so that any tensor with those values can use them. */
export type SharingCodec = 'huffman' | 'rans'

/** How often each value occurs: entry value + 128. */
export function countValues(data: Int8Array): Uint32Array {
  const counts = new Uint32Array(256)
  for (const value of data) counts[value + 128]!++
  return counts
}

/** A tensor encoded with a table from `chooseTables`. */
export function encodeWithTable(codec: SharingCodec, tensor: IntTensor, table: Uint8Array): Coded {
  const coded = encodeNative(codecNames.indexOf(codec), tensor, table)
  if (!coded) throw new Bug(`the ${codec} table given lacks values that the tensor has`)
  return coded
}

/** Every tensor encoded; those that share a table have the very same `table` object. */
export function shareTables(codec: SharingCodec, tensors: readonly IntTensor[]): Coded[] {
  const tables = chooseTables(
    codec,
    tensors.map((tensor) => countValues(tensor.data)),
  )
  return tensors.map((tensor, i) => encodeWithTable(codec, tensor, tables[i]!))
}

interface Group extends ValueTable {
  readonly members: readonly number[]
  readonly counts: Uint32Array
  /** Bits of the values under an ideal code. */
  readonly entropyBits: number
}

/** One table per histogram; the same object where tensors are to share it. */
export function chooseTables(codec: SharingCodec, histograms: readonly Uint32Array[]): Uint8Array[] {
  const id = codecNames.indexOf(codec)
  const groups = mergeAll(
    id,
    histograms.map((counts, i) => groupOf(id, [i], counts)),
  )
  const tables: Uint8Array[] = []
  for (const group of groups) for (const member of group.members) tables[member] = group.table
  return tables
}

const groupOf = (id: number, members: readonly number[], counts: Uint32Array): Group => ({
  ...makeTable(id, counts),
  members,
  counts,
  entropyBits: entropyBits(counts),
})

const totalBits = (group: Group) => 8 * group.table.length + group.payloadBits

/** Zero-order entropy of all values together, bits. */
export function entropyBits(counts: Uint32Array): number {
  let total = 0
  let sum = 0
  for (const count of counts) {
    if (count === 0) continue
    total += count
    sum += count * Math.log2(count)
  }
  return total === 0 ? 0 : total * Math.log2(total) - sum
}

const sumOf = (a: Uint32Array, b: Uint32Array) => a.map((count, v) => count + b[v]!)

/** What merging would save, judged by entropy, bits: the table that the merged group needs is like the larger of the two. */
function promise(a: Group, b: Group): number {
  const table = Math.min(a.table.length, b.table.length) * 8
  return table + a.entropyBits + b.entropyBits - entropyBits(sumOf(a.counts, b.counts))
}

interface Pair {
  readonly a: Group
  readonly b: Group
  readonly bits: number
}

/** Pairs that are worth trying; a little pessimism of the estimate is allowed for. */
function pairsWith(group: Group, others: readonly Group[]): Pair[] {
  return others.map((b) => ({ a: group, b, bits: promise(group, b) })).filter((pair) => pair.bits > -64)
}

/** Merges the most promising pair for as long as a merge is found to save bits. */
function mergeAll(id: number, start: readonly Group[]): readonly Group[] {
  let groups = start
  let pairs = groups.flatMap((group, i) => pairsWith(group, groups.slice(i + 1)))
  while (pairs.length > 0) {
    const best = pairs.reduce((most, pair) => (pair.bits > most.bits ? pair : most))
    pairs = pairs.filter((pair) => pair !== best)
    const members = [...best.a.members, ...best.b.members].sort((a, b) => a - b)
    const merged = groupOf(id, members, sumOf(best.a.counts, best.b.counts))
    if (totalBits(merged) >= totalBits(best.a) + totalBits(best.b)) continue
    const isOld = (group: Group) => group === best.a || group === best.b
    groups = groups.filter((group) => !isOld(group))
    pairs = [...pairs.filter((pair) => !isOld(pair.a) && !isOld(pair.b)), ...pairsWith(merged, groups)]
    groups = [...groups, merged]
  }
  return groups
}
