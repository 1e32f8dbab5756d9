// Deflate with zlib's search for matches, so that an archive member that zlib wrote (Python, NumPy, most zip tools) can be made
// again bit for bit from what it holds. Node's zlib cannot be used for that: it hashes by what the processor offers, and its
// output differs from zlib's and from machine to machine. Method: RFC 1951, chapter 4, and zlib's algorithm.txt.
import { BitSink } from './bit-sink.ts'
import { BlockWriter } from './deflate-block.ts'

interface Effort {
  /** A match this long in hand cuts the search to a quarter. */
  readonly good: number
  /** Matches up to this are compared with the one at the next byte; in the quick search: are entered byte by byte. */
  readonly lazy: number
  /** A match this long ends the search. */
  readonly nice: number
  /** Candidates that are looked at. */
  readonly chain: number
  readonly quick: boolean
}

const effort = (good: number, lazy: number, nice: number, chain: number, quick = false): Effort => ({
  good,
  lazy,
  nice,
  chain,
  quick,
})

/** zlib's levels 1 to 9. */
const efforts: readonly Effort[] = [
  effort(4, 4, 8, 4, true),
  effort(4, 5, 16, 8, true),
  effort(4, 6, 32, 32, true),
  effort(4, 4, 16, 16),
  effort(8, 16, 32, 32),
  effort(8, 16, 128, 128),
  effort(8, 32, 128, 256),
  effort(32, 128, 258, 1024),
  effort(32, 258, 258, 4096),
]
/** Levels in the order in which archives use them. */
export const deflateLevels: readonly number[] = [6, 9, 1, 5, 7, 8, 4, 3, 2]

const windowBytes = 1 << 15
const windowMask = windowBytes - 1
const leastMatch = 3
const mostMatch = 258
const leastAhead = mostMatch + leastMatch + 1
const farthest = windowBytes - leastAhead
/** Matches of three bytes farther than this cost more than they save. */
const tooFar = 4096
const hashMask = (1 << 15) - 1
const hashShift = 5

export function deflateLikeZlib(bytes: Uint8Array, level: number): Uint8Array {
  const deflater = new Deflater(bytes, efforts[level - 1]!)
  return deflater.run()
}

class Deflater {
  readonly #input: Uint8Array
  readonly #effort: Effort
  readonly #sink: BitSink
  readonly #blocks: BlockWriter
  /** Two halves: when the second is nearly used up it moves down. Room behind for reading past the end of the input. */
  readonly #window = new Uint8Array(2 * windowBytes + mostMatch)
  /** Last place of each hash, and the place before it of each place; 0 is none. */
  readonly #head = new Uint16Array(hashMask + 1)
  readonly #previous = new Uint16Array(windowBytes)
  #read = 0
  #at = 0
  #ahead = 0
  #blockAt = 0
  #hash = 0
  #matchAt = 0

  constructor(input: Uint8Array, found: Effort) {
    this.#input = input
    this.#effort = found
    this.#sink = new BitSink(Math.max(1024, input.length >> 1))
    this.#blocks = new BlockWriter(this.#sink)
  }

