// Requests and their answers over one link stream: sequence numbers, the window, time limits, retransmission, the log.
// It knows nothing of models; session.ts does.
import type { Clock } from '../base/clock.ts'
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import type { Link, LinkStream } from './links/link.ts'
import {
  type Answer,
  type DeviceRefusal,
  decodeAnswer,
  isAnswerTo,
  type RequestBody,
  type ResponseBody,
  requestPayload,
} from './protocol/codec.ts'
import { describeFrame } from './protocol/describe.ts'
import { encodeFrame, type Frame, requestBit } from './protocol/frame.ts'
import { FrameDecoder, type FrameEvent } from './protocol/frame-decoder.ts'
import { type MessageName, messages } from './protocol/messages.ts'

export interface LogEntry {
  readonly direction: 'sent' | 'received'
  readonly hex: string
  /** The frame in words, or why it is none. */
  readonly text: string
}

/** The device answered that it will not. */
export class RefusedError extends Error {
  readonly refusal: DeviceRefusal
  constructor(refusal: DeviceRefusal) {
    super(`${refusal.error} ${refusal.note}`)
    this.name = 'RefusedError'
    this.refusal = refusal
  }
}

/** No answer came in time: the request may or may not have been done. */
export class UnansweredError extends Error {
  readonly waitedMs: number
  constructor(waitedMs: number) {
    super(`no answer in ${waitedMs} ms`)
    this.name = 'UnansweredError'
    this.waitedMs = waitedMs
  }
}

/** A whole frame with the right CRC that this protocol does not know: the peer speaks another one. */
export class ForeignAnswerError extends Error {
  readonly payload: Uint8Array
  constructor(problem: string, payload: Uint8Array) {
    super(problem)
    this.name = 'ForeignAnswerError'
    this.payload = payload
  }
}

export interface RequestOptions {
  readonly signal: AbortSignal
  /** Time the device works on it, above what the bytes take on the link. */
  readonly workMs?: number
  /** Patience with a busy computer, instead of the usual. */
  readonly graceMs?: number
  /** Bytes the answer will have, for the time limit. */
  readonly answerBytes?: number
  /** How often it may be sent; more than once only when doing it twice is the same as doing it once. Default 1. */
  readonly attempts?: number
}

interface Pending {
  readonly name: MessageName
  readonly bytes: number
  readonly settle: (frame: Frame) => void
  readonly fail: (error: unknown) => void
}

/** Grace for a computer that is busy with other things. */
const usualGraceMs = 1500
/** Frames in a row that were none, after which the link counts as broken. */
const mostDamagedFrames = 24
/** The length of whatever a device says fits a u16, so the decoder holds any of it. */
const largestPayload = 0xffff

export class Channel {
  readonly #link: Link
  readonly #stream: LinkStream
  readonly #clock: Clock
  readonly #log: ((entry: LogEntry) => void) | undefined
  readonly #decoder = new FrameDecoder({ maxPayload: largestPayload })
  readonly #pending = new Map<number, Pending>()
  #seq: number
  #inFlightBytes = 0
  #damaged = 0
  #broken: AppError | null = null
  /** Requests go out in the order they were made: the device works them off in order. */
  #turn: Promise<void> = Promise.resolve()
  #wakeSender: () => void = () => {}
  /** What the user would call the work going on, for device.lost. */
  during: Note = say`the handshake`
  /** Bytes of unanswered frames that the device can take. */
  window = 64

