// Names in META repeat each other's beginnings (paths of layers), so each is written as a part of an earlier one and a rest:
// u8 how many names back (0 none), u8 bytes taken from its start, u16 length of the rest, the rest.
import type { ByteReader, ByteWriter } from '../../base/bytes.ts'
import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'

const mostBack = 255
const mostShared = 255

export class NameWriter {
  readonly #out: ByteWriter
  readonly #earlier: Uint8Array[] = []

  constructor(out: ByteWriter) {
    this.#out = out
  }

  write(name: string): this {
    const bytes = new TextEncoder().encode(name)
    const { back, shared } = this.#longest(bytes)
    const rest = bytes.length - shared
    if (rest > 0xffff)
      throw new AppError('fit.limit', { what: say`the length of a name in bytes`, found: rest, limit: 0xffff })
    this.#out.u8(back).u8(shared).u16(rest).raw(bytes.subarray(shared))
    this.#earlier.unshift(bytes)
    this.#earlier.length = Math.min(this.#earlier.length, mostBack)
    return this
  }

  /** The nearest of the earlier names that share the longest beginning. */
  #longest(bytes: Uint8Array): { back: number; shared: number } {
    let best = { back: 0, shared: 0 }
    this.#earlier.forEach((earlier, i) => {
      const most = Math.min(bytes.length, earlier.length, mostShared)
      let shared = 0
      while (shared < most && bytes[shared] === earlier[shared]) shared++
      if (shared > best.shared) best = { back: i + 1, shared }
    })
    return best
  }
}

export class NameReader {
  readonly #at: ByteReader
  readonly #earlier: Uint8Array[] = []
  readonly #malformed: (problem: Note) => never

  constructor(at: ByteReader, malformed: (problem: Note) => never) {
    this.#at = at
    this.#malformed = malformed
  }

  read(): string {
    const back = this.#at.u8()
    const shared = this.#at.u8()
    const earlier = back === 0 ? new Uint8Array(0) : this.#earlier[back - 1]
    if (!earlier || earlier.length < shared) return this.#malformed(say`a name refers to one that is not there`)
    const bytes = Buffer.concat([earlier.subarray(0, shared), this.#at.slice(this.#at.u16())])
    this.#earlier.unshift(bytes)
    this.#earlier.length = Math.min(this.#earlier.length, mostBack)
    return bytes.toString('utf8')
  }
}