  run(): Uint8Array {
    if (this.#effort.quick) this.#quick()
    else this.#lazy()
    this.#flush(true)
    return this.#sink.bytes()
  }

  /** False at the end of the input. */
  #fill(): boolean {
    if (this.#ahead >= leastAhead) return true
    do {
      if (this.#at >= windowBytes + farthest) this.#slide()
      const end = this.#at + this.#ahead
      const part = this.#input.subarray(this.#read, this.#read + 2 * windowBytes - end)
      if (part.length === 0) break
      this.#window.set(part, end)
      this.#read += part.length
      this.#ahead += part.length
      if (this.#ahead >= leastMatch) {
        this.#hash = this.#window[this.#at]!
        this.#roll(this.#window[this.#at + 1]!)
      }
    } while (this.#ahead < leastAhead)
    return this.#ahead > 0
  }

  #slide() {
    this.#window.copyWithin(0, windowBytes, 2 * windowBytes)
    this.#at -= windowBytes
    this.#blockAt -= windowBytes
    this.#matchAt -= windowBytes
    for (const places of [this.#head, this.#previous])
      for (let i = 0; i < places.length; i++) places[i] = places[i]! >= windowBytes ? places[i]! - windowBytes : 0
  }

  #roll(byte: number) {
    this.#hash = ((this.#hash << hashShift) ^ byte) & hashMask
  }

  /** Enters the three bytes at `place`; gives the last place with their hash. */
  #enter(place: number): number {
    this.#roll(this.#window[place + 2]!)
    const last = this.#head[this.#hash]!
    this.#previous[place & windowMask] = last
    this.#head[this.#hash] = place
    return last
  }

  #quick() {
    while (this.#fill()) {
      const candidate = this.#ahead >= leastMatch ? this.#enter(this.#at) : 0
      const near = candidate !== 0 && this.#at - candidate <= farthest
      const length = near ? this.#longest(candidate, leastMatch - 1) : 0
      const full =
        length >= leastMatch
          ? this.#blocks.match(this.#at - this.#matchAt, length)
          : this.#blocks.literal(this.#window[this.#at]!)
      if (length >= leastMatch) this.#passQuickly(length)
      else this.#step()
      if (full) this.#flush(false)
    }
  }

  #passQuickly(length: number) {
    this.#ahead -= length
    if (length <= this.#effort.lazy && this.#ahead >= leastMatch) {
      for (let i = 1; i < length; i++) this.#enter(++this.#at)
      this.#at++
      return
    }
    this.#at += length
    this.#hash = this.#window[this.#at]!
    this.#roll(this.#window[this.#at + 1]!)
  }

  #lazy() {
    let [length, waiting] = [leastMatch - 1, false]
    while (this.#fill()) {
      const candidate = this.#ahead >= leastMatch ? this.#enter(this.#at) : 0
      const [before, beforeAt] = [length, this.#matchAt]
      length = leastMatch - 1
      if (candidate !== 0 && before < this.#effort.lazy && this.#at - candidate <= farthest) {
        length = this.#longest(candidate, before)
        if (length === leastMatch && this.#at - this.#matchAt > tooFar) length = leastMatch - 1
      }
      if (before >= leastMatch && length <= before) {
        const full = this.#blocks.match(this.#at - 1 - beforeAt, before)
        this.#passLazily(before)
        ;[length, waiting] = [leastMatch - 1, false]
        if (full) this.#flush(false)
      } else {
        if (waiting && this.#blocks.literal(this.#window[this.#at - 1]!)) this.#flush(false)
        waiting = true
        this.#step()
      }
    }
    if (waiting) this.#blocks.literal(this.#window[this.#at - 1]!)
  }

  /** Past a match that began one byte ago. */
  #passLazily(length: number) {
    const lastEntered = this.#at + this.#ahead - leastMatch
    this.#ahead -= length - 1
    for (let i = length - 2; i > 0; i--) if (++this.#at <= lastEntered) this.#enter(this.#at)
    this.#at++
  }

  #step() {
    this.#at++
    this.#ahead--
  }

  /** Length of the longest match along the chain from `candidate` that is longer than `least`; its place in #matchAt. */
  #longest(candidate: number, least: number): number {
    const at = this.#at
    const { good, nice } = this.#effort
    let chain = least >= good ? this.#effort.chain >> 2 : this.#effort.chain
    const enough = Math.min(nice, this.#ahead)
    const limit = at > farthest ? at - farthest : 0
    let best = least
    let place = candidate
    // the first candidate may be as far as any, those behind it a byte less
    do {
      const length = this.#lengthAt(place, at, best)
      if (length > best) {
        this.#matchAt = place
        best = length
        if (length >= enough) break
      }
      place = this.#previous[place & windowMask]!
    } while (place > limit && --chain > 0)
    return Math.min(best, this.#ahead)
  }

  /** How many bytes are equal, 0 when they are not more than `best`. */
  #lengthAt(place: number, at: number, best: number): number {
    const window = this.#window
    if (window[place + best] !== window[at + best] || window[place + best - 1] !== window[at + best - 1]) return 0
    let length = 0
    while (length < mostMatch && window[place + length] === window[at + length]) length++
    return length
  }

  #flush(last: boolean) {
    const bytes = this.#at - this.#blockAt
    const original = this.#blockAt >= 0 ? this.#window.subarray(this.#blockAt, this.#at) : null
    this.#blocks.flush(original, bytes, last)
    this.#blockAt = this.#at
  }
}
