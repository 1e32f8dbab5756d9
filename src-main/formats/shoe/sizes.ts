import type { SectionName } from './layout.ts'
import { bySection, readSections } from './read.ts'

/** Bytes of a pack by what they are for; weights, tables, requant and plan add up to the total. */
export interface PackSizes {
  readonly totalBytes: number
  readonly sections: Readonly<Record<SectionName, number>>
  /** Constants of the network: WEIGHTS. */
  readonly weightsBytes: number
  /** Tables of smooth functions and of resizing: TABLES. */
  readonly tablesBytes: number
  /** Fixed-point factors: REQUANT. */
  readonly requantBytes: number
  /** The rest: header, META, PLAN, TENSORS and the bytes between sections. */
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
    planBytes: totalBytes - sizes.WEIGHTS - sizes.TABLES - sizes.REQUANT,
  }
}