  constructor(
    link: Link,
    stream: LinkStream,
    options: { readonly clock: Clock; readonly firstSeq: number; readonly log?: (entry: LogEntry) => void },
  ) {
    this.#link = link
    this.#stream = stream
    this.#clock = options.clock
    this.#log = options.log
    this.#seq = options.firstSeq & 0xffff
    stream.onData((chunk) => {
      for (const event of this.#decoder.push(chunk)) this.#take(event)
    })
    stream.onClose((cause) => this.#lose(cause))
  }

  get stream() {
    return this.#stream
  }
  /** Damaged frames since the last good one. */
  get damagedFrames() {
    return this.#damaged
  }

  /** Rejects with RefusedError, UnansweredError, ForeignAnswerError, AppError or the signal's reason. */
  async request<M extends MessageName>(
    name: M,
    body: RequestBody<M>,
    options: RequestOptions,
  ): Promise<ResponseBody<M>> {
    const seq = this.#nextSeq()
    const frame = { type: messages[name].id | requestBit, seq, payload: requestPayload(name, body) }
    let waitedMs = 0
    for (let attempt = 0; attempt < (options.attempts ?? 1); attempt++) {
      try {
        const answer = await this.#exchange(name, frame, options)
        return readAnswer(decodeAnswer(name, answer), answer)
      } catch (error) {
        if (!(error instanceof UnansweredError)) throw error
        waitedMs += error.waitedMs
      }
    }
    throw new UnansweredError(waitedMs)
  }

  /** After the device was restarted: nothing that was on its way comes any more. */
  clear() {
    this.#decoder.clear()
    this.#failAll(new UnansweredError(0))
  }

  async close() {
    this.#broken ??= new AppError('device.lost', { device: this.#link.name, during: this.during })
    this.#failAll(this.#broken)
    await this.#stream.close()
  }

  async #exchange(name: MessageName, frame: Frame, options: RequestOptions): Promise<Frame> {
    const { signal } = options
    const encoded = encodeFrame(frame)
    const timer = new AbortController()
    const { promise, resolve, reject } = Promise.withResolvers<Frame>()
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    try {
      await this.#inTurn(async () => {
        await this.#room(encoded.length, signal)
        this.#pending.set(frame.seq, { name, bytes: encoded.length, settle: resolve, fail: reject })
        this.#inFlightBytes += encoded.length
        this.#write(frame, encoded)
      })
      const waitMs = this.#limitMs(options)
      this.#clock.sleep(waitMs, timer.signal).then(
        () => reject(new UnansweredError(waitMs)),
        () => undefined,
      )
      return await promise
    } finally {
      promise.catch(() => undefined)
      signal.removeEventListener('abort', stop)
      timer.abort()
      this.#forget(frame.seq)
    }
  }

  async #inTurn(send: () => Promise<void>) {
    const before = this.#turn
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#turn = promise
    await before
    try {
      await send()
    } finally {
      resolve()
    }
  }

  /** Waits until the device can take `bytes` more. A frame larger than the window goes alone. */
  async #room(bytes: number, signal: AbortSignal) {
    const wake = () => this.#wakeSender()
    signal.addEventListener('abort', wake, { once: true })
    try {
      for (;;) {
        signal.throwIfAborted()
        if (this.#broken !== null) throw this.#broken
        if (this.#inFlightBytes === 0 || this.#inFlightBytes + bytes <= this.window) return
        const { promise, resolve } = Promise.withResolvers<void>()
        this.#wakeSender = resolve
        await promise
      }
    } finally {
      signal.removeEventListener('abort', wake)
    }
  }

  #limitMs(options: RequestOptions) {
    const onLink = this.#inFlightBytes + (options.answerBytes ?? 64)
    return Math.ceil(
      (options.graceMs ?? usualGraceMs) + (onLink * 1000) / this.#link.bytesPerSecond + (options.workMs ?? 0),
    )
  }

  #nextSeq() {
    do this.#seq = (this.#seq + 1) & 0xffff
    while (this.#pending.has(this.#seq))
    return this.#seq
  }

  #forget(seq: number) {
    const pending = this.#pending.get(seq)
    if (pending === undefined) return
    this.#pending.delete(seq)
    this.#inFlightBytes -= pending.bytes
    this.#wakeSender()
  }

  #write(frame: Frame, encoded: Uint8Array) {
    this.#log?.({ direction: 'sent', hex: hex(encoded), text: describeFrame(frame) })
    this.#stream.write(encoded).catch((cause: unknown) => this.#lose(cause))
  }

  #take(event: FrameEvent) {
    this.#log?.({ direction: 'received', ...describeEvent(event) })
    if (event.kind === 'frame') {
      this.#damaged = 0
      const pending = this.#pending.get(event.frame.seq)
      // An answer nobody waits for (late, doubled by the link, or to a session before this one) ends here.
      if (pending && isAnswerTo(pending.name, event.frame.type)) pending.settle(event.frame)
      return
    }
    this.#damaged++
    if (this.#damaged % mostDamagedFrames === 0) {
      this.#failAll(new AppError('device.corrupt', { device: this.#link.name, count: this.#damaged }))
    }
  }

  #lose(cause: unknown) {
    this.#broken ??= new AppError('device.lost', { device: this.#link.name, during: this.during }, { cause })
    this.#failAll(this.#broken)
  }

  #failAll(error: unknown) {
    for (const pending of [...this.#pending.values()]) pending.fail(error)
    this.#wakeSender()
  }
}

function readAnswer<M extends MessageName>(answer: Answer<M>, frame: Frame): ResponseBody<M> {
  switch (answer.kind) {
    case 'response':
      return answer.body
    case 'refusal':
      throw new RefusedError(answer.refusal)
    case 'malformed':
      throw new ForeignAnswerError(answer.problem, frame.payload)
  }
}

function describeEvent(event: FrameEvent): { hex: string; text: string } {
  switch (event.kind) {
    case 'frame':
      return { hex: hex(event.bytes), text: describeFrame(event.frame) }
    case 'corrupt':
      return { hex: hex(event.bytes), text: describeSkipped(event) }
    case 'oversize':
      return { hex: '', text: `skipped: ${event.dropped} bytes without the end of a frame` }
  }
}

/** Firmware that greets in text does so before the first frame: nothing is wrong then. */
function describeSkipped({ bytes, problem }: Extract<FrameEvent, { kind: 'corrupt' }>): string {
  const isText =
    bytes.length > 0 && bytes.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127))
  return isText ? `text, not for us: ${JSON.stringify(String.fromCharCode(...bytes))}` : `skipped, no frame: ${problem}`
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
