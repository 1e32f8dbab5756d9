// Coded constants of a pack, decoded by the code that devices run.
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import { type Coded, codecNames } from '../../codecs/codec.ts'
import { codecs } from '../../codecs/registry.ts'
import type { Place, StorageMode } from '../../targets/plan.ts'
import { fromRows, rowShape } from '../../targets/weight-rows.ts'
import { storageCodes } from './layout.ts'
import { checkedElements, malformed, type Placed, readerOf, type Sections } from './read.ts'

/** A few bytes can claim any number of elements. All tensors of a pack together may have this many. */
const mostDecoded = 2 ** 26

const modeByCode = new Map<number, StorageMode>([
  [storageCodes.direct, 'direct'],
  [storageCodes.streamed, 'streamed'],
  [storageCodes.resident, 'resident'],
])

interface Block extends Coded {
  readonly rowDims: number
  readonly residentOffset: number | undefined
}

export class CodedReader {
  readonly #sections: Sections
  readonly #arenaBytes: number
  #decoded = 0

  constructor(sections: Sections, arenaBytes: number) {
    this.#sections = sections
    this.#arenaBytes = arenaBytes
  }

  /** @param code of the storage mode */
  read(code: number, t: Placed): Place {
    const mode = modeByCode.get(code) ?? malformed(say`tensor ${t.name} is stored in an unknown way`)
    if (!t.constant || t.dtype !== 'i8' || t.offset % 4 !== 0) malformed(say`tensor ${t.name} cannot be coded`)
    const elements = checkedElements(t)
    this.#decoded += elements
    if (this.#decoded > mostDecoded) malformed(say`its coded tensors are impossibly large`)
    const { rowDims, residentOffset, ...coded } = this.#block(mode, t)
    if (residentOffset !== undefined && residentOffset + elements > this.#arenaBytes)
      malformed(say`tensor ${t.name} lies outside its memory`)
    const { data, stateBytes } = decoded(coded, t.name)
    const { codec, payload, table } = coded
    const storage = { mode, codec, rowDims, payload, table, stateBytes }
    return {
      kind: 'constant',
      data: fromRows(data, t.shape, rowDims),
      storage: residentOffset === undefined ? storage : { ...storage, residentOffset },
    }
  }

  #block(mode: StorageMode, t: Placed): Block {
    const at = readerOf('WEIGHTS', this.#sections.WEIGHTS).seek(t.offset)
    const codec = codecNames[at.u8()] ?? malformed(say`tensor ${t.name} has an unknown codec`)
    const rowDims = at.u8()
    if (rowDims >= t.shape.length) malformed(say`tensor ${t.name} has impossible rows`)
    const [tableBytes, payloadBytes] = [at.u16(), at.u32()]
    const tableAt = tableBytes > 0 ? at.u32() : 0
    const residentOffset = mode === 'resident' ? at.u32() : undefined
    const payload = at.slice(payloadBytes)
    const table = readerOf('TABLES', this.#sections.TABLES).seek(tableAt).slice(tableBytes)
    return { codec, payload, table, ...rowShape(t.shape, rowDims), rowDims, residentOffset }
  }
}

function decoded(coded: Coded, name: string) {
  const codec = codecs.find((one) => one.name === coded.codec)
  if (!codec) return malformed(say`tensor ${name} is coded as ${coded.codec}, which cannot be read here`)
  try {
    return { data: codec.decode(coded), stateBytes: codec.stateBytes(coded) }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return malformed(say`tensor ${name} cannot be decoded`)
  }
}
