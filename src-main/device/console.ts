// A console on a device's line: what it says as text, frames that pass in words, and commands of the MLPerf text protocol.
// It says hello to nobody, so it works with any firmware that speaks text.
import type { Link, LinkStream } from './links/link.ts'
import { describeFrame } from './protocol/describe.ts'
import { decodeFrame } from './protocol/frame.ts'

export interface ConsoleText {
  readonly kind: 'text' | 'frame' | 'dropped'
  readonly text: string
}

/** Bytes of a line that has no end. */
const longestLine = 4096

/**
 * Lines out of bytes at any chunking. A zero ends a frame or begins one; what lies between two zeros and is no frame is
 * text as well, as long as it can be read.
 */
export class ConsoleDecoder {
  #held: number[] = []

  push(chunk: Uint8Array): ConsoleText[] {
    const lines: ConsoleText[] = []
    for (const byte of chunk) {
      if (byte === 0 || (byte === 10 && this.#isText())) lines.push(...this.#end())
      else this.#held.push(byte)
      if (this.#held.length >= longestLine) lines.push(...this.#end())
    }
    return lines
  }

  /** What has come of a line that is not ended yet. */
  flush(): ConsoleText[] {
    return this.#end()
  }

  #isText(): boolean {
    return this.#held.every((byte) => byte >= 32 || byte === 9 || byte === 13)
  }

  #end(): ConsoleText[] {
    const bytes = Uint8Array.from(this.#held)
    this.#held = []
    if (bytes.length === 0 || (bytes.length === 1 && bytes[0] === 13)) return []
    const frame = bytes.length >= 6 ? decodeFrame(bytes) : 'too short'
    if (typeof frame !== 'string') return [{ kind: 'frame', text: describeFrame(frame) }]
    const readable = bytes.every((byte) => (byte >= 32 && byte < 127) || byte === 9 || byte === 13)
    if (readable) return [{ kind: 'text', text: String.fromCharCode(...bytes).replace(/\r/g, '') }]
    const hex = Array.from(bytes.subarray(0, 32), (byte) => byte.toString(16).padStart(2, '0')).join(' ')
    return [{ kind: 'dropped', text: bytes.length > 32 ? `${hex} … (${bytes.length})` : hex }]
  }
}

export interface DeviceConsole extends AsyncDisposable {
  /** A command without its final %. */
  send(line: string): Promise<void>
}

export async function openConsole(
  link: Link,
  signal: AbortSignal,
  listener: { text(line: ConsoleText): void; closed(cause?: unknown): void },
): Promise<DeviceConsole> {
  const stream: LinkStream = await link.open(signal)
  const decoder = new ConsoleDecoder()
  stream.onData((chunk) => decoder.push(chunk).forEach(listener.text))
  stream.onClose((cause) => {
    decoder.flush().forEach(listener.text)
    listener.closed(cause)
  })
  return {
    send: (line) => stream.write(new TextEncoder().encode(`${line}%`)),
    [Symbol.asyncDispose]: () => stream.close(),
  }
}
