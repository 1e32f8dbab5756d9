// Blocks of a deflate stream (RFC 1951, 3.2.3 to 3.2.7): symbols are gathered, and written stored, under the fixed trees or under
// their own, by the rule that zlib uses.
import type { BitSink } from './bit-sink.ts'
import { assignCodes, Tree, type TreeKind } from './deflate-tree.ts'

/** Symbols after which zlib ends a block (memLevel 8, its default). */
const blockSymbols = (1 << 14) - 1

const lengthExtra = Uint8Array.from([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
])
const distanceExtra = Uint8Array.from({ length: 30 }, (_, code) => Math.max(0, (code >> 1) - 1))
const endOfBlock = 256
const [copy, zeros, manyZeros] = [16, 17, 18]

/** Length - 3 to its code, and where each code starts. Length 258 has a code of its own. */
const lengthCode = new Uint8Array(256)
const lengthStart = new Uint8Array(29)
for (let code = 0, length = 0; code < 28; code++) {
  lengthStart[code] = length
  for (let n = 0; n < 1 << lengthExtra[code]!; n++) lengthCode[length++] = code
}
lengthCode[255] = 28

/** Distance - 1 to its code: up to 255 in the first half, by its high bits in the second. */
const distanceCodes = new Uint8Array(512)
const distanceStart = new Uint16Array(30)
for (let code = 0, distance = 0; code < 30; code++) {
  distanceStart[code] = distance
  for (let n = 0; n < 1 << distanceExtra[code]!; n++, distance++)
    distanceCodes[distance < 256 ? distance : 256 + (distance >> 7)] = code
}
const distanceCode = (distance: number) => distanceCodes[distance < 256 ? distance : 256 + (distance >> 7)]!

const fixedLiteralBits = Uint8Array.from({ length: 288 }, (_, n) => (n < 144 ? 8 : n < 256 ? 9 : n < 280 ? 7 : 8))
const fixedLiteralCodes = new Uint16Array(288)
assignCodes(fixedLiteralBits, 287, fixedLiteralCodes)
const fixedDistanceBits = new Uint8Array(30).fill(5)
const fixedDistanceCodes = new Uint16Array(30)
assignCodes(fixedDistanceBits, 29, fixedDistanceCodes)

const literalKind: TreeKind = {
  elements: 286,
  maxBits: 15,
  extra: lengthExtra,
  extraBase: 257,
  fixed: fixedLiteralBits,
}
const distanceKind: TreeKind = {
  elements: 30,
  maxBits: 15,
  extra: distanceExtra,
  extraBase: 0,
  fixed: fixedDistanceBits,
}
const lengthsExtra = Uint8Array.from({ length: 19 }, (_, n) =>
  n === copy ? 2 : n === zeros ? 3 : n === manyZeros ? 7 : 0,
)
const lengthsKind: TreeKind = { elements: 19, maxBits: 7, extra: lengthsExtra, extraBase: 0, fixed: null }
/** Code lengths are sent in this order, so that those rarely used come last and can be left out. */
const lengthsOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

interface Codes {
  readonly bits: Uint8Array
  readonly code: Uint16Array
}

export class BlockWriter {
  readonly #sink: BitSink
  /** Distance, or 0 for a literal; and length - 3, or the literal. */
  readonly #distance = new Uint16Array(blockSymbols)
  readonly #value = new Uint8Array(blockSymbols)
  #symbols = 0
  readonly #literals = new Tree(literalKind)
  readonly #distances = new Tree(distanceKind)
  readonly #lengths = new Tree(lengthsKind)

  constructor(sink: BitSink) {
    this.#sink = sink
    this.#start()
  }

  /** True when the block is full. */
  literal(byte: number): boolean {
    this.#literals.count[byte]!++
    return this.#add(0, byte)
  }

  match(distance: number, length: number): boolean {
    this.#literals.count[257 + lengthCode[length - 3]!]!++
    this.#distances.count[distanceCode(distance - 1)]!++
    return this.#add(distance, length - 3)
  }

