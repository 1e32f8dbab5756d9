// Memory of one call: taken from the front, given back all at once.
import { AppError } from '../../base/errors.ts'
import { mostPages, pageBytes, type SharedMemory } from './module.ts'

/** An argument of a kernel, in the order of its structure in resources/kernels/kernels.h. */
export type Field = { readonly kind: 'word' | 'float' | 'double'; readonly value: number }
/** A pointer, a size_t or an int. */
export const word = (value: number): Field => ({ kind: 'word', value })
export const float = (value: number): Field => ({ kind: 'float', value })
export const double = (value: number): Field => ({ kind: 'double', value })

type Elements = Float32Array | Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array

export class Arena {
  readonly #memory: SharedMemory
  readonly #start: number
  #next: number

  /** @param start first byte that is free, a multiple of 16 */
  constructor(memory: SharedMemory, start: number) {
    this.#memory = memory
    this.#start = start
    this.#next = start
  }

  reset() {
    this.#next = this.#start
  }

  /** Bytes of memory that pages have been taken for. */
  get heldBytes(): number {
    return this.#memory.buffer.byteLength
  }

  /** Address of memory with any content. Fails with kernel.memory beyond 4 GB. */
  reserve(bytes: number): number {
    const address = this.#next
    const end = address + Math.ceil(bytes / 16) * 16
    const missing = Math.ceil((end - this.#memory.buffer.byteLength) / pageBytes)
    if (missing > 0) this.#grow(missing, end)
    this.#next = end
    return address
  }

  #grow(missing: number, end: number) {
    const held = this.#memory.buffer.byteLength / pageBytes
    const failed = () => new AppError('kernel.memory', { megabytes: Math.ceil(end / 2 ** 20) })
    if (held + missing > mostPages) throw failed()
    try {
      this.#memory.grow(missing)
    } catch {
      throw failed()
    }
  }

  /** Address of a copy; 0 for null. */
  put(elements: Elements | null): number {
    if (elements === null) return 0
    const address = this.reserve(elements.byteLength)
    const bytes = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength)
    new Uint8Array(this.#memory.buffer, address, elements.byteLength).set(bytes)
    return address
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length)
  }

  doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, address, length)
  }

  integers(address: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, address, length)
  }

  shorts(address: number, length: number): Uint16Array {
    return new Uint16Array(this.#memory.buffer, address, length)
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length)
  }

  /** Address of `bytes` zeros. */
  zeros(bytes: number): number {
    const address = this.reserve(bytes)
    this.bytes(address, bytes).fill(0)
    return address
  }

  /** Writes a structure; gives its address. The first word, the scratch pointer, is left 0. */
  putFields(fields: readonly Field[]): number {
    const address = this.zeros(8 * (fields.length + 2))
    const view = new DataView(this.#memory.buffer, address)
    let at = 4
    for (const { kind, value } of fields) {
      if (kind === 'double') {
        at = Math.ceil(at / 8) * 8
        view.setFloat64(at, value, true)
        at += 8
        continue
      }
      if (kind === 'float') view.setFloat32(at, value, true)
      else view.setUint32(at, value, true)
      at += 4
    }
    return address
  }
}
