// Huffman trees the way zlib makes them: of all optimal trees the one that its heap, its order of ties and its repair of too long
// codes give, so that a stream it wrote can be made again. Method: RFC 1951, 3.2.2, and zlib's algorithm.txt.

export interface TreeKind {
  readonly elements: number
  readonly maxBits: number
  /** Extra bits of symbol n: extra[n - extraBase]. */
  readonly extra: Uint8Array
  readonly extraBase: number
  /** Code lengths of the fixed tree; none for the tree of code lengths. */
  readonly fixed: Uint8Array | null
}

/** A tree with the counts of a block; `count` is filled by the block. */
export class Tree {
  readonly kind: TreeKind
  /** Leaves, then the inner nodes. */
  readonly count: Uint32Array
  readonly bits: Uint8Array
  readonly code: Uint16Array
  /** Last symbol that is used. */
  maxCode = 0
  /** Bits of all symbols with their extra bits, under this tree and under the fixed one. */
  ownBits = 0
  fixedBits = 0
  readonly #parent: Uint16Array
  readonly #depth: Uint8Array
  readonly #heap: Int32Array
  #heapLength = 0

  constructor(kind: TreeKind) {
    const nodes = 2 * kind.elements + 1
    this.kind = kind
    this.count = new Uint32Array(nodes)
    this.bits = new Uint8Array(nodes)
    this.code = new Uint16Array(kind.elements)
    this.#parent = new Uint16Array(nodes)
    this.#depth = new Uint8Array(nodes)
    this.#heap = new Int32Array(nodes + 1)
  }

  clear() {
    this.count.fill(0)
  }

  build() {
    this.ownBits = 0
    this.fixedBits = 0
    this.#fillHeap()
    const order = this.#join()
    this.#assignBits(order)
    assignCodes(this.bits, this.maxCode, this.code)
  }

  /** Leaves that are used; at least two, so that every code has a bit. */
  #fillHeap() {
    const { elements, fixed } = this.kind
    this.#heapLength = 0
    this.maxCode = -1
    for (let n = 0; n < elements; n++) {
      this.bits[n] = 0
      if (this.count[n] === 0) continue
      this.#heap[++this.#heapLength] = n
      this.maxCode = n
      this.#depth[n] = 0
    }
    while (this.#heapLength < 2) {
      const n = this.maxCode < 2 ? ++this.maxCode : 0
      this.#heap[++this.#heapLength] = n
      this.count[n] = 1
      this.#depth[n] = 0
      this.ownBits--
      if (fixed) this.fixedBits -= fixed[n]!
    }
    for (let n = this.#heapLength >> 1; n >= 1; n--) this.#sift(n)
  }

  /** Joins the two least counts until one node is left; gives the nodes from the root down. */
  #join(): number[] {
    const order: number[] = []
    let node = this.kind.elements
    do {
      const a = this.#heap[1]!
      this.#heap[1] = this.#heap[this.#heapLength--]!
      this.#sift(1)
      const b = this.#heap[1]!
      order.push(a, b)
      this.count[node] = this.count[a]! + this.count[b]!
      this.#depth[node] = Math.max(this.#depth[a]!, this.#depth[b]!) + 1
      this.#parent[a] = node
      this.#parent[b] = node
      this.#heap[1] = node++
      this.#sift(1)
    } while (this.#heapLength >= 2)
    order.push(this.#heap[1]!)
    return order.reverse()
  }

  #smaller(a: number, b: number): boolean {
    const [x, y] = [this.count[a]!, this.count[b]!]
    return x < y || (x === y && this.#depth[a]! <= this.#depth[b]!)
  }

  #sift(from: number) {
    const heap = this.#heap
    const moved = heap[from]!
    let at = from
    for (let child = 2 * at; child <= this.#heapLength; child *= 2) {
      if (child < this.#heapLength && this.#smaller(heap[child + 1]!, heap[child]!)) child++
      if (this.#smaller(moved, heap[child]!)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = moved
  }

  #assignBits(order: readonly number[]) {
    const { maxBits, extra, extraBase, fixed } = this.kind
    const perLength = new Uint16Array(maxBits + 1)
    let tooLong = 0
    this.bits[order[0]!] = 0
    for (const n of order.slice(1)) {
      let bits = this.bits[this.#parent[n]!]! + 1
      if (bits > maxBits) {
        bits = maxBits
        tooLong++
      }
      this.bits[n] = bits
      if (n > this.maxCode) continue
      perLength[bits]!++
      const more = n >= extraBase ? extra[n - extraBase]! : 0
      this.ownBits += this.count[n]! * (bits + more)
      if (fixed) this.fixedBits += this.count[n]! * (fixed[n]! + more)
    }
    if (tooLong > 0) this.#shorten(order, perLength, tooLong)
  }

  /** Moves leaves down a level to make room for those that were too deep, then deals the lengths out again from the end. */
  #shorten(order: readonly number[], perLength: Uint16Array, tooLong: number) {
    const { maxBits } = this.kind
    for (let left = tooLong; left > 0; left -= 2) {
      let bits = maxBits - 1
      while (perLength[bits] === 0) bits--
      perLength[bits]!--
      perLength[bits + 1]! += 2
      perLength[maxBits]!--
    }
    let at = order.length
    for (let bits = maxBits; bits > 0; bits--) {
      for (let n = perLength[bits]!; n > 0; ) {
        const leaf = order[--at]!
        if (leaf > this.maxCode) continue
        this.ownBits += (bits - this.bits[leaf]!) * this.count[leaf]!
        this.bits[leaf] = bits
        n--
      }
    }
  }
}

/** Canonical codes, their bits reversed. */
export function assignCodes(bits: Uint8Array, maxCode: number, code: Uint16Array) {
  const perLength = new Uint16Array(17)
  for (let n = 0; n <= maxCode; n++) if (bits[n]! > 0) perLength[bits[n]!]!++
  const next = new Uint16Array(17)
  for (let length = 1; length <= 16; length++) next[length] = (next[length - 1]! + perLength[length - 1]!) << 1
  for (let n = 0; n <= maxCode; n++) if (bits[n]! > 0) code[n] = reversed(next[bits[n]!]!++, bits[n]!)
}

function reversed(code: number, bits: number): number {
  let result = 0
  for (let i = 0; i < bits; i++) result |= ((code >> i) & 1) << (bits - 1 - i)
  return result
}