  #add(distance: number, value: number): boolean {
    this.#distance[this.#symbols] = distance
    this.#value[this.#symbols++] = value
    return this.#symbols === blockSymbols
  }

  /** Ends the block. `original`: its bytes, null when they are gone, and then it cannot be stored. */
  flush(original: Uint8Array | null, originalBytes: number, last: boolean) {
    this.#literals.build()
    this.#distances.build()
    const sent = this.#buildLengths()
    const own = this.#literals.ownBits + this.#distances.ownBits + this.#lengths.ownBits + 3 * sent + 14
    const ownBytes = (own + 10) >>> 3
    const fixedBytes = (this.#literals.fixedBits + this.#distances.fixedBits + 10) >>> 3
    const flag = last ? 1 : 0
    if (original && originalBytes + 4 <= Math.min(ownBytes, fixedBytes)) this.#store(original, flag)
    else if (fixedBytes <= ownBytes) {
      this.#sink.put(2 + flag, 3)
      this.#write(
        { bits: fixedLiteralBits, code: fixedLiteralCodes },
        { bits: fixedDistanceBits, code: fixedDistanceCodes },
      )
    } else {
      this.#sink.put(4 + flag, 3)
      this.#writeTrees(sent)
      this.#write(this.#literals, this.#distances)
    }
    if (last) this.#sink.align()
    this.#start()
  }

  #start() {
    this.#symbols = 0
    this.#literals.clear()
    this.#distances.clear()
    this.#lengths.clear()
    this.#literals.count[endOfBlock] = 1
  }

  #store(original: Uint8Array, flag: number) {
    this.#sink.put(flag, 3)
    this.#sink.align()
    this.#sink.put(original.length, 16)
    this.#sink.put(~original.length & 0xffff, 16)
    this.#sink.raw(original)
  }

  /** How many code lengths of the tree of code lengths are sent. */
  #buildLengths(): number {
    for (const tree of [this.#literals, this.#distances])
      runs(tree, (symbol, _extra, times) => {
        this.#lengths.count[symbol]! += times
      })
    this.#lengths.build()
    let last = 18
    while (last >= 3 && this.#lengths.bits[lengthsOrder[last]!] === 0) last--
    return last + 1
  }

  #writeTrees(sent: number) {
    const { bits, code } = this.#lengths
    this.#sink.put(this.#literals.maxCode + 1 - 257, 5)
    this.#sink.put(this.#distances.maxCode, 5)
    this.#sink.put(sent - 4, 4)
    for (const symbol of lengthsOrder.slice(0, sent)) this.#sink.put(bits[symbol]!, 3)
    for (const tree of [this.#literals, this.#distances])
      runs(tree, (symbol, extra, times) => {
        for (let i = 0; i < times; i++) this.#sink.put(code[symbol]!, bits[symbol]!)
        if (symbol >= copy) this.#sink.put(extra, lengthsExtra[symbol]!)
      })
  }

  #write(literals: Codes, distances: Codes) {
    const sink = this.#sink
    for (let i = 0; i < this.#symbols; i++) {
      const value = this.#value[i]!
      const distance = this.#distance[i]! - 1
      if (distance < 0) {
        sink.put(literals.code[value]!, literals.bits[value]!)
        continue
      }
      const lengthAt = lengthCode[value]!
      sink.put(literals.code[257 + lengthAt]!, literals.bits[257 + lengthAt]!)
      if (lengthExtra[lengthAt]! > 0) sink.put(value - lengthStart[lengthAt]!, lengthExtra[lengthAt]!)
      const at = distanceCode(distance)
      sink.put(distances.code[at]!, distances.bits[at]!)
      if (distanceExtra[at]! > 0) sink.put(distance - distanceStart[at]!, distanceExtra[at]!)
    }
    sink.put(literals.code[endOfBlock]!, literals.bits[endOfBlock]!)
  }
}

/** The code lengths of a tree as literal lengths, each `times` times, and runs with `extra` bits. */
function runs({ bits, maxCode }: Tree, emit: (symbol: number, extra: number, times: number) => void) {
  let previous = -1
  for (let n = 0; n <= maxCode; ) {
    const length = bits[n]!
    const most = length === 0 ? 138 : length === previous ? 6 : 7
    let count = 1
    while (count < most && n + count <= maxCode && bits[n + count] === length) count++
    const least = length === 0 || length === previous ? 3 : 4
    if (count < least) emit(length, 0, count)
    else if (length !== 0) {
      if (length !== previous) emit(length, 0, 1)
      emit(copy, count - (length === previous ? 3 : 4), 1)
    } else if (count <= 10) emit(zeros, count - 3, 1)
    else emit(manyZeros, count - 11, 1)
    previous = length
    n += count
  }
}
