// Bytes in, events out, at any chunking. Memory is bounded by the largest frame; damage is an event, never an exception.
import { decodeFrame, type Frame, maxEncodedBytes } from './frame.ts'

export type FrameEvent =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly bytes: Uint8Array }
  /** Bytes between two zeros that are no frame: noise, text of the MLPerf protocol, a damaged frame. */
  | { readonly kind: 'corrupt'; readonly problem: string; readonly bytes: Uint8Array }
  /** More than the largest frame without a zero; they were dropped. */
  | { readonly kind: 'oversize'; readonly dropped: number }

export class FrameDecoder {
  readonly #held: Uint8Array
  #length = 0
  #dropped = 0

  constructor(options: { readonly maxPayload: number }) {
    this.#held = new Uint8Array(maxEncodedBytes(options.maxPayload))
  }

  push(chunk: Uint8Array): FrameEvent[] {
    const events: FrameEvent[] = []
    let from = 0
    while (from < chunk.length) {
      const zero = chunk.indexOf(0, from)
      this.#hold(chunk.subarray(from, zero < 0 ? chunk.length : zero))
      if (zero < 0) break
      const event = this.#end()
      if (event !== null) events.push(event)
      from = zero + 1
    }
    return events
  }

  /** Forgets a frame begun, after the device has been restarted. */
  clear() {
    this.#length = 0
    this.#dropped = 0
  }

  #hold(bytes: Uint8Array) {
    if (this.#dropped > 0 || this.#length + bytes.length > this.#held.length) {
      this.#dropped += this.#length + bytes.length
      this.#length = 0
      return
    }
    this.#held.set(bytes, this.#length)
    this.#length += bytes.length
  }

  #end(): FrameEvent | null {
    const { kind, length, dropped } = { kind: 'oversize' as const, length: this.#length, dropped: this.#dropped }
    this.clear()
    if (dropped > 0) return { kind, dropped }
    if (length === 0) return null
    // A copy, because frames outlive the buffer.
    const bytes = this.#held.slice(0, length)
    const frame = decodeFrame(bytes)
    return typeof frame === 'string' ? { kind: 'corrupt', problem: frame, bytes } : { kind: 'frame', frame, bytes }
  }
}
