// A pack onto the device in chunks, several on their way at a time. What arrived is never sent again: after a lost or
// damaged chunk the device is asked where to go on, and so is it after a broken link.
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import { ForeignAnswerError, UnansweredError } from './channel.ts'
import type { ResponseBody } from './protocol/codec.ts'

export interface UploadProgress {
  readonly sentBytes: number
  readonly totalBytes: number
}

export interface UploadTarget {
  /** modelBegin: gives the offset to go on from. */
  begin(): Promise<number>
  /** modelChunk: gives what the device has now. */
  chunk(offset: number, data: Uint8Array): Promise<number>
  /** Modifies nothing on the device; for the message. */
  readonly device: string
}

/** Restarts in a row that brought no byte further. */
const mostFruitlessRestarts = 5
/** More on their way gain nothing: the window is a few frames long. */
const chunksInFlight = 8

export async function uploadBytes(
  target: UploadTarget,
  bytes: Uint8Array,
  chunkBytes: number,
  onProgress: (progress: UploadProgress) => void,
): Promise<void> {
  let reached = -1
  let fruitless = 0
  for (;;) {
    const offset = await target.begin()
    if (offset > bytes.length) throw protocolFailure(target.device, offset)
    onProgress({ sentBytes: offset, totalBytes: bytes.length })
    if (offset === bytes.length) return
    fruitless = offset > reached ? 0 : fruitless + 1
    reached = Math.max(reached, offset)
    const failure = await sendFrom(target, bytes, offset, chunkBytes, onProgress)
    if (failure !== null && fruitless >= mostFruitlessRestarts) throw failure
  }
}

/** Null when all was acknowledged, or the device asks to go on elsewhere; otherwise the silence that stopped it. */
async function sendFrom(
  target: UploadTarget,
  bytes: Uint8Array,
  start: number,
  chunkBytes: number,
  onProgress: (progress: UploadProgress) => void,
): Promise<Error | null> {
  const inFlight: { end: number; received: Promise<number> }[] = []
  let next = start
  try {
    for (;;) {
      while (next < bytes.length && inFlight.length < chunksInFlight) {
        const end = Math.min(next + chunkBytes, bytes.length)
        const received = target.chunk(next, bytes.subarray(next, end))
        received.catch(() => undefined)
        inFlight.push({ end, received })
        next = end
      }
      const head = inFlight.shift()
      if (head === undefined) return null
      const received = await head.received
      if (received !== head.end) return new UnansweredError(0)
      onProgress({ sentBytes: head.end, totalBytes: bytes.length })
    }
  } catch (error) {
    if (error instanceof UnansweredError) return error
    throw error
  } finally {
    await Promise.allSettled(inFlight.map((chunk) => chunk.received))
  }
}

function protocolFailure(device: string, offset: number): AppError {
  const cause = new ForeignAnswerError(`upload offset ${offset} is past the end`, new Uint8Array())
  return new AppError(
    'device.protocol',
    { device, found: 'another', expected: say`offsets within the pack` },
    { cause },
  )
}

/** Bytes of a chunk: as long as a payload may be, and at least two of them within the window. */
export function chunkSize(hello: ResponseBody<'hello'>): number {
  const frameOverhead = 16
  const header = 4
  const forTwo = Math.floor(hello.window / 2) - frameOverhead - Math.ceil(hello.window / 254)
  return Math.max(16, Math.min(hello.maxPayload - header, forTwo))
}
