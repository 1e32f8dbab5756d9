// Constants in a file beside the model, which a model of more than two gigabytes needs (ONNX, External Data).
import { type DeferredBytes, type Encodable, joined } from './encode.ts'

/** Smaller constants stay in the model. */
const leastBytes = 1024

/** A page: what can be mapped into memory as it is. */
const alignment = 4096

type Place = Required<Pick<Encodable<'TensorProto'>, 'externalData' | 'dataLocation'>>

export class ExternalData {
  readonly #file: string
  readonly #parts: (Uint8Array | DeferredBytes)[] = []
  #length = 0

  constructor(file: string) {
    this.#file = file
  }

  /** Puts bytes at the end of the file; null for those that stay in the model. */
  place(bytes: DeferredBytes): Place | null {
    if (bytes.length < leastBytes) return null
    const offset = Math.ceil(this.#length / alignment) * alignment
    this.#parts.push(new Uint8Array(offset - this.#length), bytes)
    this.#length = offset + bytes.length
    const entries = { location: this.#file, offset: String(offset), length: String(bytes.length) }
    return { externalData: Object.entries(entries).map(([key, value]) => ({ key, value })), dataLocation: 1 }
  }

  /** Everything that has been placed. */
  content(): DeferredBytes {
    return joined(this.#parts, this.#length)
  }
}
