import type { SectionName } from './layout.ts'
import { bySection, readSections } from './read.ts'

/** Bytes of a pack by what they are for; the five kinds add up to the total. */
export interface PackSizes {
  readonly totalBytes: number
  readonly sections: Readonly<Record<SectionName, number>>
  /** Constants of the network: WEIGHTS. */
  readonly weightsBytes: number
  /** Tables of smooth functions and of resizing: TABLES. */
  readonly tablesBytes: number
  /** Fixed-point factors: REQUANT. */
  readonly requantBytes: number
  /** Origin and names, which the device never reads: META. */
  readonly metaBytes: number
  /** The rest: header, PLAN, TENSORS and the bytes between sections. */
  readonly planBytes: number
}

export function packSizes(bytes: Uint8Array): PackSizes {
  const sections = readSections(bytes)
  const sizes = bySection((name) => sections[name].byteLength)
  const totalBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true)
  return {
    totalBytes,
    sections: sizes,
    weightsBytes: sizes.WEIGHTS,
    tablesBytes: sizes.TABLES,
    requantBytes: sizes.REQUANT,
    metaBytes: sizes.META,
    planBytes: totalBytes - sizes.WEIGHTS - sizes.TABLES - sizes.REQUANT - sizes.META,
  }
}
