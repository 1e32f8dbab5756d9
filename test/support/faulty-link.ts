// A link that does harm: drops, doubles or flips bytes by a seed, or ends at byte k of what the host sends.
import { seededRandom } from '../../src-main/base/random.ts'
import type { Link, LinkStream } from '../../src-main/device/links/link.ts'

export interface Faults {
  readonly seed: number
  /** Chances per chunk written or read. */
  readonly drop?: number
  readonly double?: number
  readonly flip?: number
  /** The stream ends when the host has sent this many bytes. */
  readonly disconnectAt?: number
  /** Text that is no frame, before every chunk to the host. */
  readonly noise?: Uint8Array
}

export function faultyLink(link: Link, faults: Faults): Link {
  return { ...link, open: async (signal) => spoil(await link.open(signal), faults) }
}

function spoil(stream: LinkStream, faults: Faults): LinkStream {
  const random = seededRandom(faults.seed)
  let sent = 0
  let lost = false
  let onClose: (cause?: unknown) => void = () => undefined
  const spoilt = (chunk: Uint8Array): Uint8Array[] => {
    if (random.next() < (faults.drop ?? 0)) return []
    const copy = chunk.slice()
    if (random.next() < (faults.flip ?? 0)) copy[random.below(copy.length)]! ^= 1 << random.below(8)
    return random.next() < (faults.double ?? 0) ? [copy, copy.slice()] : [copy]
  }
  return {
    kind: stream.kind,
    close: () => stream.close(),
    ...(stream.programFlash && { programFlash: stream.programFlash }),
    async write(bytes) {
      if (lost) throw new Error('pulled')
      const left = (faults.disconnectAt ?? Number.POSITIVE_INFINITY) - sent
      sent += bytes.length
      for (const part of spoilt(bytes.subarray(0, Math.min(bytes.length, left)))) await stream.write(part)
      if (bytes.length < left) return
      lost = true
      await stream.close()
      onClose(new Error('pulled'))
    },
    onData(listener) {
      stream.onData((chunk) => {
        if (lost) return
        if (faults.noise !== undefined) listener(faults.noise)
        for (const part of spoilt(chunk)) listener(part)
      })
    },
    onClose(listener) {
      onClose = listener
      stream.onClose(listener)
    },
  }
}
