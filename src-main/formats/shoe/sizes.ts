import { codedHeaderBytes, type SectionName, storageCodes, tensorBytes } from './layout.ts'
import { bySection, readerOf, readSections, type Sections } from './read.ts'

/** Bytes of a pack by what they are for; the kinds add up to the total. */
export interface PackSizes {
  readonly totalBytes: number
  readonly sections: Readonly<Record<SectionName, number>>
  /** int8 constants of the network, coded or plain, and what aligns them: WEIGHTS without the two below. */
  readonly weightsBytes: number
  /** int32 constants: the rest of WEIGHTS but for the headers of coded constants. */
  readonly biasBytes: number
  /** What decoders are told of the statistics: part of TABLES. */
  readonly codecTablesBytes: number
  /** Tables of smooth functions and of resizing: the rest of TABLES. */
  readonly tablesBytes: number
  /** Fixed-point factors: REQUANT. */
  readonly requantBytes: number
  /** Origin and names, which the device never reads: META. */
  readonly metaBytes: number
  /** The rest: header, PLAN, TENSORS, headers of coded constants, and the bytes between sections. */
  readonly planBytes: number
}

export function packSizes(bytes: Uint8Array): PackSizes {
  const sections = readSections(bytes)
  const sizes = bySection((name) => sections[name].byteLength)
  const totalBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true)
  const { biasBytes, headerBytes, codecTablesBytes } = constantSizes(sections)
  return {
    totalBytes,
    sections: sizes,
    weightsBytes: sizes.WEIGHTS - biasBytes - headerBytes,
    biasBytes,
    codecTablesBytes,
    tablesBytes: sizes.TABLES - codecTablesBytes,
    requantBytes: sizes.REQUANT,
    metaBytes: sizes.META,
    planBytes: totalBytes - sizes.WEIGHTS - sizes.TABLES - sizes.REQUANT - sizes.META + headerBytes,
  }
}

/** Each piece once, however many tensors share it. */
function constantSizes(sections: Sections) {
  const count = readerOf('PLAN', sections.PLAN).u16()
  const at = readerOf('TENSORS', sections.TENSORS)
  const biases = new Map<number, number>()
  const headers = new Map<number, number>()
  const tables = new Map<number, number>()
  for (let i = 0; i < count; i++) {
    const { wide, storage, rank, firstDim, offset } = tensorRecord(at.seek(i * tensorBytes))
    if (wide) {
      at.seek(count * tensorBytes + firstDim * 4)
      let elements = 1
      for (let d = 0; d < rank; d++) elements *= at.u32()
      biases.set(offset, elements * 4)
    } else if (storage > 0) {
      const block = readerOf('WEIGHTS', sections.WEIGHTS).seek(offset).skip(2)
      const tableBytes = block.u16()
      if (tableBytes > 0) tables.set(block.skip(4).u32(), tableBytes)
      headers.set(offset, codedHeaderBytes + (tableBytes > 0 ? 4 : 0) + (storage === storageCodes.resident ? 4 : 0))
    }
  }
  const sum = (pieces: ReadonlyMap<number, number>) => [...pieces.values()].reduce((total, bytes) => total + bytes, 0)
  return { biasBytes: sum(biases), headerBytes: sum(headers), codecTablesBytes: sum(tables) }
}

function tensorRecord(at: { u8(): number; u16(): number; u32(): number; skip(count: number): unknown }) {
  const type = at.u8()
  at.skip(1)
  return { wide: (type & 1) !== 0, storage: type >> 5, rank: (type >> 2) & 7, firstDim: at.u16(), offset: at.u32() }
}
