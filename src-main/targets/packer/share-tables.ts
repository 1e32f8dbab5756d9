// One table for several tensors of the same codec, where that is smaller: a table over all their weights fits each a little
// worse, and is stored once.
import { codecNames, type IntTensor } from '../../codecs/codec.ts'
import { encodeNative } from '../../codecs/native.ts'
import type { Codec, CodecName, Coded } from '../../codecs/registry.ts'

export interface SharableTensor {
  readonly key: number
  readonly rows: IntTensor
  readonly coded: Coded
}

const totalBytes = (codings: readonly Coded[], table: number) =>
  codings.reduce((sum, { payload }) => sum + payload.length, table)

/** Codings with one table for those tensors for which that is smaller; empty when it never is. */
export function shareTable(codec: Codec, tensors: readonly SharableTensor[]): ReadonlyMap<number, Coded> {
  let members = tensors.filter(({ coded }) => coded.table.length > 0)
  while (members.length > 1) {
    const shared = encodeTogether(codec.name, members)
    // A tensor stays while the shared table costs its payload less than a table of its own does.
    const kept = members.filter(({ coded }, i) => {
      const own = coded.payload.length + coded.table.length
      return shared?.[i] && shared[i].payload.length < own
    })
    if (shared && kept.length === members.length) {
      const own = members.reduce((sum, { coded }) => sum + coded.payload.length + coded.table.length, 0)
      if (totalBytes(shared, shared[0]!.table.length) >= own) return new Map()
      return new Map(members.map(({ key }, i) => [key, shared[i]!]))
    }
    if (!shared) return new Map()
    members = kept
  }
  return new Map()
}

/** null when the codec cannot hold them with one table. */
function encodeTogether(name: CodecName, members: readonly SharableTensor[]): Coded[] | null {
  const id = codecNames.indexOf(name)
  const all = concatenated(members.map(({ rows }) => rows.data))
  const table = encodeNative(id, { data: all, rows: 1, rowElements: all.length, inner: all.length })?.table
  if (!table || table.length === 0) return null
  const codings = members.map(({ rows }) => encodeNative(id, rows, table))
  return codings.every((coded) => coded !== null) ? codings : null
}

function concatenated(parts: readonly Int8Array[]): Int8Array {
  const all = new Int8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
