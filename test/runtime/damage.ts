// Packs made wrong on purpose.
import { crc32 } from '../../src-main/base/crc32.ts'
import { headerBytes, sectionNames, sectionTableAt } from '../../src-main/formats/shoe/layout.ts'

/** Makes all checksums right again, as far as the section table allows, so that damage gets past them. */
export function reseal(pack: Uint8Array): Uint8Array {
  const view = new DataView(pack.buffer, pack.byteOffset, pack.byteLength)
  if (pack.byteLength < headerBytes) return pack
  sectionNames.forEach((_, i) => {
    const entry = sectionTableAt + i * 12
    const offset = view.getUint32(entry, true)
    const length = view.getUint32(entry + 4, true)
    if (offset + length <= pack.byteLength)
      view.setUint32(entry + 8, crc32(pack.subarray(offset, offset + length)), true)
  })
  view.setUint32(headerBytes - 4, crc32(pack.subarray(0, headerBytes - 4)), true)
  return pack
}

export interface Damage {
  /** Where, 0 to 1, within the parts of the pack that hold no plain weights or names. */
  readonly place: number
  /** Bytes written: 1, 2 or 4, aligned to as many. */
  readonly width: 1 | 2 | 4
  readonly value: number
  /** Added to what is there instead of replacing it. */
  readonly relative: boolean
}

/** Byte ranges of the section table, PLAN (mostly), TENSORS, REQUANT, and coded weights with their tables: where a lie can do harm. */
function structure(pack: Uint8Array): [number, number][] {
  const view = new DataView(pack.buffer, pack.byteOffset)
  const coded = view.getUint16(4, true) > 1 ? (['WEIGHTS', 'TABLES', 'TENSORS'] as const) : []
  const names = ['PLAN', 'PLAN', 'PLAN', 'TENSORS', 'REQUANT', ...coded] as const
  const ranges = names.map((name): [number, number] => {
    const entry = sectionTableAt + sectionNames.indexOf(name) * 12
    const offset = view.getUint32(entry, true)
    return [offset, Math.min(offset + view.getUint32(entry + 4, true), offset + 200)]
  })
  return [[sectionTableAt, sectionTableAt + 24], ...ranges]
}

export function damaged(pack: Uint8Array, damages: readonly Damage[], truncateTo = pack.byteLength): Uint8Array {
  const copy = pack.slice()
  const view = new DataView(copy.buffer)
  const places = structure(pack).flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i))
  for (const { place, width, value, relative } of damages) {
    const at = places[Math.floor(place * (places.length - 1))]!
    const aligned = at - (at % width)
    if (aligned + width > copy.byteLength) continue
    if (width === 1) view.setUint8(aligned, relative ? view.getUint8(aligned) + value : value)
    else if (width === 2) view.setUint16(aligned, relative ? view.getUint16(aligned, true) + value : value, true)
    else view.setUint32(aligned, relative ? view.getUint32(aligned, true) + value : value, true)
  }
  return copy.subarray(0, truncateTo)
}
